/** The command box: plain text becomes a message, a slash starts a command whose options become chips. */

import { api } from "./api.js";
import { Chip } from "./chip.js";
import { matching, slashCommands } from "./commands.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { clearNotices, notice, trying } from "./notices.js";
import { commandIn, optionLike, optionsIn } from "./typed.js";

const LONGEST = 2000; // characters of a message

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
   * @param {() => void} onSend called when something is sent
   */
  constructor(form, session, actions, suggestions, onSend) {
    this.onSend = onSend;
    this.session = session;
    this.actions = actions;
    this.suggestions = suggestions;
    const combobox = { ...suggestions.combobox, "aria-describedby": "composer-hint", enterkeyhint: "send" };
    this.say = /** @type {HTMLInputElement} */ (
      h("input", {
        ...combobox,
        id: "say",
        oninput: () => this.#typed(),
        onfocus: () => this.#typed(),
      })
    );
    this.tail = /** @type {HTMLInputElement} */ (
      h("input", {
        ...combobox,
        class: "tail",
        "aria-label": "Add an option",
        oninput: () => this.#typedOption(),
        onfocus: () => this.#offer(),
      })
    );
    this.row = h("div", { class: "composer-row" });
    this.hint = h("p", { id: "composer-hint", class: "hint" });
    this.send = h("button", { type: "submit", class: "send", "aria-label": "Send" }, icon("send"));
    form.append(h("div", { class: "composer-box" }, this.row, this.send), this.hint);
    form.addEventListener("submit", (event) => this.#submit(event));
    form.addEventListener("keydown", (event) => this.#key(event));
    form.addEventListener("paste", (event) => pasteOnOneLine(event));
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
    if (!this.#isUntouched) return notice("Send what you have typed first, or remove it.", "note");
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
    if (!text.trimStart().startsWith("/")) return this.suggestions.hide();
    const commands = this.#commands();
    const typed = commandIn(text, commands);
    if (typed?.after) {
      clearNotices();
      this.#enter(typed.command);
      return this.#take(typed.after);
    }
    const items = matching(commands, text.trim().slice(1)).map((command) => ({
      label: `/${command.path}`,
      detail: command.description,
      note: command.isHidden ? "not shown to this member by Discord" : "",
      value: command,
    }));
    const pick = ({ value }) => {
      clearNotices();
      this.#enter(value);
    };
    this.suggestions.show(this.say, "Commands", items, pick, { empty: "No command fits." });
  }

  async #speak() {
    const content = this.say.value.trim();
    if (content.startsWith("/")) return notice(`There is no command ${content}. Type / to see all of them.`);
    if (!content) return;
    if (content.length > LONGEST)
      return notice(`A message has at most ${LONGEST} characters; this one has ${content.length}.`);
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
    this.say.value = this.tail.value = "";
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
    this.say.value = this.tail.value = "";
    this.suggestions.hide();
    this.#draw();
    this.say.focus();
  }

  #chip(option) {
    return new Chip(option, this.session, this.suggestions, {
      complete: (focused) => this.actions.choices(this.#command?.path ?? "", this.#values({ focused }), focused),
      onPicked: () => this.#next(),
      onRemove: (chip) => this.#remove(chip),
      onTyped: (chip) => this.#typedBehind(chip),
    });
  }

  #add(option) {
    const chip = this.#chip(option);
    this.#chips.push(chip);
    this.tail.value = "";
    this.#draw();
    chip.input.focus();
  }

  /** Take the options out of a text that was typed or pasted; say what belongs to none of them, and keep it. */
  #take(text) {
    const { given, rest } = optionsIn(text, this.#open);
    for (const { option, text } of given) {
      const chip = this.#chips.find((known) => known.option === option) ?? this.#chip(option);
      if (!this.#chips.includes(chip)) this.#chips.push(chip);
      chip.fill(text);
    }
    this.tail.value = rest;
    this.#draw();
    const wrong = this.#chips.find((chip) => chip.text && chip.problem);
    wrong?.mark(true);
    if (wrong) wrong.input.focus();
    else if (given.at(-1)?.text === "") this.#chips.find((chip) => chip.option === given.at(-1)?.option)?.input.focus();
    else this.#next();
    const strange = given.map(({ text }) => optionLike(text)).find(Boolean);
    if (wrong || rest || strange) notice(wrong?.problem ?? this.#belongsToNone(rest || strange));
  }

  /** Let `name:` in the field that adds options start one, as in Discord. */
  #typedOption() {
    if (optionsIn(this.tail.value, this.#open).given.length > 0) this.#take(this.tail.value);
    else this.#offer();
  }

  /** Let a space and `name:` behind a value start the next option, as in Discord. */
  #typedBehind(chip) {
    const own = optionsIn(chip.text, [chip.option]);
    if (own.given.length > 0 && own.rest === "") chip.fill(own.given[0].text);
    const { given, rest } = optionsIn(chip.text, this.#open);
    if (given.length === 0) return;
    const more = chip.text.trim().slice(rest.length);
    chip.fill(rest);
    this.#take(`${this.tail.value} ${more}`);
  }

  #belongsToNone(text) {
    const { path, options } = /** @type {import("./commands.js").Command} */ (this.#command);
    const names = options.map(({ name }) => name).join(", ");
    return `“${text}” belongs to no option of /${path}. ${names ? `Its options: ${names}.` : "It has none."}`;
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

  /** The options that can still be given: those that are missing, and those that are empty. */
  get #open() {
    const empty = this.#chips.filter((chip) => chip.text === "").map((chip) => chip.option);
    return [...empty, ...this.#left];
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
    const rest = this.tail.value.trim();
    if (rest) return notice(this.#belongsToNone(rest));
    const { path } = /** @type {import("./commands.js").Command} */ (this.#command);
    const values = this.#values();
    this.#leave();
    const result = await this.#sent(() => this.actions.command(path, values));
    if ((!result || result.failure) && this.#isEmpty) this.begin(path, values);
  }

  // Sending empties the box at once; what could not be sent comes back, unless something else was typed meanwhile.

  get #isEmpty() {
    return this.#command === null && this.say.value === "";
  }

  /** Is there nothing that would be lost? */
  get #isUntouched() {
    return this.say.value === "" && this.tail.value === "" && this.#chips.every((chip) => chip.text === "");
  }

  async #sent(work) {
    this.onSend();
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

/** Put a space where a line ends: fields of one line would glue the words together. @param {ClipboardEvent} event */
function pasteOnOneLine(event) {
  const text = event.clipboardData?.getData("text") ?? "";
  const field = event.target;
  if (!text.includes("\n") || !(field instanceof HTMLInputElement)) return;
  event.preventDefault();
  const words = text.trim().replace(/\s*\n\s*/g, " ");
  field.setRangeText(words, field.selectionStart ?? 0, field.selectionEnd ?? 0, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}
