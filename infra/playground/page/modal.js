/** A form of the bot in the browser's dialog: focus stays inside, Escape closes it. */

import { h, newId } from "./dom.js";
import { icon } from "./icons.js";
import { markdown } from "./markdown.js";
import { SELECTS, picker } from "./select.js";

const TYPE = { ROW: 1, TEXT_INPUT: 4, TEXT: 10, LABEL: 18 };
const PARAGRAPH = 2;

/**
 * A field of a form: its element, its name, and how to read and check it.
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {string} [name]
 * @property {HTMLElement} [control]
 * @property {() => string | string[]} [read]
 * @property {() => string | null} [problem]
 */

/**
 * Show a form until it is sent or closed.
 * @param {any} data the modal as the bot sent it
 * @param {import("./session.js").Session} session
 * @param {(fields: Record<string, unknown>) => Promise<{failure: string | null}>} submit
 */
export function openModal(data, session, submit) {
  const fields = data.components.map((component) => fieldOf(component, session));
  const error = h("p", { class: "form-error", role: "alert" });
  const title = h("h2", { id: newId("modal") }, data.title);
  const close = () => dialog.close();
  const send = h("button", { type: "submit", class: "primary" }, "Submit");
  const form = h(
    "form",
    { novalidate: true, onsubmit: (event) => sent(event) },
    h(
      "p",
      { class: "form-warning" },
      `This form will be sent to ${session.world.application.name}, as any form of an app.`,
    ),
    ...fields.map((field) => field.element),
    error,
    h("footer", {}, h("button", { type: "button", class: "plain", onclick: close }, "Cancel"), send),
  );
  const header = h(
    "header",
    {},
    title,
    h("button", { type: "button", class: "bare", "aria-label": "Close", onclick: close }, icon("close")),
  );
  const dialog = /** @type {HTMLDialogElement} */ (
    h("dialog", { class: "modal", "aria-labelledby": title.id, onclose: () => dialog.remove() }, header, form)
  );

  async function sent(event) {
    event.preventDefault();
    const wrong = fields.filter((field) => field.control && tellProblem(field));
    if (wrong.length > 0) return wrong[0].control?.focus();
    send.setAttribute("disabled", "");
    error.textContent = await failureOf(
      submit(Object.fromEntries(fields.filter(({ name }) => name).map(({ name, read }) => [name, read()]))),
    );
    send.removeAttribute("disabled");
    if (!error.textContent) dialog.close();
  }

  document.body.append(dialog);
  dialog.showModal();
  fields.find((field) => field.control)?.control?.focus();
}

async function failureOf(submitted) {
  try {
    return (await submitted).failure ?? "";
  } catch (error) {
    return error.message;
  }
}

function tellProblem({ element, control, problem }) {
  const found = problem?.() ?? "";
  control.setAttribute("aria-invalid", String(Boolean(found)));
  element.querySelector(".field-problem").textContent = found;
  return found;
}

/** @returns {Field} */
function fieldOf(component, session) {
  if (component.type === TYPE.TEXT) return { element: h("div", {}, ...markdown(component.content, session.names)) };
  const isLabelled = component.type === TYPE.LABEL || component.type === TYPE.ROW;
  const inner = isLabelled ? (component.component ?? component.components[0]) : component;
  const isSelect = SELECTS.includes(inner.type);
  if (!isSelect && inner.type !== TYPE.TEXT_INPUT)
    return { element: h("p", { class: "undrawn" }, `A field of type ${inner.type}`) };
  const id = newId("field");
  const help = h("span", { class: "field-help", id: `${id}-help` }, component.description ?? "");
  const problem = h("span", { class: "field-problem", id: `${id}-problem` });
  const isRequired = inner.required ?? true;
  const attributes = { id, "aria-describedby": `${help.id} ${problem.id}`, "aria-required": String(isRequired) };
  const { control, element, read } = isSelect ? select(inner, attributes, session) : textInput(inner, attributes);
  const star = isRequired && h("span", { class: "required", "aria-hidden": "true" }, "*");
  const label = h("label", { for: id }, component.label ?? inner.label ?? inner.custom_id, star);
  return {
    element: h("div", { class: "field" }, label, help, element, problem),
    name: inner.custom_id,
    control,
    read,
    problem: () => problemOf(inner, isRequired, read()),
  };
}

function textInput(component, attributes) {
  const tag = component.style === PARAGRAPH ? "textarea" : "input";
  const control = /** @type {HTMLInputElement} */ (
    h(tag, {
      ...attributes,
      maxlength: component.max_length ?? 4000,
      placeholder: component.placeholder,
      rows: tag === "textarea" ? 4 : null,
    })
  );
  control.value = component.value ?? "";
  return { control, element: control, read: () => control.value };
}

function select(component, attributes, session) {
  const chooser = picker(component, session, { attributes });
  return { control: chooser.button, element: chooser.element, read: () => chooser.values };
}

function problemOf(component, isRequired, value) {
  if (value.length === 0) return isRequired ? "This is required." : null;
  const least = component.min_length;
  return typeof value === "string" && least && value.length < least ? `At least ${least} characters.` : null;
}
