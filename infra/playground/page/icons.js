/** Icons for buttons, hidden from screen readers. */

import { svg } from "./dom.js";

const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  tick: "M5 12.5l4.5 4.5L19 7.5",
  circle: "M12 4a8 8 0 100 16 8 8 0 000-16z",
  down: "M6 9l6 6 6-6",
  send: "M4 12h14M12 5l7 7-7 7",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 100 6 3 3 0 000-6z",
  moon: "M20 14.5A8.5 8.5 0 119.5 4 7 7 0 0020 14.5z",
  sun:
    "M12 8a4 4 0 100 8 4 4 0 000-8zM12 2v2M12 20v2M2 12h2M20 12h2" +
    "M5 5l1.5 1.5M17.5 17.5L19 19M5 19l1.5-1.5M17.5 6.5L19 5",
};

/** @param {keyof typeof PATHS} name */
export function icon(name) {
  const stroke = { stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round" };
  const drawn = svg("path", { d: PATHS[name], fill: "none", ...stroke });
  return svg("svg", { viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true" }, drawn);
}
