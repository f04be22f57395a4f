/** The tab "Last interaction": the request, the reply, and how long it took. */

import { h, newId } from "./dom.js";
import { history } from "./history.js";
import { jsonView } from "./json.js";

export function inspector() {
  const panel = h("section", { class: "panel" });
  const draw = () => panel.replaceChildren(...(history.shown ? contents(history.shown) : [nothing()]));
  history.addEventListener("change", draw);
  draw();
  return panel;
}

const nothing = () =>
  h(
    "p",
    { class: "empty" },
    "Nothing was sent yet. Use a command or press a button: the request, the reply and what they cost appear here.",
  );

function contents({ who, title, result }) {
  return [
    chooser(),
    h("h3", { class: "sent" }, title, h("small", {}, ` by ${who}`)),
    figures(result),
    (result.problem || result.error) && h("p", { class: "callout", role: "note" }, result.problem ?? result.error),
    result.interaction &&
      details("Request", result.interaction, `${(JSON.stringify(result.interaction).length / 1000).toFixed(1)} kB`),
    result.reply && details("Reply", result.reply.json, `HTTP ${result.reply.status}`),
    "result" in result && details("Result", result.result, ""),
  ].filter(Boolean);
}

function chooser() {
  const id = newId("entry");
  const options = history.entries.map((entry, index) =>
    h(
      "option",
      { value: index, selected: entry === history.shown },
      `${entry.title} (${entry.who}, ${entry.result.milliseconds} ms)`,
    ),
  );
  const choose = (event) => history.show(history.entries[event.target.value]);
  return h(
    "div",
    { class: "chooser" },
    h("label", { for: id }, "Sent in this page"),
    h("select", { id, onchange: choose }, ...options),
  );
}

function figures(result) {
  const calls = result.database_calls ?? [];
  const start = result.cold ? "cold start" : "warm";
  const handler = result.handler_milliseconds ?? null;
  return h(
    "dl",
    { class: "figures" },
    figure("Round trip", `${result.milliseconds} ms`),
    handler !== null && figure("Handler", `${handler} ms`, start),
    figure("Database calls", String(calls.length), calls.join(", ")),
    result.changes && figure("Rows changed", String(result.changes.length)),
  );
}

const figure = (name, value, note = "") =>
  h("div", {}, h("dt", {}, name), h("dd", {}, value, note && h("small", {}, note)));

function details(name, value, note) {
  return h("details", { open: true }, h("summary", {}, name, note && h("small", {}, note)), jsonView(value, name));
}
