/** The command box: plain text becomes a message, a slash starts a command whose options become chips. */

import { api } from "./api.js";
import { Chip } from "./chip.js";
import { matching, slashCommands } from "./commands.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { clearNotices, notice, trying } from "./notices.js";

export class Composer {
  /** @type {import("./commands.js").Command | null} */
  #command = null;
  /** @type {Chip[]} */
  #chips = [];
  #sending = 0;

  /**
   * @param {HTMLFormElement} form
   * @param {import("./session.js").Session} session
   * @param {import("./actions.js").Actions} actions
   * @param {import("./suggestions.js").Suggestions} suggestions
   */
  constructor(form, session, actions, suggestions) {
    this.session = session;
    this.actions = actions;
    this.suggestions = suggestions;
    const combobox = { ...suggestions.combobox, "aria-describedby": "composer-hint", enterkeyhint: "send" };
    this.say = /** @type {HTMLInputElement} */ (
      h("input", {
        ...combobox,
        id: "say",
        maxlength: 2000,
        oninput: () => this.#typed(),
        onfocus: () => this.#typed(),
      })
    );
    this.tail = /** @type {HTMLInputElement} */ (
      h("input", {
        ...combobox,
        class: "tail",
        "aria-label": "Add an option",
        oninput: () => this.#offer(),
        onfocus: () => this.#offer(),
      })
    );
    this.row = h("div", { class: "composer-row" });
    this.hint = h("p", { id: "composer-hint", class: "hint" });
    this.send = h("button", { type: "submit", class: "send", "aria-label": "Send" }, icon("send"));
    form.append(h("div", { class: "composer-box" }, this.row, this.send), this.hint);
    form.addEventListener("submit", (event) => this.#submit(event));
    form.addEventListener("keydown", (event) => this.#key(event));
    form.addEventListener("focusin", () => this.#tell());
    form.addEventListener(
      "focusout",
      (event) => form.contains(/** @type {Node} */ (event.relatedTarget)) || suggestions.hide(),
    );
    session.addEventListener("place", () => this.#name());
    this.#name();
    this.#draw();
  }

  /** Start a command as if it had been typed. @param {string} path @param {Record<string, unknown>} options */
  begin(path, options = {}) {
    const command = this.#commands().find((known) => known.path === path);
    if (!command) return notice(`There is no command /${path}.`);
    this.#enter(command, options);
  }

  #commands() {
    return slashCommands(this.session.world.commands, this.session.member);
  }

  #name() {
    const { channel, member } = this.session;
    this.say.placeholder = `Message #${channel.name} as ${member.name}, or type / for commands`;
    this.say.setAttribute("aria-label", this.say.placeholder);
  }

  // Text ------------------------------------------------------------------------------------------------

  #typed() {
    const text = this.say.value;
    if (!text.startsWith("/")) return this.suggestions.hide();
    const commands = this.#commands();
    const whole = text.endsWith(" ") && commands.find(({ path }) => path === text.slice(1).trim());
    if (whole) return this.#enter(whole);
    const items = matching(commands, text.slice(1)).map((command) => ({
      label: `/${command.path}`,
      detail: command.description,
      note: command.isHidden ? "not shown to this member by Discord" : "",
      value: command,
    }));
    const pick = ({ value }) => this.#enter(value);
    this.suggestions.show(this.say, "Commands", items, pick, { empty: "No command fits." });
  }

  async #speak() {
    const content = this.say.value.trim();
    if (content.startsWith("/")) return notice(`There is no command ${content}. Type / to see all of them.`);
    if (!content) return;
    clearNotices();
    const { as, channel } = this.session.place;
    this.say.value = "";
    const said = await this.#sent(() => api.say(as, channel, content));
    if (!said && this.#isEmpty) this.say.value = content;
  }

  // Commands --------------------------------------------------------------------------------------------

  #enter(command, options = {}) {
    this.suggestions.hide();
    this.#command = command;
    this.#chips = command.options
      .filter((option) => option.required || option.name in options)
      .map((option) => this.#chip(option));
    for (const chip of this.#chips) if (chip.option.name in options) chip.fill(options[chip.option.name]);
    this.#draw();
    this.#next();
  }

  #leave() {
    this.#command = null;
    this.#chips = [];
    this.say.value = "";
    this.suggestions.hide();
    this.#draw();
    this.say.focus();
  }

  #chip(option) {
    return new Chip(option, this.session, this.suggestions, {
      complete: (focused) => this.actions.choices(this.#command?.path ?? "", this.#values({ focused }), focused),
      onPicked: () => this.#next(),
      onRemove: (chip) => this.#remove(chip),
    });
  }

  #add(option) {
    const chip = this.#chip(option);
    this.#chips.push(chip);
    this.tail.value = "";
    this.#draw();
    chip.input.focus();
  }

  #remove(chip) {
    this.#chips = this.#chips.filter((other) => other !== chip);
    this.#draw();
    this.tail.focus();
  }

  /** Focus the first empty option, or the field that adds one. */
  #next() {
    (this.#chips.find((chip) => chip.text === "")?.input ?? this.tail).focus();
  }

  get #left() {
    const given = new Set(this.#chips.map((chip) => chip.option.name));
    return this.#command?.options.filter((option) => !given.has(option.name)) ?? [];
  }

  #offer() {
    const typed = this.tail.value.trim().toLowerCase();
    const fitting = this.#left.filter(({ name }) => name.includes(typed));
    const items = fitting.map((option) => ({ label: option.name, detail: option.description, value: option }));
    this.suggestions.show(this.tail, "Options that may be added", items, ({ value }) => this.#add(value), {
      active: typed ? 0 : -1,
    });
  }

  #values({ focused = "" } = {}) {
    const given = this.#chips.map((chip) => [chip.option.name, chip.option.name === focused ? chip.text : chip.value]);
    return Object.fromEntries(given.filter(([, value]) => value !== undefined));
  }

  async #run() {
    const wrong = this.#chips.find((chip) => chip.problem);
    for (const chip of this.#chips) chip.mark(chip === wrong);
    if (wrong) {
      wrong.input.focus();
      this.suggestions.hide();
      return notice(wrong.problem ?? "");
    }
    const { path } = /** @type {import("./commands.js").Command} */ (this.#command);
    const values = this.#values();
    this.#leave();
    const result = await this.#sent(() => this.actions.command(path, values));
    if (!result && this.#isEmpty) this.begin(path, values);
  }

  // Sending empties the box at once; what could not be sent comes back, unless something else was typed meanwhile.

  get #isEmpty() {
    return this.#command === null && this.say.value === "";
  }

  async #sent(work) {
    this.send.setAttribute("aria-busy", String(++this.#sending > 0));
    const result = await trying(work);
    this.send.setAttribute("aria-busy", String(--this.#sending > 0));
    return result;
  }

  // The box ---------------------------------------------------------------------------------------------

  #draw() {
    const command = this.#command;
    if (!command) return this.row.replaceChildren(this.say);
    const leave = h(
      "button",
      { type: "button", class: "bare", "aria-label": `Leave /${command.path}`, onclick: () => this.#leave() },
      icon("close"),
    );
    const count = this.#left.length;
    this.tail.value = "";
    this.tail.placeholder = count ? `+${count} more` : "Enter to send";
    this.row.replaceChildren(
      leave,
      h("span", { class: "path" }, `/${command.path}`),
      ...this.#chips.map((chip) => chip.element),
      this.tail,
    );
  }

  #tell() {
    const chip = this.#chips.find(({ input }) => input === document.activeElement);
    const described = chip
      ? `${chip.option.description}${chip.option.required ? " (required)" : ""}`
      : this.#command?.description;
    this.hint.textContent = described ?? "";
  }

  #key(event) {
    if (this.suggestions.takes(event) || !this.#command) return;
    if (event.key === "Escape") this.#leave();
    else if (event.key === "Backspace") this.#erase(event);
  }

  /** Let Backspace in an empty field remove what stands before it. */
  #erase(event) {
    const chip = this.#chips.find(({ input }) => input === event.target);
    const isEmpty = /** @type {HTMLInputElement} */ (event.target).value === "";
    if (!isEmpty || (!chip && event.target !== this.tail)) return;
    event.preventDefault();
    const before = chip ? this.#chips[this.#chips.indexOf(chip) - 1] : this.#chips.at(-1);
    if (chip && !chip.option.required) this.#remove(chip);
    else if (before) before.input.focus();
    else this.#leave();
  }

  #submit(event) {
    event.preventDefault();
    this.suggestions.hide();
    return this.#command ? this.#run() : this.#speak();
  }
}
