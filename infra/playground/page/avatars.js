/** Pictures of members, servers and the bot: drawn here, because the page loads nothing from elsewhere. */

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">';

const picture = (inner, background) =>
  `data:image/svg+xml,${encodeURIComponent(`${SVG}<rect width="40" height="40" fill="${background}"/>${inner}</svg>`)}`;

const WAVES = [5, 10, 15].map((radius) => `<circle cx="20" cy="20" r="${radius}"/>`).join("");

/** The bot's own picture. */
export const BOT_AVATAR = picture(`<g fill="none" stroke="#fff" stroke-width="2.5">${WAVES}</g>`, "#5865f2");

const DARK = "#1e1f22";

/** Is white easier to read on a colour than black? By perceived brightness. @param {string} colour `#rrggbb` */
function isDark(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return red * 0.299 + green * 0.587 + blue * 0.114 < 140;
}

/** A server's own emoji: Discord has a picture of it, and here it is its initial. @param {string} name */
export const emojiPicture = (name) => avatar(name, "#3ba55c");

/**
 * The initial of a name on a colour.
 * @param {string} name
 * @param {string} [colour] `#rrggbb`
 */
export function avatar(name, colour = "#4e5058") {
  const initial = (/[\p{L}\p{N}]/u.exec(name)?.[0] ?? "?").toUpperCase();
  const font = 'font-family="sans-serif" font-size="19" font-weight="600" text-anchor="middle"';
  return picture(`<text x="20" y="27" ${font} fill="${isDark(colour) ? "#fff" : DARK}">${initial}</text>`, colour);
}
