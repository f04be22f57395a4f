/** Dark and light: as the system is, until somebody chooses here. */

import { h, icon } from "./dom.js";

const KEPT = "resonance-playground-theme";
const SUN = "M12 8a4 4 0 100 8 4 4 0 000-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5L19 19M5 19l1.5-1.5M17.5 6.5L19 5";
const MOON = "M20 14.5A8.5 8.5 0 119.5 4 7 7 0 0020 14.5z";

/**
 * @param {HTMLElement} place of the button
 * @param {(isLight: boolean) => void} onChange
 */
export function theme(place, onChange) {
  const system = matchMedia("(prefers-color-scheme: light)");
  const isLight = () => (localStorage.getItem(KEPT) ?? (system.matches ? "light" : "dark")) === "light";
  const button = h("button", { type: "button", class: "bare", onclick: () => choose() });
  const draw = () => {
    document.documentElement.dataset.theme = isLight() ? "light" : "dark";
    button.setAttribute("aria-label", isLight() ? "Use the dark theme" : "Use the light theme");
    button.replaceChildren(icon(isLight() ? MOON : SUN));
    onChange(isLight());
  };
  const choose = () => {
    localStorage.setItem(KEPT, isLight() ? "dark" : "light");
    draw();
  };
  system.addEventListener("change", draw);
  place.append(button);
  draw();
}
