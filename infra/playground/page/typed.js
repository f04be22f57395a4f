/** A command as one writes it: `/drop create event:quest lifespan:5m`. */

/**
 * The command at the start of a text, and what stands after it; null when there is none.
 * @param {string} text
 * @param {import("./commands.js").Command[]} commands
 */
export function commandIn(text, commands) {
  for (const command of commands) {
    const path = command.path.split(" ").map(escaped).join(String.raw`\s+`);
    const match = new RegExp(String.raw`^\s*\/${path}(?=\s|$)`, "i").exec(text);
    if (match) return { command, after: text.slice(match[0].length) };
  }
  return null;
}

/**
 * The options in a text. A value is everything up to the name of the next option and its colon, as in Discord.
 * @param {string} text
 * @param {any[]} options those that can be given
 * @returns {{given: {option: any, text: string}[], rest: string}} `rest` stands before the first option
 */
export function optionsIn(text, options) {
  if (options.length === 0) return { given: [], rest: text.trim() };
  const names = options.map(({ name }) => escaped(name).replace(/[-_]/g, "[-_]")).join("|");
  const seen = new Set();
  const starts = [...text.matchAll(new RegExp(String.raw`(?<=^|\s)(${names}):`, "gi"))]
    .map((match) => ({ match, option: options.find(({ name }) => same(name, match[1])) }))
    .filter(({ option }) => !seen.has(option) && seen.add(option));
  const given = starts.map(({ match, option }, index) => {
    const end = starts[index + 1]?.match.index ?? text.length;
    return { option, text: text.slice(match.index + match[0].length, end).trim() };
  });
  return { given, rest: text.slice(0, starts[0]?.match.index ?? text.length).trim() };
}

/**
 * What looks like an option inside of a value, such as one whose name is misspelt; null where nothing does.
 * @param {string} value
 */
export const optionLike = (value) => /(?<=\s)[a-z][a-z_-]*:(?!\/\/)\S+/i.exec(value)?.[0] ?? null;

const same = (name, typed) => name.replaceAll("_", "-").toLowerCase() === typed.replaceAll("_", "-").toLowerCase();
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
