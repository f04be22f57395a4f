/** The components of a message: buttons and selects, and what lays them out. */

import { hexOf } from "./colour.js";
import { h } from "./dom.js";
import { markdown } from "./markdown.js";
import { fileNamed, picture, webAddress } from "./media.js";
import { picker } from "./select.js";

const LINK_BUTTON = 5;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger" };
const BUTTON = 2;

/**
 * Where a component is drawn, and what its use does.
 * @typedef {object} Context
 * @property {any} message
 * @property {import("./session.js").Session} session
 * @property {(button: any) => void} onClick
 * @property {(select: any, values: string[]) => void} onSelect
 */

/** All buttons among components, nested ones included. @param {any[]} components @returns {any[]} */
export const buttonsIn = (components) =>
  (components ?? []).flatMap((component) => [
    ...(component.type === BUTTON ? [component] : []),
    ...buttonsIn(component.components),
    ...buttonsIn(component.accessory && [component.accessory]),
  ]);

const all = (components, context) => components.map((component) => partElement(component, context));

const DRAWN = {
  1: ({ components }, context) => h("div", { class: "part-row" }, ...all(components, context)),
  [BUTTON]: buttonElement,
  3: selectElement,
  5: selectElement,
  6: selectElement,
  7: selectElement,
  8: selectElement,
  9: ({ components, accessory }, context) =>
    h(
      "div",
      { class: "part-section" },
      h("div", { class: "part-texts" }, ...all(components, context)),
      partElement(accessory, context),
    ),
  10: ({ content }, { session }) => h("div", { class: "part-text" }, ...markdown(content, session.names)),
  11: ({ media, description }, { message }) => picture(media.url, message, { kind: "thumbnail", about: description }),
  12: ({ items }, { message }) =>
    h(
      "div",
      { class: "part-gallery", "data-count": items.length },
      ...items.map((item) => picture(item.media.url, message, { kind: "shown", about: item.description })),
    ),
  13: ({ file }, { message }) => fileNamed(file.url, message),
  14: ({ divider = true, spacing = 1 }) =>
    h("hr", { class: `part-separator${divider ? " divider" : ""}${spacing === 2 ? " large" : ""}` }),
  17: ({ accent_color, components }, context) => {
    const edge = hexOf(accent_color);
    return h(
      "div",
      { class: "part-container", style: edge && `--edge: ${edge}`, "data-accent": Boolean(edge) },
      ...all(components, context),
    );
  },
};

/** @param {any} component @param {Context} context @returns {HTMLElement} */
export function partElement(component, context) {
  const draw = DRAWN[component.type];
  return draw?.(component, context) ?? h("p", { class: "undrawn" }, `A component of type ${component.type}`);
}

function buttonElement(button, { onClick }) {
  const label = [button.emoji?.name, button.label].filter(Boolean).join(" ");
  const look = { class: `part-button ${STYLES[button.style] ?? "secondary"}`, "data-custom-id": button.custom_id };
  if (button.style === LINK_BUTTON) {
    const link = { ...look, href: webAddress(button.url), target: "_blank", rel: "noopener noreferrer" };
    return h("a", link, label, " ↗");
  }
  const press = { type: "button", disabled: Boolean(button.disabled), onclick: () => onClick(button) };
  return h("button", { ...look, ...press }, label);
}

function selectElement(select, { session, onSelect }) {
  const attributes = { "data-custom-id": select.custom_id };
  return picker(select, session, { attributes, onChange: (values) => onSelect(select, values) }).element;
}
