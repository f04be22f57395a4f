/**
 * Discord's messages as web components (@skyra/discord-components-core), in this page's colours.
 * They use the page's variables, so that one style sheet keeps contrast and themes.
 */

import "@skyra/discord-components-core/discord-author-info/DiscordAuthorInfo.js";
import "@skyra/discord-components-core/discord-code/DiscordCode.js";
import "@skyra/discord-components-core/discord-command/DiscordCommand.js";
import "@skyra/discord-components-core/discord-file-attachment/DiscordFileAttachment.js";
import "@skyra/discord-components-core/discord-header/DiscordHeader.js";
import "@skyra/discord-components-core/discord-link/DiscordLink.js";
import "@skyra/discord-components-core/discord-list-item/DiscordListItem.js";
import "@skyra/discord-components-core/discord-mention/DiscordMention.js";
import "@skyra/discord-components-core/discord-message/DiscordMessage.js";
import "@skyra/discord-components-core/discord-messages/DiscordMessages.js";
import "@skyra/discord-components-core/discord-ordered-list/DiscordOrderedList.js";
import "@skyra/discord-components-core/discord-pre/DiscordPre.js";
import "@skyra/discord-components-core/discord-reaction/DiscordReaction.js";
import "@skyra/discord-components-core/discord-reactions/DiscordReactions.js";
import "@skyra/discord-components-core/discord-reply/DiscordReply.js";
import "@skyra/discord-components-core/discord-time/DiscordTime.js";
import "@skyra/discord-components-core/discord-unordered-list/DiscordUnorderedList.js";
import "@skyra/discord-components-core/discord-verified-author-tag/DiscordVerifiedAuthorTag.js";

const STYLES = {
  "discord-message": `
    :host, :host([light-theme]) { color: var(--text); padding-right: 1em; }
    :host(:hover) { background-color: var(--hover); }
    :host(.private) { background-color: var(--private); }
    :host(.private) { box-shadow: inset 2px 0 var(--accent); }
    :host .discord-message-timestamp, :host([light-theme]) .discord-message-timestamp { color: var(--muted); }
    :host .discord-message-edited, :host([light-theme]) .discord-message-edited { color: var(--muted); }
    .discord-message-timestamp { margin-left: 6px; }
    .discord-author-avatar img { cursor: default; }
    .discord-message-content { min-width: 0; }
    @media (max-width: 480px) { .discord-author-avatar { margin-right: 12px; } }`,
  "discord-author-info": `
    :host .discord-author-username, :host([light-theme]) .discord-author-username { color: var(--strong); }
    :host .discord-author-username:hover { text-decoration: none; cursor: text; }`,
  "discord-code": `
    :host { background: none; }
    :host code, :host([multiline]) code, :host([light-theme]) code, :host([embed]) code {
      margin: 0;
      background: var(--code);
      border-color: var(--line);
    }`,
  "discord-header": ":host(:first-child) > * { margin-top: 0; }",
  "discord-link":
    "a, .discord-link-light-theme a { color: var(--link); } a:focus-visible { outline: 2px solid var(--focus); }",
  "discord-mention": `
    :host, :host([light-theme]), :host(:hover), :host([light-theme]:hover) {
      color: var(--mention);
      background-color: var(--mention-back);
      cursor: default;
    }
    :host { display: inline-block; max-width: 100%; overflow: clip; text-overflow: ellipsis; white-space: nowrap; }
    :host { line-height: 1.25; }`,
  "discord-time": ":host { background-color: var(--code); }",
  "discord-reaction": `
    :host > *:first-child { background-color: var(--embed); margin: 0; }
    :host([reacted]) > *:first-child { background-color: var(--mention-back); border-color: var(--accent); }
    :host .discord-reaction-count, :host([reacted]) .discord-reaction-count { color: var(--text); }`,
  "discord-reply": `
    :host, :host([light-theme]) { color: var(--muted); padding-right: 44px; }
    .discord-replied-message-username { color: var(--text); opacity: 1; }
    .discord-replied-message-content { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }`,
  "discord-command": `
    :host, :host([light-theme]) { color: var(--muted); }
    .discord-replied-message-username { color: var(--text); opacity: 1; }
    :host .discord-slash-command-name, :host .discord-slash-command-name:hover {
      color: var(--mention) !important;
      background-color: var(--mention-back);
    }`,
  "discord-file-attachment": `
    .discord-file-attachment-mosaic-style, .discord-file-attachment-mosaic-style.discord-file-attachment-light-theme {
      background-color: var(--embed);
      border-color: var(--line);
    }
    .discord-file-attachment-metadata { color: var(--muted); }
    .discord-button-download-attachment { display: none !important; }`,
};

// Lit gives every instance the sheets of its class; put ours last, so that they win.
for (const [name, style] of Object.entries(STYLES)) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  customElements.get(name).elementStyles.push(sheet);
}
