/**
 * What the first page is going to ask, asked while its code is still on the way: a module of its own that
 * runs at once, so that answers are there when the code is. Each answer serves for one call, and only
 * when that comes soon; what nobody takes is forgotten.
 */
import { requestOf } from "@prunella/contract/request";
import { pageHeaders } from "./page-key.ts";

/** Longer than code takes on a slow line; after that a page fetches for itself. */
const FRESH_MS = 15_000;

/** Every page has the shell around it; these it asks. */
const OF_SHELL = [
  ["GET /v1/me", {}],
  ["GET /v1/kill", {}],
  ["GET /v1/escalations", { status: "open" }],
] as const;
/** The Inbox as it is without a filter. */
const OF_INBOX = [
  ["GET /v1/faults", { status: "active", limit: 50 }],
  ["GET /v1/projects", {}],
] as const;

/** The page of a fault, which a message or another person's link leads to. */
const FAULT_ROUTES = ["GET /v1/faults/:id", "GET /v1/faults/:id/explain"] as const;

interface Early {
  readonly answer: Promise<Response>;
  readonly at: number;
}

const early = new Map<string, Early>();

type Place = Pick<Location, "pathname" | "search">;
export const isInbox = ({ pathname, search }: Place): boolean => pathname === "/" && search === "";

/** The fault whose page this is. */
export const faultAt = ({ pathname }: Place): string | null =>
  /^\/faults\/([0-9a-f-]{4,36})$/.exec(pathname)?.[1] ?? null;

/** The paths that the page at this address asks first; none where nobody is signed in yet. */
export function firstPaths(place: Place): string[] {
  if (place.pathname === "/sign-in" || place.pathname === "/invitation") return [];
  const id = faultAt(place);
  const ofFault = id === null ? [] : FAULT_ROUTES.map((route) => requestOf(route, { id }).path);
  const rest = [...(isInbox(place) ? OF_INBOX : []), ...OF_SHELL].map(([route, input]) => requestOf(route, input).path);
  return [...ofFault, ...rest];
}

export const isAnythingAsked = (): boolean => early.size > 0;

/** The answer that was asked for early, once. */
export function takeEarly(path: string): Promise<Response> | null {
  const found = early.get(path);
  early.delete(path);
  return found !== undefined && performance.now() - found.at < FRESH_MS ? found.answer : null;
}

/** After a change, or another person, they may be untrue. */
export const forgetEarly = (): void => early.clear();

function askEarly(): void {
  const headers = pageHeaders();
  if (Object.keys(headers).length === 0) return;
  for (const path of firstPaths(location)) {
    const answer = fetch(path, { headers, cache: "no-store" });
    // Whoever takes it is told; nobody has to.
    answer.catch(() => undefined);
    early.set(path, { answer, at: performance.now() });
  }
}

if (typeof document !== "undefined") askEarly();
