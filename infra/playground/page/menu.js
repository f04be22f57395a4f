/** The menu of a message: the apps' entries, reactions, and what a moderator can do. */

import { h } from "./dom.js";

export const EMOJI = ["🎉", "👍", "❤️", "🔥", "👀", "😂"];

/**
 * @typedef {{label: string | Node, run: (event: MouseEvent) => void, class?: string}} Item
 * @typedef {{heading: string, items: Item[], isRow?: boolean}} Group
 */

/**
 * Open a menu below a button; focus returns to the button when it closes.
 * @param {HTMLElement} anchor
 * @param {Group[]} groups
 */
export function openMenu(anchor, groups) {
  document.querySelector(".menu")?.remove();
  const menu = h("div", {
    class: "menu",
    role: "menu",
    "aria-label": "Message",
    popover: "auto",
    onkeydown: (event) => key(event),
  });
  const item = ({ label, run, class: kind }) =>
    h(
      "button",
      { type: "button", role: "menuitem", tabindex: -1, class: kind, onclick: (event) => choose(run, event) },
      label,
    );
  menu.append(
    ...groups.map(({ heading, items, isRow }) =>
      h(
        "div",
        { role: "group", "aria-label": heading, class: isRow ? "row" : "" },
        h("div", { class: "menu-heading", "aria-hidden": "true" }, heading),
        ...items.map(item),
      ),
    ),
  );
  const all = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("[role=menuitem]")]);

  function close() {
    menu.hidePopover();
    anchor.focus();
  }

  function choose(run, event) {
    close();
    run(event);
  }

  function key(event) {
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const next = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: -1 }[
      event.key
    ];
    if (event.key === "Tab" || event.key === "Escape") close();
    else if (next !== undefined) all.at(next % all.length)?.focus();
    else return;
    event.preventDefault();
  }

  menu.addEventListener("toggle", (event) => /** @type {ToggleEvent} */ (event).newState === "closed" && menu.remove());
  document.body.append(menu);
  menu.showPopover();
  place(menu, anchor);
  all[0]?.focus();
}

/** Below the button and to its left, but inside the window. */
function place(menu, anchor) {
  const { right, bottom, top } = anchor.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(right - width, innerWidth - width - 8))}px`;
  menu.style.top = `${bottom + height + 8 > innerHeight ? Math.max(8, top - height - 4) : bottom + 4}px`;
}
