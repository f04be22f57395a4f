/** The server's events. The browser reconnects by itself; then the page reads everything anew. */

const EVENTS = ["message", "message_deleted", "ephemeral", "ephemeral_gone", "clock", "member", "audit", "crowd", "activity", "voice"];
const RETRY = 2000;

/**
 * Listen from now on; resolves when the server is connected.
 * @param {(event: string, data: any) => void} onEvent
 * @param {(state: "up" | "again" | "down") => void} onState `again` after a reconnection
 * @returns {Promise<void>}
 */
export function listen(onEvent, onState) {
  let wasUp = false;
  const up = Promise.withResolvers();
  const open = () => {
    const source = new EventSource("/api/events");
    for (const name of EVENTS) source.addEventListener(name, (event) => onEvent(name, JSON.parse(event.data)));
    source.addEventListener("open", () => {
      onState(wasUp ? "again" : "up");
      wasUp = true;
      up.resolve(undefined);
    });
    source.addEventListener("error", () => {
      onState("down");
      if (source.readyState === EventSource.CLOSED) setTimeout(open, RETRY); // the browser has given up
    });
    addEventListener("pagehide", () => source.close());
  };
  open();
  return up.promise;
}
