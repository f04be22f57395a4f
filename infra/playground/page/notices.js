/** Sentences above the command box: what was refused before it reached the bot, and what went wrong later. */

import { byId, h } from "./dom.js";
import { icon } from "./icons.js";

/** @param {string} text @param {"error" | "note"} [kind] */
export function notice(text, kind = "error") {
  const close = h(
    "button",
    { type: "button", class: "bare", "aria-label": "Close", onclick: clearNotices },
    icon("close"),
  );
  byId("notices").replaceChildren(h("div", { class: `notice ${kind}`, role: "alert" }, h("span", {}, text), close));
}

export const clearNotices = () => byId("notices").replaceChildren();

/** Run something that can fail, and show the error. @template T @param {() => Promise<T>} work */
export async function trying(work) {
  try {
    return await work();
  } catch (error) {
    notice(error.message);
    return null;
  }
}
