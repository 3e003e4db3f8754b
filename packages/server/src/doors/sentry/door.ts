import type { IncomingMessage, ServerResponse } from "node:http";
import { randomUUID } from "node:crypto";
import { PrunellaError, type Limits } from "@prunella/contract";
import type { Kernel } from "@prunella/kernel";
import { accepted, preflight, refused, type Answer } from "./answers.ts";
import { readAuth, type SentryAuth } from "./auth.ts";
import { readBody } from "./body.ts";
import { parseEnvelope } from "./envelope.ts";
import { createInFlight } from "./in-flight.ts";
import { decodeItems, type Decoded } from "./items.ts";
import { SENTRY_LIMITS } from "./limits.ts";
import { decodeStore } from "./store.ts";

const PATH = /^\/api\/([^/?]{1,64})\/(envelope|store)\/?(?:\?|$)/;

export interface SentryDoor {
  /** True when the request was for this door; then the door answers it. */
  take(request: IncomingMessage, response: ServerResponse): boolean;
}

interface Project {
  readonly id: string;
  readonly key: string;
}

/**
 * `POST /api/<number>/envelope/` and `/store/`. An event is answered only after the commit that
 * holds it; back-pressure is answered before anything is read or written.
 */
export function createSentryDoor(deps: {
  kernel: Kernel;
  limits: Limits;
  now: () => number;
  onLoss: (projectId: string, reason: string, quantity: number) => void;
}): SentryDoor {
  const { kernel, limits } = deps;
  const inFlight = createInFlight(limits.in_flight_bytes);
  const bodyLimits = {
    compressedMax: limits.compressed_bytes,
    decompressedMax: Math.min(limits.decompressed_bytes, limits.in_flight_bytes),
  };
  const projects = createProjectLookup(kernel, deps.now);

  async function receive(request: IncomingMessage, number: string, kind: "envelope" | "store"): Promise<Answer> {
    if (request.method === "OPTIONS") return preflight();
    if (request.method !== "POST")
      throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "This door takes POST." });
    if (!/^\d{1,16}$/.test(number))
      throw new PrunellaError("PRUNELLA_INGEST_PROJECT_UNKNOWN", {
        detail: "A project number has digits only, as in the DSN.",
      });
    const url = request.url ?? "";
    const auth = readAuth({ url, headers: request.headers });
    // Known before a byte is read: a storm, a full queue, a wrong key.
    const early = auth.key === null ? null : await authorise(auth, number);
    const pressure = kernel.pressure(early?.id ?? "");
    if (pressure) {
      if (early) deps.onLoss(early.id, `door.${pressure.reason}`, 1);
      return refused(new PrunellaError("PRUNELLA_INGEST_BUSY", { detail: PRESSURE[pressure.reason] }), {
        seconds: pressure.retryAfterS,
      });
    }
    using hold = inFlight.hold();
    const body = await readBody(request, request.headers, { ...bodyLimits, hold });
    const options = { trust: "public", receivedAt: deps.now(), newId: () => randomUUID().replaceAll("-", "") } as const;
    let project = early;
    let decoded: Decoded;
    if (kind === "store") {
      decoded = decodeStore(body, options);
    } else {
      const envelope = parseEnvelope(body, SENTRY_LIMITS);
      project ??= await authorise(readAuth({ url, headers: request.headers, envelopeHeader: envelope.header }), number);
      decoded = decodeItems(envelope, options);
    }
    if (!project) throw keyMissing();
    await kernel.report(project.id, decoded.events);
    if (decoded.losses.length > 0) {
      await kernel.lose(
        project.id,
        decoded.losses.map((loss) => ({
          reason: `client.${loss.reason}.${loss.category}`.slice(0, 64),
          quantity: loss.quantity,
        })),
      );
    }
    return accepted(decoded.id);
  }

  async function authorise(auth: SentryAuth, number: string): Promise<Project> {
    if (auth.key === null) throw keyMissing();
    const project = await projects.find(number);
    if (!project)
      throw new PrunellaError("PRUNELLA_INGEST_PROJECT_UNKNOWN", {
        detail: `There is no project number ${number}.`,
        hint: "Copy the DSN from `prunella projects list`.",
      });
    // The key is public (it ships in web pages), so comparing it in constant time would protect nothing.
    if (project.key !== auth.key)
      throw new PrunellaError("PRUNELLA_INGEST_KEY_WRONG", { hint: "Copy the DSN from `prunella projects list`." });
    return project;
  }

  return {
    take(request, response) {
      const match = PATH.exec(request.url ?? "");
      if (!match) return false;
      const [, number = "", kind] = match;
      receive(request, number, kind === "store" ? "store" : "envelope")
        .catch((error: unknown) => refused(toRefusal(error)))
        .then((answer) => send(response, answer))
        .catch(() => response.destroy());
      return true;
    },
  };
}

const PRESSURE = {
  queue: "The queue of events is full.",
  disk: "The disk is nearly full.",
  new_faults: "Too many new faults in a minute.",
  stored_bytes: "Too many bytes in a minute.",
} as const;

/**
 * SDKs never send again after a 5xx, but they wait after a 429: when the database cannot take an
 * event now, that is the answer which loses least.
 */
function toRefusal(error: unknown): unknown {
  if (error instanceof PrunellaError && error.status < 500) return error;
  return new PrunellaError("PRUNELLA_INGEST_BUSY", { detail: "The event could not be stored now.", cause: error });
}

const keyMissing = () =>
  new PrunellaError("PRUNELLA_INGEST_KEY_MISSING", {
    hint: "Send sentry_key in the query, in X-Sentry-Auth, or the DSN in the envelope header.",
  });

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/** Projects by number, from memory; a miss looks into the database at most once a second. */
function createProjectLookup(kernel: Kernel, now: () => number) {
  const known = new Map<string, Project>();
  let lookedAt = Number.NEGATIVE_INFINITY;
  return {
    async find(number: string): Promise<Project | null> {
      const found = known.get(number);
      if (found) return found;
      if (now() - lookedAt < 1_000 && known.size > 0 && lookedAt > 0) return null;
      lookedAt = now();
      for (const row of await kernel.projects.list())
        known.set(row.dsn_id, { id: row.project_id, key: row.public_key });
      return known.get(number) ?? null;
    },
  };
}
