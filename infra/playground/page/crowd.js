/** The tab "Crowd": many members click one drop at the same moment, and the books must always agree. */

import { api } from "./api.js";
import { chart } from "./chart.js";
import { h } from "./dom.js";
import { withoutMarkup } from "./markdown.js";
import { clearNotices, trying } from "./notices.js";
import { buttonsIn } from "./parts.js";

const COLOURS = ["var(--good)", "var(--layer-1)", "var(--layer-2)", "var(--layer-3)", "var(--bad)"];
const ABOUT =
  "Members whom nobody has seen before press the button at the same moment. " +
  "Nobody is paid twice, nobody above the limit, and the books agree at every look.";
const NAMES = { claimed: "claimed", over: "refused: the drop is over", failed: "failed" };

export class Crowd {
  #points = [];
  #shown = "";
  #chosen = ""; // else the newest drop
  #isRunning = false;

  /**
   * @param {import("./session.js").Session} session
   * @param {import("./messages.js").Messages} messages
   */
  constructor(session, messages) {
    this.session = session;
    this.messages = messages;
    const choose = () => (this.#chosen = this.drops.value);
    this.drops = /** @type {HTMLSelectElement} */ (h("select", { id: "crowd-drop", onchange: choose }));
    this.count = /** @type {HTMLInputElement} */ (
      h("input", { id: "crowd-members", type: "number", min: 2, max: 500, value: 100, required: true })
    );
    this.start = h("button", { type: "submit", class: "primary" }, "Let them click");
    this.course = h("div", { class: "course" });
    this.said = h("p", { class: "sr-only", role: "status" });
    const form = h(
      "form",
      { class: "crowd-form", onsubmit: (event) => this.#begin(event) },
      h("label", { for: "crowd-drop" }, "Drop in this channel"),
      this.drops,
      h("label", { for: "crowd-members" }, "Members"),
      this.count,
      this.start,
    );
    this.panel = h("section", { class: "panel" }, form, this.said, this.course);
    messages.addEventListener("change", () => this.#offer());
    this.#offer();
  }

  /** Show the books as they are while no crowd has clicked yet. */
  async show() {
    if (this.#shown) return;
    const read = await trying(() => api.books(this.session.server.id));
    if (read && !this.#shown) this.course.replaceChildren(h("p", { class: "empty" }, ABOUT), books(read));
  }

  #offer() {
    const open = this.messages.list.flatMap((message) =>
      buttonsIn(message.components)
        .filter((button) => button.custom_id?.startsWith("claim:") && !button.disabled)
        .map((button) => ({
          value: `${message.id} ${button.custom_id}`,
          label: `${withoutMarkup(message.embeds?.[0]?.title ?? "Drop", this.session.names)} (${button.label})`,
        })),
    );
    const options = open.reverse().map(({ value, label }) => h("option", { value, selected: value === this.#chosen }, label));
    this.drops.replaceChildren(
      ...(options.length > 0 ? options : [h("option", { value: "" }, "No open drop here: post one with /drop create")]),
    );
    this.start.toggleAttribute("disabled", open.length === 0 || this.#isRunning);
  }

  async #begin(event) {
    event.preventDefault();
    clearNotices();
    const [message, customId] = this.drops.value.split(" ");
    const { server, channel } = this.session.place;
    const begun = await trying(() =>
      api.crowd({ server, channel, message, custom_id: customId, members: Number(this.count.value) }),
    );
    this.#isRunning ||= begun !== null && begun.crowd !== this.#shown;
    this.#offer();
  }

  /** Show the progress of a crowd, whichever page started it. @param {any} progress */
  update(progress) {
    if (progress.crowd !== this.#shown) this.#points = [{ seconds: 0, outcomes: {} }];
    this.#shown = progress.crowd;
    this.#points.push(progress);
    this.#draw(progress);
    this.#isRunning = !progress.done;
    if (progress.done) {
      const claimed = progress.outcomes.claimed ?? 0;
      this.said.textContent = `Done: ${claimed} have claimed. ${verdict(progress.books)}.`;
    }
    this.#offer();
  }

  #draw(progress) {
    const { clicked, total, counter, max_claims: limit, seconds, outcomes } = progress;
    const layers = Object.keys(outcomes)
      .sort((a, b) => Number(b === "claimed") - Number(a === "claimed"))
      .map((name, index) => ({ name, colour: name === "failed" ? COLOURS.at(-1) : COLOURS[Math.min(index, 3)] }));
    this.course.replaceChildren(
      h(
        "dl",
        { class: "figures" },
        figure("Clicks answered", `${clicked} of ${total}`),
        figure("Counter", limit === null ? `${counter}` : `${counter} of ${limit}`),
        figure("Seconds", seconds.toFixed(1)),
      ),
      chart(this.#points, layers, { total, limit }),
      h(
        "table",
        { class: "outcomes" },
        h("caption", { class: "sr-only" }, "Clicks by outcome"),
        h("tbody", {}, ...layers.map(({ name, colour }) => row(name, colour, outcomes[name]))),
      ),
      books(progress.books),
    );
  }
}

const figure = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));

function row(name, colour, count) {
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, h("span", { class: "dot", style: `background: ${colour}` }), NAMES[name] ?? name),
    h("td", {}, String(count)),
  );
}

const verdict = ({ agree }) => (agree ? "The books agree" : "The books disagree");

function books({ ledger, stats, claims, drop_rows, counters, agree }) {
  const written = (number) => number.toLocaleString("en");
  const sign = (one, other) => (one === other ? " = " : " ≠ ");
  return h(
    "section",
    { class: `books ${agree ? "agree" : "disagree"}` },
    h("h4", {}, verdict({ agree })),
    h("p", {}, "RSNC: ledger ", h("b", {}, written(ledger)), sign(ledger, stats), "stats ", h("b", {}, written(stats))),
    h(
      "p",
      {},
      "Claims: table ",
      h("b", {}, written(claims)),
      sign(claims, drop_rows),
      "ledger ",
      h("b", {}, written(drop_rows)),
      sign(drop_rows, counters),
      "counters ",
      h("b", {}, written(counters)),
      agree && counters < drop_rows ? " (the minute's run counts the rest)" : "",
    ),
  );
}
