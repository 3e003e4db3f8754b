import type { IncomingMessage, ServerResponse } from "node:http";

/** A client that sends slower than this has not looked for its answer. */
const LINGER_MS = 5_000;

/**
 * An answer may be out before the whole request is in: a refusal does not wait for the body that it
 * refuses. Closing at once would reset the connection, and the client would never see the answer; Node
 * would read on until the request times out, however much comes. So `maxBytes` more are let pass by.
 */
export function boundRest(request: IncomingMessage, response: ServerResponse, maxBytes: number): void {
  // Before Node sees the end of the answer: it would throw the rest away where nobody can count it.
  response.once("prefinish", () => {
    if (request.complete) return;
    const { socket } = request;
    let passed = 0;
    const onData = (chunk: Buffer): void => {
      passed += chunk.byteLength;
      if (passed > maxBytes) socket.destroy();
    };
    const timer = setTimeout(() => (request.complete ? stop() : socket.destroy()), LINGER_MS);
    const stop = (): void => {
      clearTimeout(timer);
      request.off("data", onData).off("close", stop);
    };
    request.on("data", onData).on("close", stop).resume();
  });
}
