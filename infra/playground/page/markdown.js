/** Discord's markup as nodes. Whatever Discord does not render stays text. */

import { emojiPicture } from "./avatars.js";
import { exact, written } from "./clock.js";
import { readable } from "./colour.js";
import { h } from "./dom.js";

/**
 * Where mentions are looked up.
 * @typedef {object} Names
 * @property {(id: string) => {name: string, color?: string} | undefined} member
 * @property {(id: string) => {name: string, color?: string} | undefined} role
 * @property {(id: string) => {name: string} | undefined} channel
 * @property {string} locale
 */

const FENCE = /```(?:[\w+-]*\n)?([\s\S]+?)```\n?/g;

/**
 * A text with its code blocks, headings, lists and quotes.
 * @param {string} text
 * @param {Names} names
 * @param {boolean} [inEmbed]
 * @returns {Node[]}
 */
export function markdown(text, names, inEmbed = false) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(FENCE)) {
    nodes.push(...blocks(text.slice(end, match.index), names, inEmbed));
    nodes.push(h("discord-code", { multiline: true, embed: inEmbed }, match[1].replace(/\n$/, "")));
    end = match.index + match[0].length;
  }
  return [...nodes, ...blocks(text.slice(end), names, inEmbed)];
}

/** A text on one line, such as the title of an embed. @param {string} text @param {Names} names */
export const oneLine = (text, names) => inline(text, { names, inEmbed: true });

/** The same without markup. @param {string} text @param {Names} names */
export const withoutMarkup = (text, names) => h("span", {}, ...oneLine(text, names)).textContent ?? "";

const BLOCKS = [
  {
    line: /^(#{1,3}) +(.+)$/,
    build: ([match], context) => [h("discord-header", { level: match[1].length }, ...inline(match[2], context))],
  },
  { line: /^-# +(.+)$/, build: ([match], context) => [h("small", { class: "subtext" }, ...inline(match[1], context))] },
  {
    line: /^>(?!>>) ?(.*)$/,
    run: true,
    build: (matches, context) => [
      h(
        "blockquote",
        {},
        ...lines(
          matches.map((match) => match[1]),
          context,
        ),
      ),
    ],
  },
  {
    line: /^ *[-*] +(.+)$/,
    run: true,
    build: (matches, context) => [h("discord-unordered-list", {}, ...items(matches, context))],
  },
  {
    line: /^ *\d+\. +(.+)$/,
    run: true,
    build: (matches, context) => [h("discord-ordered-list", {}, ...items(matches, context))],
  },
];

const items = (matches, context) => matches.map((match) => h("discord-list-item", {}, ...inline(match[1], context)));

function blocks(text, names, inEmbed) {
  const context = { names, inEmbed };
  const rest = text.split("\n");
  const nodes = [];
  let plain = [];
  const flush = () => {
    nodes.push(...lines(plain, context));
    plain = [];
  };
  while (rest.length > 0) {
    const block = BLOCKS.find(({ line }) => line.test(rest[0]));
    if (!block) {
      plain.push(rest.shift());
      continue;
    }
    flush();
    const matches = [];
    do matches.push(block.line.exec(rest.shift()));
    while (block.run && rest.length > 0 && block.line.test(rest[0]));
    nodes.push(...block.build(matches, context));
  }
  flush();
  return nodes;
}

const lines = (texts, context) =>
  texts.flatMap((text, index) => [...(index ? [h("br")] : []), ...inline(text, context)]);

const LINK = String.raw`https?:\/\/[^\s<>)\]]*[^\s<>)\].,:;"'!?]`;

// The first pattern that matches at a position is used. All are sticky.
const INLINE = [
  { pattern: /\\([^\p{L}\p{N}\s])/uy, build: (match) => match[1] },
  {
    pattern: /(`+)([\s\S]*?[^`])\1(?!`)/y,
    build: (match, { inEmbed }) => h("discord-code", { embed: inEmbed }, match[2]),
  },
  {
    pattern: new RegExp(String.raw`\[((?:\\.|[^\]\\])+)\]\((${LINK})\)`, "y"),
    build: (match, context) => link(match[2], context, inline(match[1], context)),
  },
  { pattern: new RegExp(`<?(${LINK})>?`, "y"), build: (match, context) => link(match[1], context) },
  {
    pattern: /<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y,
    build: (match, { names }) => time(Number(match[1]), match[2] ?? "f", names),
  },
  { pattern: /<@!?(\d+)>/y, build: (match, { names }) => mention("user", names.member(match[1])?.name) },
  { pattern: /<@&(\d+)>/y, build: (match, { names }) => roleMention(names.role(match[1])) },
  { pattern: /<#(\d+)>/y, build: (match, { names }) => mention("channel", names.channel(match[1])?.name) },
  { pattern: /<a?:(\w{2,32}):\d+>/y, build: (match) => emojiElement(match[1]) },
  { pattern: /<\/([^:>]+):\d+>/y, build: (match) => commandMention(match[1]) },
  {
    pattern: /\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/y,
    build: (match, context) => h("strong", {}, ...inline(match[1], context)),
  },
  { pattern: /__((?:\\[\s\S]|[^\\])+?)__(?!_)/y, build: (match, context) => h("u", {}, ...inline(match[1], context)) },
  { pattern: /~~((?:\\[\s\S]|[^\\])+?)~~/y, build: (match, context) => h("s", {}, ...inline(match[1], context)) },
  {
    pattern: /\*(?=\S)((?:\*\*|\\[\s\S]|[^\\*])+?)\*(?!\*)/y,
    build: (match, context) => h("em", {}, ...inline(match[1], context)),
  },
  {
    pattern: /(?<![\p{L}\p{N}])_((?:__|\\[\s\S]|[^\\_])+?)_(?![\p{L}\p{N}_])/uy,
    build: (match, context) => h("em", {}, ...inline(match[1], context)),
  },
];

const STARTS = /[\\`[<h*_~]/g; // where one of the above can begin; h as in http

function inline(text, context) {
  const nodes = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    STARTS.lastIndex = at;
    const start = STARTS.exec(text)?.index ?? text.length;
    plain += text.slice(at, start);
    at = start;
    const found = at < text.length && matchAt(text, at);
    if (found) {
      nodes.push(plain, found.build(found.match, context));
      plain = "";
      at += found.match[0].length;
    } else if (at < text.length) {
      plain += text[at++];
    }
  }
  return [...nodes, plain].filter((node) => node !== "");
}

function matchAt(text, at) {
  for (const { pattern, build } of INLINE) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return { match, build };
  }
  return null;
}

const MESSAGE_LINK = /^https:\/\/discord\.com\/channels\/\d+\/(\d+)\/(\d+)$/;

/** A link; a link to a message jumps to it in this page. */
function link(address, { names }, label = null) {
  const [, channel, message] = MESSAGE_LINK.exec(address) ?? [];
  if (!message)
    return h("discord-link", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...(label ?? [address]));
  const jump = (event) =>
    event.target.dispatchEvent(new CustomEvent("jump", { bubbles: true, detail: { channel, message } }));
  return h(
    "button",
    { type: "button", class: label ? "link" : "jump", onclick: jump },
    ...(label ?? [`# ${names.channel(channel)?.name ?? "unknown"} › message`]),
  );
}

/** An emoji of a server's own. @param {string} name */
export const emojiElement = (name) =>
  h("img", { class: "emoji", src: emojiPicture(name), alt: `:${name}:`, title: `:${name}:` });

const UNKNOWN = { user: "unknown-user", role: "unknown-role", channel: "unknown" };

const mention = (type, name, properties = {}) => h("discord-mention", { type, ...properties }, name ?? UNKNOWN[type]);
const roleMention = (role) => mention("role", role?.name, { color: readable(role?.color) });

/** A mention of a command starts it. */
function commandMention(path) {
  const begin = (event) => event.target.dispatchEvent(new CustomEvent("command", { bubbles: true, detail: path }));
  return h("button", { type: "button", class: "command-mention", onclick: begin }, `/${path}`);
}

function time(unix, style, names) {
  const shown = h("discord-time", { "data-unix": unix, "data-style": style, title: exact(unix, names.locale) });
  shown.textContent = written(unix, style, names.locale);
  return shown;
}

/** Bring the times in texts up to date. @param {string} locale */
export function retime(locale) {
  for (const shown of document.querySelectorAll("discord-time[data-unix]")) {
    const { unix, style } = /** @type {HTMLElement} */ (shown).dataset;
    const text = written(Number(unix), style ?? "f", locale);
    if (shown.textContent !== text) shown.textContent = text;
  }
}
