/** A small chart of a crowd: how many clicks were answered, stacked by outcome, over the seconds. */

import { svg } from "./dom.js";

const WIDTH = 320;
const HEIGHT = 140;
const LEFT = 30;
const BOTTOM = 18;

/**
 * @param {{seconds: number, outcomes: Record<string, number>}[]} points oldest first
 * @param {{name: string, colour: string}[]} outcomes the lowest layer first
 * @param {{total: number, limit: number | null}} scale how many members click, and how many can claim
 */
export function chart(points, outcomes, { total, limit }) {
  const longest = Math.max(points.at(-1)?.seconds ?? 0, 0.1);
  const x = (seconds) => LEFT + (seconds / longest) * (WIDTH - LEFT);
  const y = (count) => (HEIGHT - BOTTOM) * (1 - count / total);
  const sums = points.map(() => 0);
  const layers = outcomes.map(({ name, colour }) => {
    const lower = points.map((point, index) => `${x(point.seconds)},${y(sums[index])}`);
    points.forEach((point, index) => (sums[index] += point.outcomes[name] ?? 0));
    const upper = points.map((point, index) => `${x(point.seconds)},${y(sums[index])}`);
    return svg("polygon", { points: [...upper, ...lower.reverse()].join(" "), fill: colour });
  });
  const label = (text, at, anchor = "end") =>
    svg("text", { x: at[0], y: at[1], "text-anchor": anchor, class: "label" }, text);
  const line = (count, kind) => svg("line", { x1: LEFT, x2: WIDTH, y1: y(count), y2: y(count), class: kind });
  return svg(
    "svg",
    {
      viewBox: `0 -8 ${WIDTH} ${HEIGHT + 12}`,
      class: "chart",
      role: "img",
      "aria-label": `Clicks answered over ${longest} seconds, by outcome; the figures are below`,
    },
    line(0, "axis"),
    line(total, "axis"),
    ...layers,
    ...(limit === null || limit > total ? [] : [line(limit, "limit"), label(`limit ${limit}`, [WIDTH, y(limit) - 5])]),
    label(String(total), [LEFT - 4, y(total) + 4]),
    label("0", [LEFT - 4, y(0) + 4]),
    label(`${longest.toFixed(1)} s`, [WIDTH, HEIGHT]),
  );
}
