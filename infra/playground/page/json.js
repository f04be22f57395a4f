/** JSON for people: indented, keys and values in colours of their own. */

import { h } from "./dom.js";

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** @param {unknown} value @param {string} label what a screen reader calls it */
export function jsonView(value, label) {
  const text = JSON.stringify(value, null, 2) ?? "nothing";
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const kind = match[2] ? "key" : match[1] ? "string" : "literal";
    nodes.push(text.slice(end, match.index), h("span", { class: kind }, match[1] ?? match[0]), match[2] ?? "");
    end = match.index + match[0].length;
  }
  return h("pre", { class: "json", tabindex: 0, role: "region", "aria-label": label }, ...nodes, text.slice(end));
}

/** A value in a table: short, without quotes. @param {unknown} value */
export function plain(value) {
  if (value === null || value === undefined) return "—";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
