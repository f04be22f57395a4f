/** Build the page and connect its parts. */

import "./components.js";

import { Actions } from "./actions.js";
import { Activity } from "./activity.js";
import { api } from "./api.js";
import { Audit } from "./audit.js";
import { changes } from "./changes.js";
import { clock } from "./clock.js";
import { Composer } from "./composer.js";
import { Crowd } from "./crowd.js";
import { byId, h } from "./dom.js";
import { inspector } from "./inspector.js";
import { Messages } from "./messages.js";
import { openModal } from "./modal.js";
import { notice, trying } from "./notices.js";
import { schedules } from "./schedules.js";
import { Session } from "./session.js";
import { Steps } from "./steps.js";
import { listen } from "./stream.js";
import { Suggestions } from "./suggestions.js";
import { makeTabs } from "./tabs.js";
import { theme } from "./theme.js";
import { timeControl } from "./timecontrol.js";
import { WorldColumn } from "./world.js";

const RETRY = 1000;
const EMBED_LINKS = 1n << 14n;

/** Read the world, as soon as the stack answers. */
async function world() {
  for (;;) {
    try {
      return await api.world();
    } catch {
      await new Promise((resume) => setTimeout(resume, RETRY));
    }
  }
}

async function main() {
  const session = new Session(await world());
  clock.set(session.world.clock);
  const begin = (path, options) => composer.begin(path, options);
  const messages = new Messages(byId("messages"), session, byId("newer"), () => welcome(session), begin);
  const actions = new Actions(
    session,
    (message) => messages.put(message, { onlyNew: true }),
    (modal, message) => openModal(modal, session, (fields) => actions.submit(modal, fields, message)),
  );
  messages.actions = actions;
  const composer = new Composer(
    /** @type {HTMLFormElement} */ (byId("composer")),
    session,
    actions,
    new Suggestions(byId("suggestions")),
    () => messages.toTheEnd(),
  );
  const steps = new Steps(byId("steps"), session, begin);
  const column = new WorldColumn(byId("world"), session, () => look("channel"));
  const audit = new Audit(session);
  const crowd = new Crowd(session, messages);
  const activity = new Activity(session);
  const tabs = [
    { name: "Last interaction", panel: inspector() },
    { name: "Changed rows", panel: changes() },
    { name: "Audit log", panel: audit.panel, onShow: () => audit.show() },
    { name: "Schedules", panel: schedules(session.world.schedules) },
    { name: "Crowd", panel: crowd.panel, onShow: () => crowd.show() },
    { name: "Activity", panel: activity.panel },
  ];
  makeTabs(byId("panel"), tabs, "What happened");
  timeControl(byId("time"), !session.world.real.supabase);
  theme(byId("theme"), (isLight) => {
    messages.setTheme(isLight);
    column.draw();
  });
  views();
  skip();
  session.addEventListener("place", () => header(session));
  header(session);
  const onEvent = handlers({ session, messages, column, audit, crowd, steps, activity });
  await listen(onEvent, (state) => connection(state, session)); // what is said from now on comes by itself
  await messages.read();
  document.body.removeAttribute("aria-busy");
}

function handlers({ session, messages, column, audit, crowd, steps, activity }) {
  const isMine = ({ member, channel }) => member === session.member.id && channel === session.channel.id;
  const handlers = {
    message: ({ channel, message }) => {
      messages.put(message);
      column.news(channel);
    },
    message_deleted: ({ id }) => messages.drop(id),
    ephemeral: (data) => isMine(data) && messages.put(data.message),
    ephemeral_gone: ({ id }) => messages.drop(id),
    clock: (data) => clock.set(data),
    member: ({ member }) => session.changed(member),
    audit: ({ server }) => {
      audit.changed(server);
      steps.read();
    },
    crowd: (data) => crowd.update(data),
    activity: (data) => activity.add(data),
    voice: ({ seats }) => activity.seated(seats),
  };
  return (event, data) => handlers[event](data);
}

/** Show a banner while the stack does not answer; read everything anew when it answers again. */
async function connection(state, session) {
  byId("banner").hidden = state !== "down";
  if (state !== "again") return;
  const found = await trying(() => api.world());
  if (!found) return;
  clock.set(found.clock);
  session.renew(found);
  notice("The stack is back, and this page is up to date again.", "note");
}

function header({ server, channel, world }) {
  const cannotEmbed = !(BigInt(channel.app_permissions) & EMBED_LINKS);
  document.title = `#${channel.name} · ${server.name} · Resonance playground`;
  byId("channel-header").replaceChildren(
    h("h1", {}, h("span", { class: "hash", "aria-hidden": "true" }, "#"), channel.name),
    h("p", {}, channel.about),
    ...(cannotEmbed ? [h("span", { class: "badge warn" }, `${world.application.name} lacks Embed Links here`)] : []),
    ...(world.real.supabase ? [h("span", { class: "badge warn" }, "Supabase is the real one")] : []),
  );
}

const welcome = ({ channel }) =>
  h(
    "section",
    { class: "welcome" },
    h("h2", {}, `Welcome to #${channel.name}`),
    h("p", {}, "Nothing was said here yet. Type / below to see every command."),
  );

/** Choose the column that narrow windows show. @param {string} view */
function look(view) {
  document.body.dataset.view = view;
  for (const button of byId("views").querySelectorAll("button"))
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
}

/** Make the skip link keep the address, which holds the server, channel and member. */
function skip() {
  document.querySelector(".skip")?.addEventListener("click", (event) => {
    event.preventDefault();
    look("channel");
    byId("composer").querySelector("input")?.focus();
  });
}

function views() {
  for (const button of byId("views").querySelectorAll("button"))
    button.addEventListener("click", () => look(button.dataset.view ?? "channel"));
  look("channel");
}

main();
