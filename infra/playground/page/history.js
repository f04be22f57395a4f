/** What this page sent, the newest first, for the panel to show. */

const KEPT = 30;

/**
 * One interaction, or one run of a schedule, with what it did.
 * @typedef {object} Entry
 * @property {string} title
 * @property {string} who
 * @property {any} result as /api/act or /api/run answered
 */

class History extends EventTarget {
  /** @type {Entry[]} */
  entries = [];
  /** @type {Entry | undefined} */
  shown;

  /** @param {Entry} entry @param {{show?: boolean}} [options] */
  add(entry, { show = true } = {}) {
    this.entries = [entry, ...this.entries].slice(0, KEPT);
    this.show(show ? entry : this.shown);
  }

  /** @param {Entry | undefined} entry */
  show(entry) {
    this.shown = entry;
    this.dispatchEvent(new Event("change"));
  }
}

export const history = new History();
