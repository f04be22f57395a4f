/** One message as Discord shows it. */

import { BOT_AVATAR, avatar, emojiPicture } from "./avatars.js";
import { sentAt } from "./clock.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { markdown, oneLine } from "./markdown.js";

const EPHEMERAL = 1 << 6;
const LOADING = 1 << 7;
const LINK_BUTTON = 5;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "destructive", 5: "secondary" };

/** @param {any} message */
export const isPrivate = (message) => Boolean((message.flags ?? 0) & EPHEMERAL);

/** The channel whose page shows a message: that of a post is its forum. @param {any} message @returns {string} */
export const shownIn = (message) => message.shown_in ?? message.channel_id;

/** All buttons of a message. @param {any} message @returns {any[]} */
export const buttonsOf = (message) =>
  (message.components ?? []).flatMap((row) => row.components ?? []).filter((component) => component.type === 2);

/**
 * @param {any} message
 * @param {import("./session.js").Session} session
 * @param {object} handlers
 * @param {(button: any) => void} handlers.onClick
 * @param {(emoji: string, hasReacted: boolean) => void} handlers.onReact
 * @param {(anchor: HTMLElement) => void} handlers.onMenu
 * @param {() => void} handlers.onDismiss
 * @param {(id: string) => any} handlers.find another message of the channel
 */
export function messageElement(message, session, handlers) {
  const author = authorOf(message.author, session);
  const { names } = session;
  return h(
    "discord-message",
    {
      id: `message-${message.id}`,
      role: "article",
      "aria-label": `${author.name}, ${sentAt(unix(message.timestamp), names.locale)}`,
      class: isPrivate(message) ? "private" : "",
      author: author.name,
      avatar: author.avatar,
      bot: author.isBot,
      "role-color": author.colour,
      timestamp: sentAt(unix(message.timestamp), names.locale),
      edited: Boolean(message.edited_timestamp && message.content),
      oncontextmenu: (event) => {
        event.preventDefault();
        handlers.onMenu(event.currentTarget.querySelector(".tools button"));
      },
    },
    tools(author, handlers),
    context(message, session, handlers.find),
    ...content(message, names),
    ...(message.embeds ?? []).map((embed) => embedElement(embed, names)),
    attachments(message),
    ...(message.components ?? []).map((row) => buttonRow(row, handlers.onClick)),
    reactions(message, session, handlers.onReact),
    isPrivate(message) && onlyYou(handlers.onDismiss),
  );
}

const unix = (timestamp) => Date.parse(timestamp) / 1000;

function authorOf({ id, global_name, username }, session) {
  const { application, members } = session.world;
  if (id === application.id) return { name: application.name, avatar: BOT_AVATAR, isBot: true, colour: null };
  const member = members.find((known) => known.id === id);
  const name = member?.name ?? global_name ?? username;
  return { name, avatar: avatar(name, member?.color), isBot: Boolean(member?.is_bot), colour: session.colour(id) };
}

function tools(author, { onMenu }) {
  const open = (event) => onMenu(event.currentTarget);
  const more = h(
    "button",
    { type: "button", "aria-haspopup": "menu", "aria-label": `More: message of ${author.name}`, onclick: open },
    "…",
  );
  return h("div", { class: "tools", slot: "reply" }, more);
}

/** What stands above a message: the message or the command that it answers. */
function context(message, session, find) {
  const { message_reference: reference, interaction_metadata: metadata, interaction } = message;
  const original = message.referenced_message ?? find(metadata?.interacted_message_id);
  if (original) {
    const { name, avatar: picture, isBot, colour } = authorOf(original.author, session);
    const text = original.content || original.embeds?.[0]?.title || "Click to see the attachment";
    return h(
      "discord-reply",
      { slot: "reply", author: name, avatar: picture, bot: isBot, "role-color": colour },
      ...oneLine(text.split("\n")[0], session.names),
    );
  }
  if (reference) return h("discord-reply", { slot: "reply", deleted: true });
  if (!interaction) return null;
  const { name, avatar: picture, colour } = authorOf(interaction.user, session);
  return h("discord-command", {
    slot: "reply",
    author: name,
    avatar: picture,
    "role-color": colour,
    type: "slash_command",
    command: interaction.name,
  });
}

function content(message, names) {
  if (message.flags & LOADING) return [h("span", { class: "thinking" }, "Resonance is thinking…")];
  return markdown(message.content ?? "", names);
}

function embedElement(embed, names) {
  const colour =
    embed.color === undefined || embed.color === null ? undefined : `#${embed.color.toString(16).padStart(6, "0")}`;
  // The component renders no markup in titles and Discord does: put the title into the description.
  return h(
    "discord-embed",
    { slot: "embeds", color: colour },
    embed.title && h("div", { slot: "description", class: "embed-title" }, ...oneLine(embed.title, names)),
    embed.description &&
      h("discord-embed-description", { slot: "description" }, ...markdown(embed.description, names, true)),
    embed.fields?.length > 0 &&
      h("discord-embed-fields", { slot: "fields" }, ...embed.fields.map((field) => embedField(field, names))),
    embed.footer && h("discord-embed-footer", { slot: "footer" }, embed.footer.text),
  );
}

const embedField = ({ name, value, inline }, names) =>
  h(
    "discord-embed-field",
    { inline: Boolean(inline) },
    h("div", { class: "field-title" }, ...oneLine(name, names)),
    ...markdown(value, names, true),
  );

function attachments(message) {
  const files = message.attachments ?? [];
  if (files.length === 0) return null;
  return h("discord-attachments", { slot: "attachments" }, ...files.map(fileElement));
}

function fileElement({ filename, size, url }) {
  const here = new URL(url, location.href).pathname; // the playground serves the file too
  const file = h("discord-file-attachment", { name: filename, bytes: (size / 1024).toFixed(1), "bytes-unit": "KB" });
  const link = h(
    "a",
    { class: "download", href: here, download: filename, "aria-label": `Download ${filename}` },
    file,
  );
  return link;
}

function buttonRow(row, onClick) {
  return h(
    "discord-action-row",
    { slot: "components" },
    ...(row.components ?? []).filter(({ type }) => type === 2).map((button) => buttonElement(button, onClick)),
  );
}

function buttonElement(button, onClick) {
  const label = [button.emoji?.name, button.label].filter(Boolean).join(" ");
  const isLink = button.style === LINK_BUTTON;
  const press = () => button.disabled || isLink || onClick(button);
  const element = h(
    "discord-button",
    {
      type: STYLES[button.style] ?? "secondary",
      disabled: Boolean(button.disabled),
      url: isLink ? button.url : null,
      "data-custom-id": button.custom_id,
      onclick: press,
    },
    label,
  );
  if (button.disabled) disable(element);
  return element;
}

/** Disable the button inside, too: the component only looks disabled. @param {any} element */
async function disable(element) {
  await customElements.whenDefined("discord-button");
  await new Promise(requestAnimationFrame); // wait until it has rendered
  await element.updateComplete;
  element.shadowRoot.querySelector("button")?.setAttribute("disabled", "");
}

function reactions(message, session, onReact) {
  const shown = message.reactions ?? [];
  if (shown.length === 0) return null;
  return h("discord-reactions", { slot: "reactions" }, ...shown.map((one) => reactionButton(one, session, onReact)));
}

function reactionButton({ emoji, count, count_details: { burst }, users = [] }, session, onReact) {
  const hasReacted = users.includes(session.member.id);
  const supers = burst ? `, ${burst} of them super` : "";
  return h(
    "button",
    {
      type: "button",
      class: burst ? "reaction super" : "reaction",
      title: reactors(users, count, session.names),
      "aria-pressed": String(hasReacted),
      "aria-label": `${emoji.name}, ${count} ${count === 1 ? "reaction" : "reactions"}${supers}`,
      onclick: () => onReact(emoji.id ? `${emoji.name}:${emoji.id}` : emoji.name, hasReacted),
    },
    h("discord-reaction", {
      emoji: emoji.id ? emojiPicture(emoji.name) : emoji.name,
      name: emoji.name,
      count,
      reacted: hasReacted,
    }),
  );
}

const NAMED = 10; // of those who reacted

/** Who reacted, as Discord tells who points at a reaction. */
function reactors(users, count, names) {
  const named = users.slice(0, NAMED).map((id) => names.member(id)?.name ?? "somebody else");
  const others = count - named.length;
  return new Intl.ListFormat("en").format(others > 0 ? [...named, `${others} more`] : named);
}

const onlyYou = (onDismiss) =>
  h(
    "div",
    { slot: "reactions", class: "only-you" },
    icon("eye"),
    "Only you can see this •",
    h("button", { type: "button", class: "link", onclick: onDismiss }, "Dismiss message"),
  );
