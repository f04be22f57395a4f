/** One option of a command while it is filled in: its name and a field, with suggestions where Discord has some. */

import { KIND, problemWith, valueOf } from "./commands.js";
import { h, newId } from "./dom.js";
import { icon } from "./icons.js";
import { attached } from "./files.js";
import { channels, meant, people, roles } from "./offers.js";

const DEBOUNCE = 150;

export class Chip {
  #picked = null;
  #timer = 0;
  #newest = 0;

  /**
   * @param {any} option as registered
   * @param {import("./session.js").Session} session
   * @param {import("./suggestions.js").Suggestions} suggestions
   * @param {object} handlers
   * @param {(option: string) => Promise<any[]>} handlers.complete asks the bot
   * @param {() => void} handlers.onPicked
   * @param {(chip: Chip) => void} handlers.onRemove
   * @param {(chip: Chip) => void} handlers.onTyped before anything else looks at the text
   */
  constructor(option, session, suggestions, handlers) {
    this.option = option;
    this.session = session;
    this.suggestions = suggestions;
    this.handlers = handlers;
    this.offers = this.#offers();
    const hasList = this.offers !== null || option.autocomplete;
    const id = newId("option");
    this.input = /** @type {HTMLInputElement} */ (
      h("input", {
        id,
        "aria-required": String(Boolean(option.required)),
        "aria-describedby": "composer-hint",
        inputmode: option.type === KIND.INTEGER ? "numeric" : null,
        autocomplete: "off",
        placeholder: option.required ? "required" : "",
        ...(this.#isFile && {
          readonly: true,
          placeholder: "choose a file",
          onclick: () => this.#attach(),
          onkeydown: (event) => event.key === " " && this.#attach(),
        }),
        ...(hasList && suggestions.combobox),
        onfocus: () => this.suggest(),
        oninput: () => this.#typed(),
      })
    );
    const remove = h(
      "button",
      { type: "button", class: "bare", "aria-label": `Remove ${option.name}`, onclick: () => handlers.onRemove(this) },
      icon("close"),
    );
    this.element = h(
      "span",
      { class: "chip" },
      h("label", { for: id }, option.name),
      this.input,
      !option.required && remove,
    );
  }

  get text() {
    return this.input.value;
  }

  /** The value that is sent; undefined when the field is empty. */
  get value() {
    if (this.#picked?.label === this.text) return this.#picked.value;
    if (this.offers) return meant(this.offers, this.text)?.value;
    if (this.#isFile) return undefined;
    return this.text === "" ? undefined : valueOf(this.option, this.text);
  }

  /** Why Discord would refuse the value, or null. */
  get problem() {
    if (this.offers && this.text && this.value === undefined) return `${this.option.name}: choose one from the list.`;
    if (this.#isFile && this.text && this.value === undefined) return `${this.option.name}: choose a file.`;
    return problemWith(this.option, this.value);
  }

  /** @param {boolean} isWrong */
  mark(isWrong) {
    this.element.classList.toggle("wrong", isWrong);
    this.input.setAttribute("aria-invalid", String(isWrong));
  }

  /** @param {unknown} value as it is sent, or as it is typed */
  fill(value) {
    const text = String(value);
    if (this.#isFile && /^\d+$/.test(text)) this.#picked = { label: text, value: text }; // the id of an attached file
    this.input.value = (this.offers && meant(this.offers, text)?.label) ?? text;
  }

  suggest() {
    if (!this.input.isConnected) return; // the command was sent meanwhile
    if (this.offers) this.#show(this.offers.filter(({ label }) => label.toLowerCase().includes(this.#search)));
    else if (this.option.autocomplete) this.#ask();
    else this.suggestions.hide();
  }

  get #isFile() {
    return this.option.type === KIND.ATTACHMENT;
  }

  async #attach() {
    const file = await attached();
    if (file) this.#pick({ label: file.filename, value: file.id });
  }

  get #search() {
    return this.#picked?.label === this.text ? "" : this.text.trim().toLowerCase();
  }

  #typed() {
    this.handlers.onTyped(this);
    if (document.activeElement !== this.input) return; // another option was typed, which has the focus now
    this.mark(false);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.suggest(), this.option.autocomplete ? DEBOUNCE : 0);
  }

  async #ask() {
    const request = ++this.#newest;
    const choices = await this.handlers.complete(this.option.name).catch(() => []);
    const isStale = request !== this.#newest || document.activeElement !== this.input;
    if (!isStale)
      this.#show(
        choices.map(({ name, value }) => ({ label: name, value })),
        "Nothing fits.",
      );
  }

  #show(items, empty = "") {
    const heading = `${this.option.name}: ${this.option.description}`;
    this.suggestions.show(this.input, heading, items, (item) => this.#pick(item), {
      empty: empty || "Nothing on the list fits.",
    });
  }

  #pick(item) {
    clearTimeout(this.#timer);
    this.#newest++;
    this.#picked = item;
    this.input.value = item.label;
    this.mark(false);
    this.suggestions.hide();
    this.handlers.onPicked();
  }

  /** The values to choose from, or null when anything can be typed. */
  #offers() {
    const { option, session } = this;
    if (option.choices) return option.choices.map(({ name, value }) => ({ label: name, value }));
    switch (option.type) {
      case KIND.BOOLEAN:
        return [
          { label: "True", value: true },
          { label: "False", value: false },
        ];
      case KIND.USER:
        return people(session);
      case KIND.ROLE:
        return roles(session);
      case KIND.MENTIONABLE:
        return [...people(session), ...roles(session)];
      case KIND.CHANNEL:
        return channels(session, option.channel_types);
      default:
        return null;
    }
  }
}
