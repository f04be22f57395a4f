/** A select as Discord draws it: a button that opens a list (ARIA: a combobox and its listbox). */

import { h, newId } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("./offers.js").Offer} Offer */

export class Picker {
  #active = -1;
  /** @type {any[]} */
  #before = [];

  /**
   * @param {Offer[]} offers
   * @param {object} how
   * @param {number} how.least
   * @param {number} how.most
   * @param {string} how.placeholder
   * @param {any[]} [how.chosen] the values at the start
   * @param {boolean} [how.disabled]
   * @param {Record<string, unknown>} [how.attributes] of the button
   * @param {(values: any[]) => void} [how.onChange] called when the list has closed with other values
   */
  constructor(offers, { least, most, placeholder, chosen = [], disabled = false, attributes = {}, onChange }) {
    this.offers = offers;
    this.least = least;
    this.most = Math.min(most, offers.length);
    this.placeholder = placeholder;
    this.onChange = onChange ?? (() => {});
    this.values = chosen;
    const id = newId("picker");
    this.list = h("ul", { id, role: "listbox", "aria-label": placeholder, "aria-multiselectable": String(most > 1) });
    this.button = /** @type {HTMLButtonElement} */ (
      h("button", {
        type: "button",
        class: "picker-button",
        role: "combobox",
        "aria-haspopup": "listbox",
        "aria-expanded": "false",
        "aria-controls": id,
        "aria-label": attributes.id ? null : placeholder, // with an id it has a label of its own
        disabled,
        ...attributes,
        onclick: () => (this.isOpen ? this.close() : this.open()),
        onkeydown: (event) => this.#key(event),
      })
    );
    this.box = h(
      "div",
      { class: "picker-list", popover: "auto", onbeforetoggle: (event) => this.#toggling(event) },
      most > 1 && h("p", { class: "picker-rule" }, ruleOf(least, this.most)),
      this.list,
    );
    this.element = h("div", { class: "picker" }, this.button, this.box);
    this.#drawButton();
  }

  get isOpen() {
    return this.box.matches(":popover-open");
  }

  open() {
    this.#before = this.values;
    this.#active = Math.max(
      0,
      this.offers.findIndex(({ value }) => this.values.includes(value)),
    );
    this.#drawList();
    this.box.showPopover();
    this.#place();
    this.#activate(this.#active);
  }

  close() {
    this.box.hidePopover();
  }

  /**
   * Called before the list opens or closes: what comes after that (`toggle`) is left out where it opens again at once.
   * @param {ToggleEvent} event
   */
  #toggling({ newState }) {
    this.button.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "open") return;
    this.button.removeAttribute("aria-activedescendant");
    if (this.values.length < this.least) this.values = this.#before; // Discord does not send too few either
    this.#drawButton();
    if (this.values.join() !== this.#before.join()) this.onChange(this.values);
  }

  #choose(value) {
    const isChosen = this.values.includes(value);
    if (this.most > 1) {
      if (isChosen) this.values = this.values.filter((other) => other !== value);
      else if (this.values.length < this.most) this.values = [...this.values, value];
      this.#drawList();
      this.#activate(this.#active);
      return;
    }
    this.values = isChosen && this.least === 0 ? [] : [value];
    this.close();
    this.button.focus();
  }

  #key(event) {
    if (!this.isOpen) {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      this.open();
    } else if (event.key === "Enter" || event.key === " ") this.#choose(this.offers[this.#active]?.value);
    else if (event.key === "Escape" || event.key === "Tab") this.close();
    else {
      const count = this.offers.length;
      const next = { ArrowDown: this.#active + 1, ArrowUp: this.#active - 1, Home: 0, End: count - 1 }[event.key];
      if (next === undefined) return;
      this.#activate((next + count) % count);
    }
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  }

  #activate(index) {
    const options = [...this.list.children];
    options[this.#active]?.classList.remove("active");
    this.#active = index;
    options[index]?.classList.add("active");
    options[index]?.scrollIntoView({ block: "nearest" });
    if (options[index]) this.button.setAttribute("aria-activedescendant", options[index].id);
  }

  #drawButton() {
    const chosen = this.offers.filter(({ value }) => this.values.includes(value));
    const words = chosen.map(({ emoji, label }) => [emoji, label].filter(Boolean).join(" ")).join(", ");
    const shown = h("span", { class: words ? "picker-chosen" : "picker-placeholder" }, words || this.placeholder);
    this.button.replaceChildren(shown, icon("down"));
  }

  #drawList() {
    const isFull = this.most > 1 && this.values.length >= this.most;
    const nothing = h("li", { class: "empty" }, "There is nothing to choose from.");
    const one = (offer, index) => {
      const isChosen = this.values.includes(offer.value);
      return h(
        "li",
        {
          id: `${this.list.id}-${index}`,
          role: "option",
          "aria-selected": String(isChosen),
          "aria-disabled": isFull && !isChosen ? "true" : null,
          onclick: () => this.#choose(offer.value),
          onpointermove: () => index !== this.#active && this.#activate(index),
        },
        offer.picture && h("img", { src: offer.picture, alt: "", width: 24, height: 24 }),
        offer.emoji && h("span", { class: "emoji" }, offer.emoji),
        h(
          "span",
          { class: "words" },
          h("span", { class: "label" }, offer.label),
          offer.detail && h("span", { class: "detail" }, offer.detail),
        ),
        h("span", { class: "tick", "aria-hidden": "true" }, ...(isChosen ? [icon("tick")] : [])),
      );
    };
    this.list.replaceChildren(...(this.offers.length ? this.offers.map(one) : [nothing]));
  }

  /** As wide as the button, and below it, or above where there is no room. */
  #place() {
    const { left, width, top, bottom } = this.button.getBoundingClientRect();
    const height = this.box.getBoundingClientRect().height;
    const fits = bottom + height + 8 < innerHeight;
    this.box.style.width = `${width}px`;
    this.box.style.left = `${left}px`;
    this.box.style.top = `${fits ? bottom + 4 : Math.max(8, top - height - 4)}px`;
  }
}

function ruleOf(least, most) {
  if (least === most) return `Choose ${most}.`;
  return least > 0 ? `Choose ${least} to ${most}.` : `Choose up to ${most}.`;
}
