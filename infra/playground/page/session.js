/** The world as the server describes it, and the chosen server, channel and member. */

import { api } from "./api.js";

/**
 * Dispatches `place` when another server, channel or member is chosen, and `member` when a member has changed.
 */
export class Session extends EventTarget {
  /** @param {any} world */
  constructor(world) {
    super();
    this.#read(world, location.hash.slice(1).split("/"));
  }

  /** Replace the world after the stack was away. @param {any} world */
  renew(world) {
    const { name } = this.member;
    const member = byId(world.members, this.member.id) ?? world.members.find((known) => known.name === name);
    this.#read(world, [this.server.id, this.channel.id, member?.id]);
    this.dispatchEvent(new Event("place"));
  }

  #read(world, [server, channel, member]) {
    this.world = world;
    this.server = byId(world.servers, server) ?? world.servers[0];
    this.channel = byId(this.server.channels, channel) ?? this.server.channels[0];
    this.member = byId(world.members, member) ?? world.members[0];
  }

  /** The fields of every action. */
  get place() {
    return { as: this.member.id, server: this.server.id, channel: this.channel.id };
  }

  /** The names for mentions, and the locale for times. */
  get names() {
    const { members, roles, servers, application } = this.world;
    return {
      member: (id) => (id === application.id ? application : (byId(members, id) ?? stranger(id))),
      role: (id) => byId(roles, id),
      channel: (id) =>
        byId(
          servers.flatMap((server) => server.channels),
          id,
        ),
      locale: this.member.locale,
    };
  }

  /** The colour of a member's name: that of their first role. @param {string} id */
  colour(id) {
    const first = byId(this.world.members, id)?.roles[0];
    return byId(this.world.roles, first)?.color;
  }

  /** @param {{server?: any, channel?: any, member?: any}} chosen */
  go({ server = this.server, channel, member = this.member }) {
    this.server = server;
    this.channel = channel ?? (server.channels.includes(this.channel) ? this.channel : server.channels[0]);
    this.member = member;
    history.replaceState(null, "", `#${this.server.id}/${this.channel.id}/${this.member.id}`);
    this.dispatchEvent(new Event("place"));
  }

  /** Change a member, such as their roles. @param {string} id @param {object} fields */
  async change(id, fields) {
    this.changed(await api.changeMember(id, fields));
  }

  /** Show a member as they are now. @param {any} member */
  changed(member) {
    Object.assign(byId(this.world.members, member.id) ?? {}, member);
    this.dispatchEvent(new Event("member"));
  }
}

/** Somebody of a crowd, of whom this page knows the id alone. @param {string} id */
const stranger = (id) => ({ name: `Stranger ${id.slice(-4)}` });
const byId = (list, id) => list.find((item) => item.id === id);
