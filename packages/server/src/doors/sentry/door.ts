import { PrunellaError } from "@prunella/contract";
import type { Door, DoorKit } from "../door.ts";
import type { Answer } from "../kit/answers.ts";
import type { Arrival } from "../kit/arrival.ts";
import { accepted, preflight, refused } from "./answers.ts";
import { readAuth } from "./auth.ts";
import { decodeItems, type Decoded } from "./decode.ts";
import { parseEnvelope, parseEnvelopeHeader } from "./envelope.ts";
import { SENTRY_LIMITS } from "./limits.ts";
import { SENTRY_REASONS, type SentryReason } from "./reasons.ts";
import { decodeStore } from "./store-body.ts";
import { createTraces, type Traced, type Traces } from "./traces.ts";
import { createWaiting, type Waiting } from "./waiting.ts";

const PATH = /^\/api\/([^/?]{1,64})\/(envelope|store|minidump|unreal)(?:\/|\/[0-9a-f]{32}\/?)?(?:\?|$)/;
type Kind = "envelope" | "store" | "minidump";

/**
 * `POST /api/<number>/envelope/` and `/store/`. An event is answered only after the commit that
 * holds it; back-pressure is answered before anything is read or written.
 */
export const sentryDoor: Door = {
  name: "sentry",
  reasons: SENTRY_REASONS,
  takes: ({ url }) => PATH.test(url),
  open(kit) {
    const traces = createTraces(kit.now);
    const waiting = createWaiting();
    return {
      async receive(arrival) {
        const [, number = "", word] = PATH.exec(arrival.request.url) ?? [];
        const kind = word === "envelope" || word === "store" ? word : "minidump";
        return receive({ kit, traces, waiting, arrival, number, kind });
      },
      refuse: refused,
    };
  },
};

interface Received {
  readonly kit: DoorKit;
  readonly traces: Traces;
  readonly waiting: Waiting;
  readonly arrival: Arrival;
  readonly number: string;
  readonly kind: Kind;
}

async function receive({ kit, traces, waiting, arrival, number, kind }: Received): Promise<Answer> {
  const { method, headers, url } = arrival.request;
  if (method === "OPTIONS") return preflight();
  if (method !== "POST") throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "This door takes POST." });
  if (!/^\d{1,16}$/.test(number))
    throw new PrunellaError("PRUNELLA_INGEST_PROJECT_UNKNOWN", {
      detail: "A project number has digits only, as in the DSN.",
    });
  const enter = (key: string | null): Promise<string> => {
    if (key === null) throw keyMissing();
    return arrival.enter(number, key);
  };
  // Known before a byte is read: a storm, a full queue, a wrong key. A tunnel says whose it is in its body.
  const { key } = readAuth({ url, headers });
  let projectId = key === null ? null : await enter(key);
  if (kind === "minidump") return minidumpRefused(kit, projectId);
  if (projectId === null) arrival.assertRoom();
  const body = await arrival.body();
  if (projectId === null && kind === "envelope") {
    const envelopeHeader = parseEnvelopeHeader(body, SENTRY_LIMITS);
    projectId = await enter(readAuth({ url, headers, envelopeHeader }).key);
  }
  if (projectId === null) throw keyMissing();
  const owner = projectId;
  const eventsOf = (trace: string): readonly Traced[] => traces.of(owner, trace);
  const options = { trust: "public", receivedAt: kit.now(), newId: kit.newId, eventsOf } as const;
  const decode = (): Decoded =>
    kind === "store" ? decodeStore(body, options) : decodeItems(parseEnvelope(body, SENTRY_LIMITS), options);
  const decoded = await waiting.retry(decode(), {
    read: decode,
    isEnough: ({ loneTraces }) => loneTraces.size === 0,
    happened: ({ loneTraces }) => [...loneTraces].reduce((sum, trace) => sum + traces.of(owner, trace).length, 0),
  });
  await kit.kernel.report(projectId, decoded.events);
  for (const checkIn of decoded.checkIns)
    if (!(await kit.kernel.heartbeats.checkIn(projectId, checkIn)))
      kit.lose(projectId, [{ reason: "dropped.invalid.monitor" satisfies SentryReason, quantity: 1 }]);
  traces.remember(projectId, decoded.traced);
  if (decoded.hasReport) await kit.loseNow(projectId, decoded.losses);
  else kit.lose(projectId, decoded.losses);
  return accepted(decoded.id);
}

/** Of Crashpad and Unreal; why, says docs/decisions/0010-minidumps-are-not-read.md. */
function minidumpRefused(kit: DoorKit, projectId: string | null): Answer {
  if (projectId === null) throw keyMissing();
  kit.lose(projectId, [{ reason: "dropped.unread.error" satisfies SentryReason, quantity: 1 }]);
  const error = new PrunellaError("PRUNELLA_NOT_FOUND", {
    detail: "Minidumps are not read here.",
    hint: "Let the SDK send events: sentry-native does with its inproc backend.",
  });
  return refused({ error, retryAfterS: 0, reason: "door.other" });
}

const keyMissing = () =>
  new PrunellaError("PRUNELLA_INGEST_KEY_MISSING", {
    hint: "Send sentry_key in the query, in X-Sentry-Auth, or the DSN in the envelope header.",
  });
