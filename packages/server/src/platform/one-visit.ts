import { createServer } from "node:http";
import { randomBytes } from "node:crypto";

/** Ten minutes for a person to read what they say yes to. */
const PATIENCE_MS = 600_000;

/** A page on loopback for one person's browser, which comes back to it once; nobody without the page's own word is let in. */
export async function oneVisit(of: {
  /** HTML, told where the browser shall come back to and with which word. */
  readonly page: (back: string, state: string) => string;
  /** Told where the page is. */
  readonly onOpen: (url: string) => void;
  readonly signal?: AbortSignal;
}): Promise<{ readonly code: string }> {
  const state = randomBytes(24).toString("base64url");
  const { promise, resolve, reject } = Promise.withResolvers<{ code: string }>();
  let url = "";
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
    const say = (status: number, html: string) => {
      response.writeHead(status, {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        connection: "close",
      });
      response.end(html);
    };
    if (pathname === `/${state}`) return say(200, of.page(`${url}/back`, state));
    const code = searchParams.get("code") ?? "";
    if (pathname !== "/back" || searchParams.get("state") !== state || !/^[\w-]{1,200}$/.test(code))
      return say(404, "<p>There is nothing here.</p>");
    say(200, "<p>Done: go back to the terminal.</p>");
    resolve({ code });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const signal = AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), ...(of.signal === undefined ? [] : [of.signal])]);
  signal.addEventListener("abort", () => reject(new Error("Nobody came back from the host.")));
  of.onOpen(`${url}/${state}`);
  try {
    return await promise;
  } finally {
    server.closeIdleConnections();
    server.close();
  }
}
