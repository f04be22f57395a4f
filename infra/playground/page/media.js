/** Pictures and files of messages. The page loads nothing from elsewhere: of other pictures it shows where they are. */

import { h } from "./dom.js";

const REFERENCE = "attachment://";
const HERE = ["127.0.0.1", "localhost"];

/** The address of a web page, or null: what Discord links to. @param {string | null | undefined} url */
export const webAddress = (url) => (url && /^https?:\/\//i.test(url) ? url : null);

const attachmentNamed = (url, message) =>
  (message.attachments ?? []).find(
    (file) => `${REFERENCE}${file.filename}` === url || file.url === url || file.proxy_url === url,
  );

/** Where the playground serves a file of its own Discord; null for what is elsewhere. */
function addressHere(url, message) {
  const found = url.startsWith(REFERENCE) ? attachmentNamed(url, message)?.url : url;
  const address = found && URL.parse(found);
  return address && HERE.includes(address.hostname) && address.pathname.startsWith("/attachments/")
    ? address.pathname
    : null;
}

/**
 * A picture, or a box that says where it is.
 * @param {string} url
 * @param {any} message whose files `attachment://` names
 * @param {{kind: string, about?: string | null}} options `kind` is a class of the style sheet
 */
export function picture(url, message, { kind, about }) {
  const here = addressHere(url, message);
  if (here) return h("img", { class: kind, src: here, alt: about ?? "" });
  const host = URL.parse(url)?.hostname ?? url;
  const label = about ? `${about} (a picture on ${host})` : `A picture on ${host}`;
  const link = { href: webAddress(url), target: "_blank", rel: "noopener noreferrer", title: url };
  return h("a", { class: `elsewhere ${kind}`, "aria-label": label, ...link }, h("span", {}, `Picture on ${host}`));
}

/** The file that a component names. @param {string} url @param {any} message */
export function fileNamed(url, message) {
  const file = attachmentNamed(url, message);
  return file ? fileElement(file, message) : h("p", { class: "undrawn" }, `The file ${url} is not there.`);
}

/** The files of a message, pictures as pictures. @param {any} message */
export function attachments(message) {
  const shown = (message.attachments ?? []).filter((file) => !isNamed(file, message));
  if (shown.length === 0) return null;
  const one = (file) =>
    file.content_type?.startsWith("image/")
      ? picture(file.url, message, { kind: "attached", about: file.description ?? file.filename })
      : fileElement(file, message);
  return h("div", { slot: "attachments", class: "attachments" }, ...shown.map(one));
}

/** Does an embed or a component show this file? Discord then shows it only there. */
function isNamed(file, { embeds, components }) {
  const names = JSON.stringify([embeds, components]);
  return [`${REFERENCE}${file.filename}`, file.url].some((url) => names.includes(JSON.stringify(url)));
}

const KILOBYTE = 1024;

function fileElement({ filename, size, url }, message) {
  const [bytes, unit] = size < KILOBYTE ? [size, "bytes"] : [(size / KILOBYTE).toFixed(1), "KB"];
  const drawn = h("discord-file-attachment", { name: filename, bytes, "bytes-unit": unit });
  const link = { class: "download", href: addressHere(url, message), download: filename };
  return h("a", { ...link, "aria-label": `Download ${filename}` }, drawn);
}
