/** The first steps in a server: each gets a tick when it is done, and only the reader puts them away. */

import { api } from "./api.js";
import { h } from "./dom.js";
import { history } from "./history.js";
import { icon } from "./icons.js";

const STEPS = [
  { path: "setup connect", about: "Connect this server", call: "connect_server" },
  { path: "drop create", about: "Post a drop", call: "create_drop" },
  { path: "daily", about: "Check in", call: "check_in" },
  { path: "help", about: "Open the help" },
];

export class Steps {
  /** @type {string[]} the steps of which the rows of the server tell */
  #written = [];
  #isOver = true;

  /**
   * @param {HTMLElement} place
   * @param {import("./session.js").Session} session
   * @param {(path: string, options: object) => void} begin
   */
  constructor(place, session, begin) {
    this.place = place;
    this.session = session;
    this.begin = begin;
    session.addEventListener("place", () => this.#arrive());
    history.addEventListener("change", () => history.entries[0] && this.#note(history.entries[0].result));
    this.#arrive();
  }

  /** Ask what is done by now, whoever did it. */
  async read() {
    const { server } = this.session;
    const answer = await api.steps(server.id).catch(() => null);
    if (!answer || server.id !== this.session.server.id) return;
    this.#written = answer.done;
    this.#draw();
  }

  async #arrive() {
    await this.read();
    this.#isOver = this.#done.length === STEPS.length; // the last tick is seen until one goes elsewhere
    this.#draw();
  }

  /** What this reader did, by application and server: after `make clean` the steps begin anew. */
  get #key() {
    return `resonance-playground-steps-${this.session.world.application.id}-${this.session.server.id}`;
  }

  /** @returns {{done: string[], away?: boolean}} */
  get #kept() {
    return JSON.parse(localStorage.getItem(this.#key) ?? '{"done": []}');
  }

  get #done() {
    return STEPS.map(({ path }) => path).filter((path) => [...this.#written, ...this.#kept.done].includes(path));
  }

  #keep(fields) {
    localStorage.setItem(this.#key, JSON.stringify({ ...this.#kept, ...fields }));
    this.#draw();
  }

  #note(result) {
    const found = STEPS.find((step) => !this.#done.includes(step.path) && isDone(step, result));
    if (found) this.#keep({ done: [...this.#kept.done, found.path] });
    if (result.changes?.length > 0) this.read();
  }

  #draw() {
    const done = this.#done;
    this.place.hidden = Boolean(this.#kept.away) || this.#isOver;
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
        { type: "button", title: `/${path}`, onclick: () => this.begin(path, options) },
        icon(isTicked ? "tick" : "circle"),
        h("span", {}, about, isTicked && h("span", { class: "sr-only" }, " (done)")),
      ),
    );
  }
}

/** Is a step done of which no row tells: the help, and everything where the database is a real one? */
function isDone({ path, call }, { interaction, changes, database_calls: calls = [] }) {
  if (!call) return interaction?.type === 2 && interaction.data.name === path;
  return changes === null && calls.includes(call);
}
