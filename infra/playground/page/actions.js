/** What a member does. Each action is one interaction, signed and delivered by the server. */

import { api } from "./api.js";
import { history } from "./history.js";
import { notice, clearNotices } from "./notices.js";

/**
 * The actions of the chosen member in the chosen channel.
 */
export class Actions {
  /**
   * @param {import("./session.js").Session} session
   * @param {(message: any) => void} onMessage
   * @param {(modal: any, message?: string) => void} onModal
   */
  constructor(session, onMessage, onModal) {
    this.session = session;
    this.onMessage = onMessage;
    this.onModal = onModal;
  }

  command(command, options) {
    return this.#act(`/${command}`, { do: "command", command, options });
  }

  menu(name, message) {
    return this.#act(name, { do: "menu", name, message });
  }

  click(message, button) {
    return this.#act(`Button: ${button.label ?? button.emoji?.name}`, {
      do: "click",
      message,
      custom_id: button.custom_id,
    });
  }

  select(message, select, values) {
    return this.#act(`Select: ${select.placeholder ?? select.custom_id}`, {
      do: "select",
      message,
      custom_id: select.custom_id,
      values,
    });
  }

  submit(modal, fields, message) {
    return this.#act(`Form: ${modal.title}`, {
      do: "submit",
      custom_id: modal.custom_id,
      fields,
      ...(message && { message }),
    });
  }

  /** The choices of an option while it is being typed. */
  async choices(command, options, focused) {
    const { place, member } = this.session;
    const result = await api.act({ do: "autocomplete", ...place, command, options, focused });
    this.#keep(`/${command} ${focused}: autocomplete`, member, result, { show: false });
    return result.choices ?? [];
  }

  async #act(title, action) {
    clearNotices();
    const { place, member } = this.session;
    const result = await api.act({ ...action, ...place });
    this.#keep(title, member, result);
    const isSame = member.id === this.session.member.id; // a late answer is nothing to somebody else
    if (result.message && isSame) this.onMessage(result.message);
    if (result.modal && isSame) this.onModal(result.modal, action.message);
    const failure = failureOf(result);
    if (failure) notice(failure);
    return { ...result, failure };
  }

  #keep(title, { name }, result, options) {
    history.add({ title, who: name, result }, options);
  }
}

function failureOf({ reply, problem }) {
  if (problem) return `This interaction failed: Discord would refuse the reply. ${problem}`;
  if (reply.status !== 200 && reply.status !== 202)
    return `This interaction failed: the bot answered with ${reply.status}.`;
  return null;
}
