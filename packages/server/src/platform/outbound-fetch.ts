import { send } from "./outbound.ts";

/** What a host of repositories answers at most: a file of a megabyte comes as 1.4 in base64. */
const MAX_ANSWER_BYTES = 10_485_760;
const NO_BODY = new Set([204, 205, 304]);

/** `fetch` for libraries, with the checks of everything that goes out: address, size, no redirect followed unseen. */
export const outboundFetch: typeof globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const { status, headers, body } = await send(request.url, {
    method: request.method,
    headers: Object.fromEntries(request.headers),
    body: new Uint8Array(await request.arrayBuffer()),
    signal: request.signal,
    maxBytes: MAX_ANSWER_BYTES,
  });
  return new Response(NO_BODY.has(status) ? null : new Uint8Array(body), { status, headers });
};
