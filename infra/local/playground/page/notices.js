/** Sentences that appear above the command box: what was refused before it reached the bot, or went wrong after. */

import { byId, h, icon } from "./dom.js";

const CROSS = "M6 6l12 12M18 6L6 18";

/** @param {string} text @param {"error" | "note"} [kind] */
export function notice(text, kind = "error") {
  const close = h("button", { type: "button", class: "bare", "aria-label": "Close", onclick: clearNotices }, icon(CROSS));
  byId("notices").replaceChildren(h("div", { class: `notice ${kind}`, role: "alert" }, h("span", {}, text), close));
}

export const clearNotices = () => byId("notices").replaceChildren();

/** Run something that may fail, and say so if it does. @template T @param {() => Promise<T>} work */
export async function trying(work) {
  try {
    return await work();
  } catch (error) {
    notice(error.message);
    return null;
  }
}
