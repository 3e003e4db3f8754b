import { PrunellaError } from "@prunella/contract";
import type { Door } from "../door.ts";
import { errorBody, retryAfterText, type Answer } from "../kit/answers.ts";
import type { Arrival } from "../kit/arrival.ts";
import { networkOf } from "../kit/network-of.ts";
import { createRateLimit } from "../kit/rate-limit.ts";

const PATH = /^\/v1\/heartbeat\/([^/?]{1,200})(?:\/([^/?]{1,16}))?\/?(?:\?(.*))?$/;
/** A log's last lines; more than this is not read. */
const MAX_BODY = 65_536;
/** A job that says so every half second says it too often. */
const PER_KEY = 120;
/** All that one address may send: many jobs share one. */
const PER_NETWORK = 30_000;

const OK: Answer = { status: 200, headers: { "content-type": "application/json" }, body: '{"ok":true}' };

/**
 * `POST`, `GET` or `HEAD /v1/heartbeat/<name>`, `…/start`, `…/fail` and `…/<exit code>`, as cron monitors are
 * called. A wrong key and a name that nobody has are answered alike. 200 comes after the commit.
 */
export const heartbeatDoor: Door = {
  name: "heartbeat",
  reasons: new Set(),
  takes: ({ method, url }) => (method === "POST" || method === "GET" || method === "HEAD") && PATH.test(url),
  open({ kernel, now }) {
    const byNetwork = createRateLimit(PER_NETWORK, now);
    const byKey = createRateLimit(PER_KEY, now);
    return {
      async receive(arrival) {
        const { url, method, headers, remoteAddress } = arrival.request;
        const [, name = "", suffix, query = ""] = PATH.exec(url) ?? [];
        const key = bearerOf(headers.authorization) ?? new URLSearchParams(query).get("key") ?? "";
        if (!byNetwork.take(networkOf(remoteAddress))) return tooMany();
        const beat = beatOf(suffix);
        if (beat === null || key.length > 200) return notFound();
        const body = method === "POST" ? await bodyOf(arrival) : "";
        // Counted by name and key together: who guesses keys uses up nobody's.
        if (!byKey.take(`${name} ${key}`)) return tooMany();
        return (await kernel.heartbeats.hear(name, key, beat, body)) ? OK : notFound();
      },
    };
  },
};

function beatOf(suffix: string | undefined) {
  if (suffix === undefined) return { kind: "ok" } as const;
  if (suffix === "start" || suffix === "fail") return { kind: suffix } as const;
  const code = /^\d{1,3}$/.test(suffix) ? Number(suffix) : 256;
  return code <= 255 ? ({ kind: "exit", code } as const) : null;
}

const bearerOf = (authorization: string | undefined): string | null =>
  /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? null;

/** A body that cannot be read says nothing; the sign of life counts all the same. */
async function bodyOf(arrival: Arrival): Promise<string> {
  try {
    return (await arrival.body(MAX_BODY)).toString("utf8");
  } catch {
    return "";
  }
}

const refusal = (error: PrunellaError, more: Readonly<Record<string, string>> = {}): Answer => ({
  status: error.status,
  headers: { "content-type": "application/json", ...more },
  body: JSON.stringify(errorBody(error)),
});

const notFound = (): Answer =>
  refusal(new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no heartbeat of this name with this key." }));

const tooMany = (): Answer =>
  refusal(new PrunellaError("PRUNELLA_INGEST_BUSY", { detail: "That is said too often." }), {
    "retry-after": retryAfterText(10),
  });
