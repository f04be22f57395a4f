/** The first steps in a server: each gets a tick when it is done, and only the reader puts them away. */

import { h } from "./dom.js";
import { history } from "./history.js";
import { icon } from "./icons.js";

/** What shows that a step is done: a row that it wrote, or that the bot was asked for it. */
const STEPS = [
  { path: "setup connect", about: "Connect this server", call: "connect_server", table: "discord_server_configs" },
  { path: "drop create", about: "Post a drop", call: "create_drop", table: "discord_drops" },
  { path: "daily", about: "Check in", call: "check_in", table: "discord_user_streaks" },
  { path: "help", about: "Open the help" },
];

export class Steps {
  /**
   * @param {HTMLElement} place
   * @param {import("./session.js").Session} session
   * @param {(path: string, options: object) => void} begin
   */
  constructor(place, session, begin) {
    this.place = place;
    this.session = session;
    this.begin = begin;
    session.addEventListener("place", () => this.#draw({ isNew: true }));
    history.addEventListener("change", () => history.entries[0] && this.#note(history.entries[0].result));
    this.#draw({ isNew: true });
  }

  /** Kept by application and server: after `make clean` the steps begin anew. */
  get #key() {
    return `resonance-playground-steps-${this.session.world.application.id}-${this.session.server.id}`;
  }

  /** @returns {{done: string[], away?: boolean}} */
  get #kept() {
    return JSON.parse(localStorage.getItem(this.#key) ?? '{"done": []}');
  }

  #keep(fields) {
    localStorage.setItem(this.#key, JSON.stringify({ ...this.#kept, ...fields }));
    this.#draw();
  }

  #note(result) {
    const { done } = this.#kept;
    const found = STEPS.find((step) => !done.includes(step.path) && isDone(step, result));
    if (found) this.#keep({ done: [...done, found.path] });
  }

  #draw({ isNew = false } = {}) {
    const { done, away } = this.#kept;
    if (isNew) this.isOver = done.length === STEPS.length; // the last tick is seen until one goes elsewhere
    this.place.hidden = Boolean(away) || this.isOver;
    const close = { type: "button", class: "bare", "aria-label": "Put the first steps away" };
    this.place.replaceChildren(
      h(
        "header",
        {},
        h("h2", {}, "First steps", h("small", {}, ` ${done.length} of ${STEPS.length} done`)),
        h("button", { ...close, onclick: () => this.#keep({ away: true }) }, icon("close")),
      ),
      h("ol", {}, ...STEPS.map((step) => this.#step(step, done.includes(step.path)))),
    );
  }

  #step({ path, about }, isTicked) {
    const { brand } = this.session.world;
    const options = path === "setup connect" && brand ? { brand_id: brand.id, key: brand.key } : {};
    return h(
      "li",
      { class: isTicked ? "done" : "" },
      h(
        "button",
        { type: "button", onclick: () => this.begin(path, options) },
        icon(isTicked ? "tick" : "circle"),
        h("span", {}, about, isTicked && h("span", { class: "sr-only" }, " (done)")),
        h("code", {}, `/${path}`),
      ),
    );
  }
}

function isDone({ path, call, table }, { interaction, changes, database_calls: calls = [] }) {
  if (!call) return interaction?.type === 2 && interaction.data.name === path;
  return changes ? changes.some((change) => change.table === table) && calls.includes(call) : calls.includes(call);
}
