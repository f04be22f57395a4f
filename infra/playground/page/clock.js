/** The stack's clock, which can be ahead of this machine's. */

const HOUR = 3600;
export const STEPS = [
  ["+ 1 hour", HOUR],
  ["+ 1 day", 24 * HOUR],
  ["+ 1 week", 168 * HOUR],
];

/** Dispatches `tick` every second, and `moved` when the clock is moved. */
class Clock extends EventTarget {
  #ahead = 0;
  offset = 0;

  constructor() {
    super();
    setInterval(() => this.dispatchEvent(new Event("tick")), 1000);
  }

  /** @param {{now: number, offset: number}} read */
  set({ now, offset }) {
    this.#ahead = now - Date.now() / 1000;
    const hasMoved = offset !== this.offset;
    this.offset = offset;
    this.dispatchEvent(new Event("tick"));
    if (hasMoved) this.dispatchEvent(new Event("moved"));
  }

  /** The stack's time in seconds since 1970. */
  now() {
    return Date.now() / 1000 + this.#ahead;
  }
}

export const clock = new Clock();

const UNITS = /** @type {const} */ ([
  ["year", 31_556_952],
  ["month", 2_629_746],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
]);

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

/**
 * How far a time is from now: in 2 hours, 5 minutes ago. What rounds up to a unit is told in it: in 1 hour.
 * @param {number} unix
 * @param {string} locale
 */
export function relative(unix, locale) {
  const seconds = Math.round(unix - clock.now()) + 0; // never -0, which would be told as the past
  const least = (at) => UNITS[at][1] - (UNITS[at + 1]?.[1] ?? 0) / 2;
  const [unit, size] = UNITS.find((_, at) => Math.abs(seconds) >= least(at)) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(locale).format(Math.round(seconds / size), unit);
}

/**
 * A time as Discord writes `<t:unix:style>`.
 * @param {number} unix
 * @param {string} style
 * @param {string} locale
 */
export function written(unix, style, locale) {
  if (style === "R") return relative(unix, locale);
  return new Intl.DateTimeFormat(locale, STYLES[style] ?? STYLES.f).format(unix * 1000);
}

/**
 * A time to the second, with the zone of whoever looks at the page.
 * @param {number} unix
 * @param {string} locale
 */
export const exact = (unix, locale) =>
  new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" }).format(unix * 1000);

/**
 * When a message was sent: Today at 14:05.
 * @param {number} unix
 * @param {string} locale
 */
export function sentAt(unix, locale) {
  const day = (seconds) => new Date(seconds * 1000).toDateString();
  const time = written(unix, "t", locale);
  if (day(unix) === day(clock.now())) return `Today at ${time}`;
  if (day(unix) === day(clock.now() - 86_400)) return `Yesterday at ${time}`;
  return `${written(unix, "d", locale)}, ${time}`;
}

/** A span of time in words: 2 days 3 hours. @param {number} seconds */
export function span(seconds) {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / HOUR);
  const part = (count, unit) => count > 0 && `${count} ${unit}${count === 1 ? "" : "s"}`;
  return [part(days, "day"), part(hours, "hour")].filter(Boolean).join(" ");
}
