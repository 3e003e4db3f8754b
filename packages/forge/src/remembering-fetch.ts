interface Remembered {
  readonly tag: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: readonly (readonly [string, string])[];
}

/** So much is remembered at most: 64 answers of 256 KiB. */
const MOST = 64;
const MOST_BYTES = 262_144;
/** Of the answer that says that nothing changed, and not of the one that is remembered. */
const OF_NOW = /^(?:x-ratelimit-|date$|retry-after$)/;

/**
 * A fetch that asks for what it has read before only if it is another by now (`ETag`, `If-None-Match`): such a request
 * counts against no limit of GitHub's. Whether whoever asks may read it, the host says anew each time.
 */
export function createRememberingFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  const known = new Map<string, Remembered>();
  return async (input, init) => {
    const request = new Request(input, init);
    if (request.method !== "GET") return fetch(input, init);
    const key = `${request.url} ${request.headers.get("accept") ?? ""}`;
    const before = known.get(key);
    if (before !== undefined) request.headers.set("if-none-match", before.tag);
    const answer = await fetch(request);
    if (answer.status === 304 && before !== undefined) {
      known.delete(key);
      known.set(key, before);
      const headers = new Headers(before.headers.map(([name, value]): [string, string] => [name, value]));
      for (const [name, value] of answer.headers) if (OF_NOW.test(name)) headers.set(name, value);
      return new Response(before.body, { status: 200, headers });
    }
    known.delete(key);
    const tag = answer.headers.get("etag");
    if (answer.status !== 200 || tag === null) return answer;
    const body = new Uint8Array(await answer.arrayBuffer());
    const headers = [...answer.headers].filter(([name]) => !/^(?:content-encoding|content-length)$/.test(name));
    if (body.byteLength <= MOST_BYTES) known.set(key, { tag, body, headers });
    const [oldest] = known.keys();
    if (known.size > MOST && oldest !== undefined) known.delete(oldest);
    return new Response(body, { status: 200, headers });
  };
}
