/** The selects of Discord, in messages and in forms. */

import { channels, people, roles } from "./offers.js";
import { Picker } from "./picker.js";

const [STRING, USER, ROLE, MENTIONABLE, CHANNEL] = [3, 5, 6, 7, 8];

/** The types of selects. */
export const SELECTS = [STRING, USER, ROLE, MENTIONABLE, CHANNEL];

const PLACEHOLDERS = {
  [STRING]: "Make a selection",
  [USER]: "Select a member",
  [ROLE]: "Select a role",
  [MENTIONABLE]: "Select a member or a role",
  [CHANNEL]: "Select a channel",
};

/**
 * @param {any} component
 * @param {import("./session.js").Session} session
 * @param {{attributes?: Record<string, unknown>, onChange?: (values: string[]) => void}} [how]
 */
export function picker(component, session, how = {}) {
  return new Picker(offersOf(component, session), {
    least: component.min_values ?? 1,
    most: component.max_values ?? 1,
    placeholder: component.placeholder ?? PLACEHOLDERS[component.type],
    chosen: [
      ...(component.options ?? []).filter((option) => option.default).map(({ value }) => value),
      ...(component.default_values ?? []).map(({ id }) => id),
    ],
    disabled: Boolean(component.disabled),
    ...how,
  });
}

/** @returns {import("./offers.js").Offer[]} */
function offersOf(component, session) {
  switch (component.type) {
    case USER:
      return people(session);
    case ROLE:
      return roles(session);
    case MENTIONABLE:
      return [...people(session), ...roles(session)];
    case CHANNEL:
      return channels(session, component.channel_types);
    default:
      return (component.options ?? []).map(({ label, value, description, emoji }) => ({
        label,
        value,
        detail: description,
        emoji: emoji?.name,
      }));
  }
}
