/** The chosen channel: its messages in order, updated as they change. */

import { api } from "./api.js";
import { clock } from "./clock.js";
import { messageMenus } from "./commands.js";
import { h } from "./dom.js";
import { emojiElement, retime } from "./markdown.js";
import { EMOJI, openMenu } from "./menu.js";
import { isPrivate, messageElement, shownIn, tellTime } from "./message.js";
import { notice, trying } from "./notices.js";

const NEAR_THE_END = 80;

/** Dispatches `change` when the messages have changed. */
export class Messages extends EventTarget {
  /** @type {any[]} */
  list = [];
  #read = 0;
  #unseen = 0;
  #told = 0;
  /** @type {(() => void)[] | null} what came while the channel is being read */
  #came = null;

  /**
   * @param {HTMLElement} place the element that scrolls, counted from its end (column-reverse)
   * @param {import("./session.js").Session} session
   * @param {HTMLElement} newer tells of new messages below
   * @param {() => Node} welcome makes what an empty channel shows
   * @param {(path: string) => void} begin starts a command that a message mentions
   */
  constructor(place, session, newer, welcome, begin) {
    super();
    this.place = place;
    this.newer = newer;
    this.session = session;
    this.welcome = welcome;
    /** @type {import("./actions.js").Actions} */
    this.actions = /** @type {any} */ (null);
    this.feed = h("discord-messages", { "no-background": true, role: "log", "aria-label": "Messages" });
    this.feed.addEventListener("jump", (event) => this.#jump(/** @type {CustomEvent} */ (event).detail));
    this.feed.addEventListener("command", (event) => begin(/** @type {CustomEvent} */ (event).detail));
    place.addEventListener("scroll", () => this.#look());
    session.addEventListener("place", () => this.read());
    session.addEventListener("member", () => this.draw());
    clock.addEventListener("tick", () => this.#retime());
  }

  /** Read the channel anew. */
  read() {
    this.reading = this.#readAll();
    return this.reading;
  }

  async #readAll() {
    const read = ++this.#read;
    const { channel, as } = this.session.place;
    const came = (this.#came = []);
    this.place.setAttribute("aria-busy", "true");
    const answer = await trying(() => api.messages(channel, as));
    if (read !== this.#read) return;
    this.place.removeAttribute("aria-busy");
    this.#came = null;
    if (!answer) return;
    this.list = answer.messages;
    this.draw();
    for (const again of came) again();
    this.toTheEnd();
  }

  /** @param {boolean} isLight */
  setTheme(isLight) {
    this.feed.toggleAttribute("light-theme", isLight);
    this.draw();
  }

  draw() {
    this.feed.replaceChildren(...this.list.map((message) => this.#element(message)));
    this.place.replaceChildren(this.list.length > 0 ? this.feed : this.welcome());
    this.dispatchEvent(new Event("change"));
  }

  /** Add a message, or replace it. @param {any} message @param {{onlyNew?: boolean}} [options] */
  put(message, { onlyNew = false } = {}) {
    this.#came?.push(() => this.put(message, { onlyNew }));
    const at = this.list.findIndex(({ id }) => id === message.id);
    if (shownIn(message) !== this.session.channel.id || (at >= 0 && onlyNew)) return;
    const isFollowed = this.#isAtEnd;
    if (at >= 0) this.#replace(at, message);
    else this.#insert(message);
    if (isFollowed) this.toTheEnd();
    if (at < 0) this.#unseen += 1;
    requestAnimationFrame(() => this.#look()); // a frame begins with what the reader has scrolled
    this.dispatchEvent(new Event("change"));
  }

  /** @param {string} id */
  drop(id) {
    this.#came?.push(() => this.drop(id));
    this.list = this.list.filter((message) => message.id !== id);
    this.draw();
  }

  #replace(at, message) {
    this.list[at] = message;
    const old = this.feed.children[at];
    const pressed = /** @type {HTMLElement | null} */ (document.activeElement?.closest("[data-custom-id]"))?.dataset
      .customId;
    const hadFocus = old.contains(document.activeElement);
    const element = this.#element(message);
    old.replaceWith(element);
    if (hadFocus) this.#refocus(element, pressed);
  }

  async #refocus(element, pressed) {
    await element.updateComplete; // what it holds takes no focus before that
    const same = pressed && element.querySelector(`[data-custom-id="${CSS.escape(pressed)}"]:not([disabled])`);
    (same ?? element.querySelector(".tools button")).focus({ preventScroll: true });
  }

  #insert(message) {
    const at = this.list.findIndex(({ id }) => BigInt(id) > BigInt(message.id));
    const index = at < 0 ? this.list.length : at;
    this.list.splice(index, 0, message);
    if (!this.feed.isConnected) return this.draw();
    this.feed.insertBefore(this.#element(message), this.feed.children[index] ?? null);
  }

  /** Scroll to the newest message, and stay there: the place counts from its end, whatever grows above it. */
  toTheEnd() {
    this.place.scrollTop = 0;
    this.#look();
  }

  get #isAtEnd() {
    return -this.place.scrollTop < NEAR_THE_END;
  }

  /** Tell how many messages have come below what is seen. */
  #look() {
    if (this.#isAtEnd) this.#unseen = 0;
    if (this.#unseen === this.#told) return;
    this.#told = this.#unseen;
    const words = this.#told === 1 ? "New message" : `${this.#told} new messages`;
    const jump = h("button", { type: "button", class: "newer", onclick: () => this.toTheEnd() }, `${words} ↓`);
    this.newer.replaceChildren(...(this.#told > 0 ? [jump] : []));
  }

  /** Bring every shown time up to date. */
  #retime() {
    const { locale } = this.session.names;
    retime(locale);
    for (const [at, message] of this.list.entries()) tellTime(this.feed.children[at], message, locale);
  }

  #element(message) {
    return messageElement(message, this.session, {
      onClick: (button) => trying(() => this.actions.click(message.id, button)),
      onSelect: (select, values) => trying(() => this.actions.select(message.id, select, values)),
      onReact: (emoji, hasReacted) => this.#react(message, emoji, hasReacted ? { remove: true } : {}),
      onMenu: (anchor) => openMenu(anchor, this.#menu(message)),
      onDismiss: () => this.#remove(message),
      find: (id) => this.list.find((other) => other.id === id),
    });
  }

  #menu(message) {
    if (isPrivate(message))
      return [{ heading: "Message", items: [{ label: "Dismiss message", run: () => this.#remove(message) }] }];
    const apps = messageMenus(this.session.world.commands).map((name) => ({
      label: name,
      run: () => trying(() => this.actions.menu(name, message.id)),
    }));
    const react = (emoji) => (event) => this.#react(message, emoji, event.shiftKey ? { burst: true } : {});
    const emoji = [
      ...EMOJI.map((name) => ({ label: name, run: react(name) })),
      ...this.session.server.emojis.map(({ id, name }) => ({ label: emojiElement(name), run: react(`${name}:${id}`) })),
    ];
    const remove = { label: "Delete message", class: "danger", run: () => this.#remove(message) };
    return [
      { heading: "Apps", items: apps },
      { heading: "Add a reaction (with Shift a super one)", items: emoji, isRow: true },
      { heading: "As a moderator", items: [remove] },
    ];
  }

  #react(message, emoji, how) {
    return trying(() => api.react(this.session.member.id, shownIn(message), message.id, emoji, how));
  }

  /** Jump to a message that another one links to. */
  async #jump({ channel, message }) {
    const known = this.session.server.channels.find(({ id }) => id === channel);
    if (known && known !== this.session.channel) {
      this.session.go({ channel: known });
      await this.reading;
    }
    const element = document.getElementById(`message-${message}`);
    if (!element) return notice("This message is not here any more.", "note");
    element.scrollIntoView({ block: "center" });
    element.classList.add("found");
    element.querySelector(".tools button").focus();
    element.addEventListener("animationend", () => element.classList.remove("found"), { once: true });
  }

  /** Delete a message, or dismiss one that only this member sees. */
  async #remove(message) {
    if (await trying(() => api.remove(shownIn(message), message.id))) this.drop(message.id);
  }
}
