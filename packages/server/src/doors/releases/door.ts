import { PrunellaError } from "@prunella/contract";
import type { Door, OpenDoor } from "../door.ts";
import { errorBody, refused, type Answer, type Refusal } from "../kit/answers.ts";
import type { Arrival } from "../kit/arrival.ts";
import { createAssembly } from "./assemble.ts";
import { createChunks } from "./chunks.ts";
import { ROUTES, type Asked, type Held } from "./routes.ts";

const PREFIX = "/api/";

/**
 * What `sentry-cli` and Sentry's bundler plugins ask of a server, with the operator's token: source maps in
 * bundles, releases, deploys. Organisations do not exist here, so any name of one will do. It also answers
 * for all that nobody serves under `/api/`, so that no tool reads a page as success.
 *
 * Source: https://docs.sentry.io/api/releases/ and the requests of sentry-cli 2 and 3.
 */
export const releasesDoor: Door = {
  name: "releases",
  reasons: new Set(),
  takes: ({ url }) => url.startsWith(PREFIX) || url === "/api",
  open(kit): OpenDoor {
    const chunks = createChunks(kit.now);
    const held: Held = { kit, chunks, assemble: createAssembly(kit.kernel, chunks, kit.now) };
    return { receive: (arrival) => receive(held, arrival), refuse };
  },
};

async function receive(held: Held, arrival: Arrival): Promise<Answer> {
  const { method, url, headers } = arrival.request;
  const path = (url.split("?", 1)[0] ?? "").replace(/\/+$/, "");
  for (const route of ROUTES) {
    if (route.method !== method) continue;
    const match = route.path.exec(path);
    if (match === null) continue;
    held.kit.assertOperator(headers.authorization);
    const asked: Asked = { arrival, names: namesOf(match.groups ?? {}) };
    const { status, body } = await route.answer(held, asked);
    return {
      status,
      headers: { "content-type": "application/json", "cache-control": "no-store" },
      body: body === undefined ? "" : JSON.stringify(body),
    };
  }
  throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "Nothing answers at this address." });
}

/** Versions hold anything, `/` too, and come percent-encoded. */
function namesOf(groups: Readonly<Record<string, string | undefined>>): Asked["names"] {
  const names: Record<string, string> = {};
  for (const name in groups) {
    const encoded = groups[name];
    if (encoded === undefined) continue;
    const decoded = decode(encoded);
    // PostgreSQL takes no text with NUL.
    if (decoded === null || decoded.includes("\0"))
      throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "The address is not well-formed." });
    names[name] = decoded;
  }
  return names;
}

function decode(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null;
  }
}

/** Tools show people what stands under `detail`. */
function refuse(refusal: Refusal): Answer {
  const { error } = refusal;
  const detail = error.hint === null ? error.message : `${error.message} ${error.hint}`;
  return { ...refused(refusal), body: JSON.stringify({ detail, ...errorBody(error) }) };
}
