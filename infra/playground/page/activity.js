/** The tab "Activity": a voice channel to sit in, and what the events endpoint answered to what members did. */

import { api } from "./api.js";
import { h } from "./dom.js";
import { trying } from "./notices.js";

const KEPT = 50;
const ABOUT =
  "Messages, reactions and the time in the voice channel are sent to the events endpoint in signed batches, as a gateway " +
  "relay sends them. Move the clock to sit longer.";

export class Activity {
  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.session = session;
    this.voice = h("div", { class: "voice" });
    this.log = h("ol", { class: "activity", "aria-label": "What was recorded", role: "log" });
    this.panel = h("section", { class: "panel" }, h("p", { class: "empty" }, ABOUT), this.voice, this.log);
    session.addEventListener("place", () => this.#draw());
    this.#draw();
  }

  /** Show who sits where. @param {Array<{member: string, server: string}>} seats */
  seated(seats) {
    this.session.world.seats = seats;
    this.#draw();
  }

  /** Add the answer to a batch. @param {any} batch */
  add({ server, member, types, results = [], error }) {
    const names = this.session.names;
    const place = this.session.world.servers.find(({ id }) => id === server)?.name;
    const line = (type, index) =>
      h("li", {}, h("b", {}, names.member(member)?.name ?? member), `, ${type} in ${place}: `, said(results[index], error));
    this.log.prepend(...types.map(line));
    while (this.log.children.length > KEPT) this.log.lastChild?.remove();
  }

  #draw() {
    const { server, member, names, world } = this.session;
    const here = world.seats.filter((seat) => seat.server === server.id).map((seat) => names.member(seat.member)?.name);
    const isIn = world.seats.some((seat) => seat.server === server.id && seat.member === member.id);
    const press = () => trying(() => api.voice(member.id, server.id, isIn));
    this.voice.replaceChildren(
      h("h3", {}, `Voice channel of ${server.name}`),
      h("p", {}, here.length > 0 ? `Here: ${here.join(", ")}` : "Nobody is here."),
      h("button", { type: "button", class: "primary", onclick: press }, `${isIn ? "Leave" : "Join"} as ${member.name}`),
    );
  }
}

/** What came of an item, in words. */
function said(result, error) {
  if (!result) return error ?? "not recorded";
  const paid = (result.paid ?? []).map(({ event, amount }) => `${amount} RSNC for ${event}`);
  const refused = (result.refused ?? []).map(({ event, outcome }) => `${event}: ${outcome}`);
  const why = result.reason ?? [result.field, result.problem].filter(Boolean).join(" ");
  return [result.result, why, ...paid, ...refused].filter(Boolean).join(", ");
}
