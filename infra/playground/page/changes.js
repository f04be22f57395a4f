/** The tab "Changed rows": the rows that the shown interaction wrote, by table, before and after. */

import { h } from "./dom.js";
import { history } from "./history.js";
import { plain } from "./json.js";

const WORDS = { insert: "new row", update: "changed", delete: "deleted" };

export function changes() {
  const panel = h("section", { class: "panel" });
  const draw = () => panel.replaceChildren(...contents(history.shown));
  history.addEventListener("change", draw);
  draw();
  return panel;
}

function contents(entry) {
  if (!entry)
    return [h("p", { class: "empty" }, "Nothing was sent yet. The rows that an interaction writes appear here.")];
  const found = entry.result.changes;
  if (!found) return [h("p", { class: "empty" }, "The database is a real one here: its rows are not looked at.")];
  const heading = h("h3", { class: "sent" }, entry.title, h("small", {}, ` by ${entry.who}`));
  if (found.length === 0) return [heading, h("p", { class: "empty" }, "It changed no row.")];
  const tables = Map.groupBy(found, (change) => change.table);
  return [heading, ...[...tables].map(([table, rows]) => tableElement(table, rows))];
}

function tableElement(table, rows) {
  return h(
    "section",
    { class: "changed" },
    h("h4", {}, h("code", {}, table)),
    ...rows.map((change) => rowElement(table, change)),
  );
}

function rowElement(table, { what, row, before }) {
  const isUpdate = what === "update" && before;
  const columns = Object.keys(row).filter((column) => !isUpdate || differs(row, before, column));
  const rest = Object.keys(row).length - columns.length;
  return h(
    "table",
    { class: what },
    h(
      "caption",
      {},
      h("span", { class: `badge ${what}` }, WORDS[what]),
      isUpdate && h("span", { class: "sr-only" }, ` in ${table}`),
    ),
    h(
      "thead",
      { class: isUpdate ? "" : "sr-only" },
      h("tr", {}, head("Column"), isUpdate && head("Before"), head(isUpdate ? "After" : "Value")),
    ),
    h(
      "tbody",
      {},
      ...columns.map((column) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, column),
          isUpdate && cell(before[column], "before"),
          cell(row[column], "after"),
        ),
      ),
    ),
    rest > 0 && h("tfoot", {}, h("tr", {}, h("td", { colspan: 3 }, `${rest} more columns stayed as they were`))),
  );
}

const differs = (row, before, column) => JSON.stringify(row[column]) !== JSON.stringify(before[column]);
const head = (text) => h("th", { scope: "col" }, text);
const cell = (value, kind) => h("td", { class: kind }, plain(value));
