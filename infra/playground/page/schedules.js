/** The tab "Schedules": run a scheduled function now, and see what it did. */

import { api } from "./api.js";
import { h } from "./dom.js";
import { history } from "./history.js";
import { jsonView } from "./json.js";
import { trying } from "./notices.js";

const ABOUT = {
  expire_drops: "Every minute: closes the drops whose time is up, pays reactions, and brings messages up to date.",
  reset_streaks: "Every hour: writes down which streaks have lapsed.",
  prune_events: "Every day: forgets the ids of activity that is older than seven days.",
};

/** @param {string[]} names */
export function schedules(names) {
  const outcome = h("div", { role: "status" });
  const run = async (name, button) => {
    button.disabled = true;
    const result = await trying(() => api.run(name));
    button.disabled = false;
    if (!result) return;
    history.add({ title: `Schedule: ${name}`, who: "the scheduler", result });
    outcome.replaceChildren(...outcomeOf(name, result));
  };
  const card = (name) => {
    const button = h(
      "button",
      {
        type: "button",
        class: "primary",
        "aria-label": `Run ${name} now`,
        onclick: (event) => run(name, event.currentTarget),
      },
      "Run now",
    );
    return h("li", {}, h("div", {}, h("code", {}, name), h("p", {}, ABOUT[name] ?? "A scheduled function.")), button);
  };
  return h("section", { class: "panel" }, h("ul", { class: "schedules" }, ...names.map(card)), outcome);
}

function outcomeOf(name, { result, error, milliseconds, changes }) {
  const rows = changes ? `, ${changes.length} ${changes.length === 1 ? "row" : "rows"} changed` : "";
  return [
    h("h3", { class: "sent" }, name, h("small", {}, ` took ${milliseconds} ms${rows}`)),
    error ? h("p", { class: "callout" }, error) : jsonView(result, `Result of ${name}`),
  ];
}
