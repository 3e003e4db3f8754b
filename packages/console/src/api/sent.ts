import type { WireRequest } from "@prunella/contract/request";

/** A call that changed something, or was to. */
export type Sent = { readonly id: number; readonly request: WireRequest };

/** Of this tab, and no longer than it is open. */
const MOST = 20;
/** What only a browser can do, with secrets that are typed into it: no script could say it with a token. */
const BROWSERS_OWN = /^\/v1\/(?:session|account|invitation)(?:\/|$)/;

let sent: readonly Sent[] = [];
let told = 0;

/** Every call goes by here, so that no action of the console is without its curl. */
export function noteSent(request: WireRequest): void {
  if (request.method === "GET" || BROWSERS_OWN.test(request.path)) return;
  sent = [...sent.slice(1 - MOST), { id: (sent.at(-1)?.id ?? 0) + 1, request }];
}

export const allSent = (): readonly Sent[] => sent;

/** What was sent since this was asked last: of what a message speaks. */
export function takeSent(): readonly Sent[] {
  const fresh = sent.filter(({ id }) => id > told);
  told = sent.at(-1)?.id ?? told;
  return fresh;
}

export function forgetSent(): void {
  sent = [];
  told = 0;
}
