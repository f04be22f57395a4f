/** An embed of a message. */

import { sentAt } from "./clock.js";
import { hexOf } from "./colour.js";
import { h } from "./dom.js";
import { markdown, oneLine } from "./markdown.js";
import { picture, webAddress } from "./media.js";

/**
 * @param {any} embed
 * @param {any} message
 * @param {import("./markdown.js").Names} names
 */
export function embedElement(embed, message, names) {
  const { title, description, fields = [], thumbnail, image } = embed;
  const colour = hexOf(embed.color);
  const draw = (part, kind) => part?.url && picture(part.url, message, { kind });
  return h(
    "div",
    { slot: "embeds", class: "embed", style: colour && `--edge: ${colour}` },
    h(
      "div",
      { class: "embed-text" },
      embed.author && authorElement(embed.author, draw),
      title && h("div", { class: "embed-title" }, ...linked(embed.url, oneLine(title, names))),
      description && h("div", { class: "embed-description" }, ...markdown(description, names, true)),
      fields.length > 0 && h("div", { class: "embed-fields" }, ...fields.map((field) => fieldElement(field, names))),
    ),
    draw(thumbnail, "thumbnail"),
    draw(image, "embed-image"),
    (embed.footer || embed.timestamp) && footerElement(embed, draw, names),
  );
}

function authorElement({ name, url, icon_url }, draw) {
  return h("div", { class: "embed-author" }, draw(icon_url && { url: icon_url }, "icon"), ...linked(url, [name]));
}

const fieldElement = ({ name, value, inline }, names) =>
  h(
    "div",
    { class: inline ? "embed-field inline" : "embed-field" },
    h("div", { class: "field-title" }, ...oneLine(name, names)),
    h("div", {}, ...markdown(value, names, true)),
  );

function footerElement({ footer, timestamp }, draw, names) {
  const at = timestamp && sentAt(Date.parse(timestamp) / 1000, names.locale);
  const words = [footer?.text, at].filter(Boolean).join(" • ");
  return h("div", { class: "embed-footer" }, draw(footer?.icon_url && { url: footer.icon_url }, "icon"), words);
}

function linked(url, nodes) {
  const address = webAddress(url);
  return address
    ? [h("discord-link", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...nodes)]
    : nodes;
}
