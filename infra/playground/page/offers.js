/** What there is to choose from: in options of commands, and in selects. */

import { avatar } from "./avatars.js";

/**
 * @typedef {{label: string, value: any, detail?: string, picture?: string, emoji?: string}} Offer
 * @typedef {import("./session.js").Session} Session
 */

/** @param {Session} session @returns {Offer[]} */
export const people = ({ world }) =>
  world.members.map(({ id, name, about, color }) => ({
    label: name,
    detail: about,
    value: id,
    picture: avatar(name, color),
  }));

/** @param {Session} session @returns {Offer[]} */
export const roles = ({ world }) => world.roles.map(({ id, name }) => ({ label: `@${name}`, value: id }));

/**
 * @param {Session} session
 * @param {number[]} [kinds] the types of channels, all where it is missing
 * @returns {Offer[]}
 */
export const channels = ({ server }, kinds) =>
  server.channels
    .filter(({ type }) => !kinds?.length || kinds.includes(type))
    .map(({ id, name }) => ({ label: `#${name}`, value: id }));

const MENTION = /^<(?:#|@[!&]?)(\d+)>$/;
const bare = (text) => text.replace(/^[#@]/, "").toLowerCase();

/**
 * The offer that a typed text means: by its label, its value, its name with or without # or @, or a mention.
 * @param {Offer[]} offers
 * @param {string} text
 */
export function meant(offers, text) {
  const typed = text.trim();
  const value = (MENTION.exec(typed)?.[1] ?? typed).toLowerCase();
  return (
    offers.find(({ label }) => label.toLowerCase() === typed.toLowerCase()) ??
    offers.find((offer) => String(offer.value).toLowerCase() === value) ??
    offers.find(({ label }) => bare(label) === bare(typed))
  );
}
