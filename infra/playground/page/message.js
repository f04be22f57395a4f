/** One message as Discord shows it. */

import { BOT_AVATAR, avatar, emojiPicture } from "./avatars.js";
import { sentAt } from "./clock.js";
import { readable } from "./colour.js";
import { h } from "./dom.js";
import { embedElement } from "./embed.js";
import { icon } from "./icons.js";
import { markdown, oneLine } from "./markdown.js";
import { attachments } from "./media.js";
import { partElement } from "./parts.js";

const EPHEMERAL = 1 << 6;
const LOADING = 1 << 7;

/** @param {any} message */
export const isPrivate = (message) => Boolean((message.flags ?? 0) & EPHEMERAL);

/** The channel whose page shows a message: that of a post is its forum. @param {any} message @returns {string} */
export const shownIn = (message) => message.shown_in ?? message.channel_id;

/**
 * @param {any} message
 * @param {import("./session.js").Session} session
 * @param {object} handlers
 * @param {(button: any) => void} handlers.onClick
 * @param {(select: any, values: string[]) => void} handlers.onSelect
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
    ...(message.embeds ?? []).map((embed) => embedElement(embed, message, names)),
    attachments(message),
    parts(message, session, handlers),
    reactions(message, session, handlers.onReact),
    isPrivate(message) && onlyYou(handlers.onDismiss),
  );
}

/**
 * Bring the time of a shown message up to date.
 * @param {Element} element
 * @param {any} message
 * @param {string} locale
 */
export function tellTime(element, message, locale) {
  const text = sentAt(unix(message.timestamp), locale);
  if (element.getAttribute("timestamp") !== text) element.setAttribute("timestamp", text);
}

const unix = (timestamp) => Date.parse(timestamp) / 1000;

function authorOf({ id, global_name, username }, session) {
  const { application, members } = session.world;
  if (id === application.id) return { name: application.name, avatar: BOT_AVATAR, isBot: true, colour: null };
  const member = members.find((known) => known.id === id);
  const name = member?.name ?? global_name ?? username;
  const colour = readable(session.colour(id));
  return { name, avatar: avatar(name, member?.color), isBot: Boolean(member?.is_bot), colour };
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

function parts(message, session, { onClick, onSelect }) {
  const components = message.components ?? [];
  const context = { message, session, onClick, onSelect };
  return (
    components.length > 0 &&
    h("div", { slot: "components", class: "parts" }, ...components.map((part) => partElement(part, context)))
  );
}

function content(message, names) {
  if (message.flags & LOADING) return [h("span", { class: "thinking" }, "Resonance is thinking…")];
  return markdown(message.content ?? "", names);
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
