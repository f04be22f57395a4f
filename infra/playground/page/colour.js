/** Colours that roles and members chose, made readable on this page. */

const ENOUGH = 4.5; // WCAG AA
// The backgrounds on which such a colour is hardest to read: of a hovered row, and of a mention.
const WORST = { light: [220, 223, 229], dark: [66, 68, 76] };
const AWAY = { light: [0, 0, 0], dark: [255, 255, 255] };
const STEP = 0.05;

const parts = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const mixed = (one, other, share) => one.map((part, index) => part + (other[index] - part) * share);

function luminance(rgb) {
  const [red, green, blue] = rgb
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return red * 0.2126 + green * 0.7152 + blue * 0.0722;
}

function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/**
 * The nearest shade of a colour that can be read in the theme that is on.
 * @template {string | null | undefined} T
 * @param {T} colour `#rrggbb`
 * @returns {T | string}
 */
export function readable(colour) {
  if (!colour) return colour;
  const theme = document.documentElement.dataset.theme === "light" ? "light" : "dark";
  const chosen = parts(colour);
  let share = 0;
  while (share < 1 && contrast(mixed(chosen, AWAY[theme], share), WORST[theme]) < ENOUGH) share += STEP;
  const hex = (part) => Math.round(part).toString(16).padStart(2, "0");
  return `#${mixed(chosen, AWAY[theme], Math.min(share, 1)).map(hex).join("")}`;
}

/** A colour as Discord sends it, as CSS writes it. @param {number | null | undefined} number */
export const hexOf = (number) =>
  number === undefined || number === null ? null : `#${number.toString(16).padStart(6, "0")}`;
