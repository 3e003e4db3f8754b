import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** What is known of a request before its body: plain data, so that it passes between threads. */
export interface Head {
  readonly method: string;
  /** The request target as it came: path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly remoteAddress: string;
}

export function headOf({ method = "", url = "", headers, socket }: IncomingMessage): Head {
  return { method, url, headers, remoteAddress: socket.remoteAddress ?? "" };
}
