/** Requests to the playground's server. Only the event stream goes another way. */

/** A refusal; its message is the server's sentence. */
export class ApiError extends Error {}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 */
async function ask(method, path, body) {
  const init = body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, { method, ...init }).catch(() => {
    throw new ApiError("The stack does not answer. Is it still running?");
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(answer.error ?? `The playground answered with ${response.status}.`);
  return answer;
}

const query = (fields) => new URLSearchParams(fields).toString();

export const api = {
  world: () => ask("GET", "/api/world"),
  messages: (channel, as) => ask("GET", `/api/messages?${query({ channel, as })}`),
  audit: (server) => ask("GET", `/api/audit?${query({ server })}`),
  steps: (server) => ask("GET", `/api/steps?${query({ server })}`),
  books: (server) => ask("GET", `/api/books?${query({ server })}`),
  changeMember: (id, fields) => ask("PATCH", `/api/members/${id}`, fields),
  act: (action) => ask("POST", "/api/act", action),
  /** @param {{filename: string, content_type: string, content: string}} file its content in base64 */
  attach: (file) => ask("POST", "/api/files", file),
  say: (as, channel, content) => ask("POST", "/api/say", { as, channel, content }),
  /** @param {{remove?: boolean, burst?: boolean}} how */
  react: (as, channel, message, emoji, how) => ask("POST", "/api/react", { as, channel, message, emoji, ...how }),
  voice: (as, server, leave) => ask("POST", "/api/voice", { as, server, leave }),
  remove: (channel, message) => ask("POST", "/api/delete", { channel, message }),
  forward: (seconds) => ask("POST", "/api/clock", { forward: seconds }),
  run: (schedule) => ask("POST", "/api/run", { schedule }),
  crowd: (fields) => ask("POST", "/api/crowd", fields),
};
