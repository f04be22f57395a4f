/** The clock at the top: the stack's time, and buttons that move it forward. */

import { api } from "./api.js";
import { STEPS, clock, exact, span } from "./clock.js";
import { h } from "./dom.js";
import { trying } from "./notices.js";

/** @param {HTMLElement} place @param {boolean} canMove false with a real database, whose time cannot be moved */
export function timeControl(place, canMove) {
  const now = h("time", { id: "now" });
  const ahead = h("span", { class: "ahead" });
  const forward = async (seconds) => {
    const read = await trying(() => api.forward(seconds));
    if (read) clock.set(read);
  };
  const buttons = STEPS.map(([name, seconds]) =>
    h("button", { type: "button", onclick: () => forward(seconds), title: "Only the local stack's clock" }, name),
  );
  place.append(
    h("span", { class: "clock" }, h("span", { class: "sr-only" }, "The stack's time: "), now, ahead),
    ...(canMove ? buttons : []),
  );
  const draw = () => {
    now.textContent = new Intl.DateTimeFormat("en-GB", {
      weekday: "short",
      day: "numeric",
      month: "short",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      timeZoneName: "short",
    }).format(clock.now() * 1000);
    ahead.textContent = clock.offset ? `${span(clock.offset)} ahead` : "";
    now.title = exact(clock.now(), "en-GB");
  };
  clock.addEventListener("tick", draw);
  draw();
}
