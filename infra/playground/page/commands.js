/** The registered commands as members type them, and what Discord would refuse. */

export const KIND = { STRING: 3, INTEGER: 4, BOOLEAN: 5, USER: 6, CHANNEL: 7, ROLE: 8, MENTIONABLE: 9, NUMBER: 10, ATTACHMENT: 11 };
const SLASH = 1;
const MESSAGE_MENU = 3;
const GROUPS = [1, 2];

/**
 * A command that can be used: a path, such as `drop create`, and its options.
 * @typedef {{path: string, description: string, options: any[], isHidden: boolean}} Command
 */

/** Every slash command with its whole path. @param {any[]} registered @param {any} member @returns {Command[]} */
export function slashCommands(registered, member) {
  return registered
    .filter((command) => (command.type ?? SLASH) === SLASH)
    .flatMap((command) => below(command, "", isHidden(command, member)));
}

/** The entries of the menu of a message. @param {any[]} registered @returns {string[]} */
export const messageMenus = (registered) =>
  registered.filter((command) => command.type === MESSAGE_MENU).map((command) => command.name);

function below(node, prefix, hidden) {
  const path = prefix + node.name;
  const options = node.options ?? [];
  const groups = options.filter((option) => GROUPS.includes(option.type));
  if (groups.length > 0) return groups.flatMap((group) => below(group, `${path} `, hidden));
  return [{ path, description: node.description, options, isHidden: hidden }];
}

// Discord hides these from members without the permission, unless an owner opens them to a role.
const isHidden = (command, member) => Boolean(command.default_member_permissions) && !member.is_admin;

/**
 * The commands that fit what is typed after the slash, those that begin with it first.
 * @param {Command[]} commands
 * @param {string} typed
 */
export function matching(commands, typed) {
  const words = typed.toLowerCase().trim().split(/\s+/);
  const rank = ({ path }) => (path.startsWith(words.join(" ")) ? 0 : 1);
  return commands.filter(({ path }) => words.every((word) => path.includes(word))).sort((a, b) => rank(a) - rank(b));
}

/** The value of an option as Discord sends it. @param {any} option @param {string} text */
export function valueOf(option, text) {
  if (option.type === KIND.INTEGER || option.type === KIND.NUMBER) return Number(text);
  return text;
}

/**
 * Why Discord would refuse a value, or null.
 * @param {any} option
 * @param {unknown} value undefined when the option is empty
 */
export function problemWith(option, value) {
  const { name, type } = option;
  if (value === undefined || value === "")
    return `${name} is ${option.required ? "required" : "empty: fill it in, or remove it"}.`;
  if (type === KIND.INTEGER && !Number.isSafeInteger(value)) return `${name} must be a whole number.`;
  if (type === KIND.NUMBER && !Number.isFinite(value)) return `${name} must be a number.`;
  if (type === KIND.STRING)
    return outOf(
      `${name} must have`,
      String(value).length,
      option.min_length,
      option.max_length ?? 6000,
      " characters",
    );
  if (type === KIND.INTEGER || type === KIND.NUMBER)
    return outOf(`${name} must be`, Number(value), option.min_value, option.max_value, "");
  return null;
}

function outOf(must, size, least, most, unit) {
  const written = (bound) => bound.toLocaleString("en");
  if (least !== undefined && size < least) return `${must} at least ${written(least)}${unit}.`;
  if (most !== undefined && size > most) return `${must} at most ${written(most)}${unit}.`;
  return null;
}
