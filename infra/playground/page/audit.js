/** The tab "Audit log": what admins did in the server, the newest first. */

import { api } from "./api.js";
import { exact, relative } from "./clock.js";
import { h } from "./dom.js";
import { plain } from "./json.js";

export class Audit {
  #isShown = false;

  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.session = session;
    this.panel = h(
      "section",
      { class: "panel", "aria-busy": "true" },
      h("p", { class: "empty" }, "Reading the audit log…"),
    );
    session.addEventListener("place", () => this.#isShown && this.read());
  }

  /** Read the entries when the tab is opened. */
  show() {
    this.#isShown = true;
    this.read();
  }

  /** @param {string} server the server that has a new entry */
  changed(server) {
    if (this.#isShown && server === this.session.server.id) this.read();
  }

  async read() {
    try {
      this.#draw((await api.audit(this.session.server.id)).entries);
    } catch (error) {
      this.panel.replaceChildren(h("p", { class: "empty" }, error.message));
    }
    this.panel.removeAttribute("aria-busy");
  }

  #draw(entries) {
    const empty = h("p", { class: "empty" }, `No admin has done anything in ${this.session.server.name} yet.`);
    this.panel.replaceChildren(
      entries.length > 0 ? h("ol", { class: "audit" }, ...entries.map((entry) => this.#entry(entry))) : empty,
    );
  }

  #entry(entry) {
    const { names } = this.session;
    const at = Date.parse(entry.created_at) / 1000;
    const actor = names.member(entry.actor_id ?? "")?.name ?? entry.actor_id ?? "another program";
    const target = entry.target_user_id && ` for ${names.member(entry.target_user_id)?.name ?? entry.target_user_id}`;
    const time = h(
      "time",
      { datetime: entry.created_at, title: exact(at, names.locale) },
      relative(at, names.locale),
    );
    return h(
      "li",
      {},
      h(
        "div",
        { class: "audit-line" },
        h("strong", {}, entry.action),
        h("span", {}, `${actor}${target ?? ""}, `, time),
      ),
      h("details", {}, h("summary", {}, "Before and after"), h("dl", { class: "facts" }, ...facts(entry))),
    );
  }
}

const FACTS = ["before_state", "after_state", "details", "actor_type", "interaction_id"];
const facts = (entry) =>
  FACTS.filter((name) => entry[name] !== null).flatMap((name) => [
    h("dt", {}, name.replace("_", " ")),
    h("dd", {}, plain(entry[name])),
  ]);
