/** Dark or light: as the system says, until one is chosen here. */

import { h } from "./dom.js";
import { icon } from "./icons.js";

const KEPT = "resonance-playground-theme";

/**
 * @param {HTMLElement} place where the button goes
 * @param {(isLight: boolean) => void} onChange
 */
export function theme(place, onChange) {
  const system = matchMedia("(prefers-color-scheme: light)");
  const isLight = () => (localStorage.getItem(KEPT) ?? (system.matches ? "light" : "dark")) === "light";
  const button = h("button", { type: "button", class: "bare", onclick: () => choose() });
  const draw = () => {
    document.documentElement.dataset.theme = isLight() ? "light" : "dark";
    button.setAttribute("aria-label", isLight() ? "Use the dark theme" : "Use the light theme");
    button.replaceChildren(icon(isLight() ? "moon" : "sun"));
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
