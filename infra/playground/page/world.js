/** The left column: servers, channels, and the members to choose from. */

import { avatar } from "./avatars.js";
import { clock, exact, relative } from "./clock.js";
import { readable } from "./colour.js";
import { h } from "./dom.js";
import { trying } from "./notices.js";

const LANGUAGE = new Intl.DisplayNames("en", { type: "language" });

export class WorldColumn {
  #unread = new Set();

  /**
   * @param {HTMLElement} place
   * @param {import("./session.js").Session} session
   * @param {() => void} onGo called when a channel is chosen
   */
  constructor(place, session, onGo) {
    this.session = session;
    this.onGo = onGo;
    this.servers = h("nav", { class: "servers", "aria-label": "Servers" });
    this.channels = h("nav", { class: "channels", "aria-label": "Channels" });
    this.members = h("fieldset", { class: "members" });
    this.member = h("section", { class: "member-card", "aria-label": "The member that you are" });
    place.append(this.servers, h("div", { class: "world-lists" }, this.channels, this.members, this.member));
    session.addEventListener("place", () => this.draw());
    session.addEventListener("member", () => this.draw());
    clock.addEventListener("moved", () => this.draw());
    this.draw();
  }

  /** Mark a channel that has new messages. @param {string} channel */
  news(channel) {
    if (channel === this.session.channel.id || this.#unread.has(channel)) return;
    this.#unread.add(channel);
    this.#drawChannels();
  }

  draw() {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.id;
    this.#unread.delete(this.session.channel.id);
    this.#drawServers();
    this.#drawChannels();
    this.#drawMembers();
    this.#drawMember();
    if (focused) document.getElementById(focused)?.focus(); // the column was drawn anew
  }

  #drawServers() {
    const { world, server } = this.session;
    const one = (known) =>
      h(
        "button",
        {
          type: "button",
          id: `server-${known.id}`,
          title: known.name,
          "aria-label": known.name,
          "aria-current": known === server ? "true" : null,
          onclick: () => this.session.go({ server: known }),
        },
        known.name[0],
      );
    this.servers.replaceChildren(...world.servers.map(one));
  }

  #drawChannels() {
    const { server, channel } = this.session;
    const go = (known) => {
      this.session.go({ channel: known });
      this.onGo();
    };
    const one = (known) =>
      h(
        "button",
        {
          type: "button",
          id: `channel-${known.id}`,
          title: known.about,
          class: this.#unread.has(known.id) ? "unread" : "",
          "aria-current": known === channel ? "page" : null,
          onclick: () => go(known),
        },
        h("span", { class: "hash", "aria-hidden": "true" }, "#"),
        known.name,
        this.#unread.has(known.id) && h("span", { class: "sr-only" }, ", new messages"),
      );
    this.channels.replaceChildren(h("h2", {}, server.name), ...server.channels.map(one));
  }

  #drawMembers() {
    const { world } = this.session;
    this.members.replaceChildren(
      h("legend", {}, "Be this member"),
      ...world.members.map((member) => this.#memberRow(member)),
    );
  }

  #memberRow(member) {
    const id = `member-${member.id}`;
    const isMe = member === this.session.member;
    const colour = readable(this.session.colour(member.id));
    const choose = () => this.session.go({ member });
    const tag = member.is_admin ? "admin" : member.is_bot ? "app" : null;
    return h(
      "label",
      { class: "member", for: id, title: member.about },
      h("input", {
        type: "radio",
        name: "member",
        id,
        checked: isMe,
        class: "sr-only",
        onchange: choose,
        "aria-describedby": isMe ? "member-about" : null,
      }),
      h("img", { src: avatar(member.name, member.color), alt: "", width: 28, height: 28 }),
      h("span", { class: "name", style: colour && `--role: ${colour}` }, member.name),
      tag && h("span", { class: `badge ${tag}` }, tag),
    );
  }

  #drawMember() {
    const { member, world } = this.session;
    const change = (fields) => trying(() => this.session.change(member.id, fields));
    const toggle = (role) =>
      change({
        roles: member.roles.includes(role.id)
          ? member.roles.filter((id) => id !== role.id)
          : [...member.roles, role.id],
      });
    const roleToggle = (role) => {
      const id = `role-${role.id}`;
      const box = h("input", {
        type: "checkbox",
        id,
        checked: member.roles.includes(role.id),
        onchange: () => toggle(role),
      });
      return h(
        "label",
        { class: "role", for: id },
        box,
        h("span", { class: "dot", style: `background: ${role.color}` }),
        role.name,
      );
    };
    const locales = world.locales.map((locale) =>
      h("option", { value: locale, selected: locale === member.locale }, `${LANGUAGE.of(locale)} (${locale})`),
    );
    this.member.replaceChildren(
      h(
        "h3",
        {},
        h("img", { src: avatar(member.name, member.color), alt: "", width: 32, height: 32 }),
        h("span", {}, member.name, h("small", { id: "member-about" }, member.about)),
      ),
      h("dl", {}, h("dt", {}, "Account"), age(member.created_at), h("dt", {}, "Joined"), age(member.joined_at)),
      h(
        "label",
        { class: "switch", for: "is-admin" },
        "Manage Server",
        h("input", {
          type: "checkbox",
          role: "switch",
          id: "is-admin",
          checked: member.is_admin,
          onchange: () => change({ is_admin: !member.is_admin }),
        }),
      ),
      h("fieldset", {}, h("legend", {}, "Roles"), ...world.roles.map(roleToggle)),
      h(
        "label",
        { class: "locale", for: "locale" },
        "Language",
        h("select", { id: "locale", onchange: (event) => change({ locale: event.target.value }) }, ...locales),
      ),
    );
  }
}

function age(timestamp) {
  const at = Date.parse(timestamp) / 1000;
  return h("dd", { title: exact(at, "en-GB") }, relative(at, "en-GB"));
}
