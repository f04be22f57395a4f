/** Tabs (ARIA: arrows move, the chosen one is in the tab order). */

import { h, newId } from "./dom.js";

/**
 * @param {HTMLElement} place
 * @param {{name: string, panel: HTMLElement, onShow?: () => void}[]} tabs
 * @param {string} label
 */
export function makeTabs(place, tabs, label) {
  const buttons = tabs.map(({ name, panel }) => {
    panel.id ||= newId("panel");
    const button = h(
      "button",
      { type: "button", role: "tab", id: newId("tab"), "aria-controls": panel.id, onclick: () => show(name) },
      name,
    );
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", button.id);
    panel.setAttribute("tabindex", "0");
    return button;
  });
  const list = h(
    "div",
    { class: "tabs", role: "tablist", "aria-label": label, onkeydown: (event) => key(event) },
    ...buttons,
  );
  place.append(list, ...tabs.map(({ panel }) => panel));

  function show(name) {
    tabs.forEach((tab, index) => {
      const isShown = tab.name === name;
      tab.panel.hidden = !isShown;
      buttons[index].setAttribute("aria-selected", String(isShown));
      buttons[index].tabIndex = isShown ? 0 : -1;
      if (isShown) tab.onShow?.();
    });
  }

  function key(event) {
    const at = buttons.findIndex((button) => button.tabIndex === 0);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const index = (next + tabs.length) % tabs.length;
    show(tabs[index].name);
    buttons[index].focus();
  }

  show(tabs[0].name);
  return { show };
}
