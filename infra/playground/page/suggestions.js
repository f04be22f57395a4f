/** The list above the command box (ARIA: the listbox of the combobox that has the focus). */

import { h, newId } from "./dom.js";

/**
 * @typedef {{label: string, detail?: string, note?: string, value: unknown, picture?: string}} Suggestion
 */

export class Suggestions {
  /** @type {Suggestion[]} */
  #items = [];
  #active = -1;
  #input = null;
  #text = "";
  #pick = null;

  /** @param {HTMLElement} box the frame of the heading and the list */
  constructor(box) {
    this.box = box;
    this.heading = h("div", { class: "suggestions-heading", id: newId("heading") });
    this.list = h("ul", { id: newId("suggestions"), role: "listbox", "aria-labelledby": this.heading.id });
    box.append(this.heading, this.list);
  }

  /** The attributes that make an input the combobox of this list. */
  get combobox() {
    return {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
      autocomplete: "off",
      spellcheck: "false",
    };
  }

  /**
   * @param {HTMLInputElement} input
   * @param {string} heading
   * @param {Suggestion[]} items
   * @param {(item: Suggestion) => void} pick
   * @param {{active?: number, empty?: string}} [options] `active` is -1 when Enter must not pick the first
   */
  show(input, heading, items, pick, { active = 0, empty = "" } = {}) {
    this.hide();
    if (items.length === 0 && !empty) return;
    this.#input = input;
    this.#text = input.value;
    this.#pick = pick;
    this.#items = items;
    this.heading.textContent = heading;
    const nothing = h("li", { class: "empty", role: "option", "aria-disabled": "true" }, empty);
    this.list.replaceChildren(...(items.length ? items.map((item, index) => this.#option(item, index)) : [nothing]));
    this.box.hidden = false;
    input.setAttribute("aria-expanded", "true");
    this.#activate(Math.min(active, items.length - 1));
  }

  hide() {
    this.box.hidden = true;
    this.#items = [];
    this.#active = -1;
    this.#input?.setAttribute("aria-expanded", "false");
    this.#input?.removeAttribute("aria-activedescendant");
    this.#input = null;
  }

  get isOpen() {
    return !this.box.hidden;
  }

  /** Does the list handle this key? @param {KeyboardEvent} event */
  takes(event) {
    if (!this.isOpen || event.isComposing) return false;
    const count = this.#items.length;
    const isOfThisText = this.#input?.value === this.#text; // else the list for what was typed meanwhile is on its way
    const picks = this.#active >= 0 && (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey));
    if (picks && isOfThisText) this.#pick?.(this.#items[this.#active]);
    else if (event.key === "Escape") this.hide();
    else if (event.key === "ArrowDown" && count) this.#activate((this.#active + 1) % count);
    else if (event.key === "ArrowUp" && count) this.#activate(this.#active <= 0 ? count - 1 : this.#active - 1);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #option(item, index) {
    const picture = item.picture && h("img", { src: item.picture, alt: "", width: 24, height: 24 });
    const words = [
      h("span", { class: "label" }, item.label),
      item.detail && h("span", { class: "detail" }, item.detail),
    ];
    const note = item.note && h("span", { class: "note" }, item.note);
    const pick = (event) => {
      event.preventDefault(); // keep the focus in the input
      this.#pick?.(item);
    };
    return h(
      "li",
      { id: `${this.list.id}-${index}`, role: "option", "aria-selected": "false", onmousedown: pick },
      picture,
      h("span", { class: "words" }, ...words),
      note,
    );
  }

  #activate(index) {
    const options = this.list.querySelectorAll("[role=option]");
    options[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = index;
    if (index < 0) return this.#input?.removeAttribute("aria-activedescendant");
    options[index].setAttribute("aria-selected", "true");
    options[index].scrollIntoView({ block: "nearest" });
    this.#input?.setAttribute("aria-activedescendant", options[index].id);
  }
}
