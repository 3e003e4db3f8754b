import { PrunellaError } from "@prunella/contract";
import { SYSTEM } from "@prunella/kernel";
import type { Door, DoorKit } from "../door.ts";
import type { Answer } from "../kit/answers.ts";
import type { Arrival } from "../kit/arrival.ts";
import { networkOf } from "../kit/network-of.ts";
import { createRateLimit } from "../kit/rate-limit.ts";
import { parseJson } from "../kit/record.ts";
import { CRASH_REASONS, type CrashReason } from "./reasons.ts";
import { readReport } from "./report.ts";

/** Reports are a few hundred bytes; more than this is none. */
const MAX_BODY = 32_768;
/** Reports whose commit is still under way; beyond it a report is dropped and counted. */
const MAX_WAITING = 500;
/** The project that keyless reports join. */
const ANONYMOUS_PROJECT = "anonymous";

/** Browsers ask first when the body is JSON. */
const PREFLIGHT: Answer = {
  status: 204,
  headers: {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "content-type",
    "access-control-max-age": "86400",
  },
  body: "",
};
const ACCEPTED: Answer = {
  status: 202,
  headers: { "content-type": "application/json", "access-control-allow-origin": "*" },
  body: '{"status":"accepted"}',
};

/**
 * `POST /v1/crash`, for anybody. The answer is always 202 with the same body, given when the body has
 * been read and before anything is judged, so neither answer nor time tells what is known here. It
 * promises nothing.
 */
export const crashDoor: Door = {
  name: "crash",
  reasons: CRASH_REASONS,
  takes: ({ method, url }) => (method === "POST" || method === "OPTIONS") && /^\/v1\/crash\/?(?:\?|$)/.test(url),
  open(kit) {
    const judge = createJudge(kit);

    async function receive(arrival: Arrival): Promise<Answer> {
      if (arrival.request.method === "OPTIONS") return PREFLIGHT;
      const address = networkOf(arrival.request.remoteAddress);
      const body = await arrival.body(MAX_BODY).catch(unreadable);
      // After the answer has left, so that its time says nothing.
      setImmediate(() => void judge(body, address));
      return ACCEPTED;
    }

    return { receive };
  },
};

/** What a body is lost as that could not be read. Too much in flight says nothing about the body itself. */
function unreadable(thrown: unknown): CrashReason {
  const code = thrown instanceof PrunellaError ? thrown.code : null;
  if (code === "PRUNELLA_INGEST_TOO_LARGE") return "crash.too_large";
  return code === "PRUNELLA_INGEST_BUSY" ? "crash.limited" : "crash.malformed";
}

/** Takes one body, or why there is none, and keeps what is good of it. Whatever it does not keep it counts. */
function createJudge({ kernel, config, now, newId, lose }: DoorKit) {
  const byAddress = createRateLimit(config.crash_reports.per_address_per_minute, now);
  const byProject = createRateLimit(config.crash_reports.per_project_per_minute, now);
  let waiting = 0;
  let isProjectThere = false;

  /** Why the whole report is lost; null when it is kept. */
  async function take(body: Buffer | CrashReason, address: string): Promise<CrashReason | null> {
    if (!config.crash_reports.enabled) return "crash.off";
    if (!Buffer.isBuffer(body)) return body;
    if (!byAddress.take(address) || waiting >= MAX_WAITING || kernel.pressure(ANONYMOUS_PROJECT))
      return "crash.limited";
    const report = readReport(parseJson(body), { now: now(), eventId: newId() });
    if (!report) return "crash.malformed";
    if (!byProject.take(report.projectHash ?? "none")) return "crash.limited";
    lose(
      ANONYMOUS_PROJECT,
      report.losses.map((reason) => ({ reason, quantity: 1 })),
    );
    waiting += 1;
    try {
      if (!isProjectThere) await ensureProject();
      await kernel.report(ANONYMOUS_PROJECT, [report.event], report.fingerprints);
      return null;
    } catch {
      return "crash.not_stored";
    } finally {
      waiting -= 1;
    }
  }

  async function ensureProject(): Promise<void> {
    const isThere = (await kernel.projects.list()).some((row) => row.project_id === ANONYMOUS_PROJECT);
    if (!isThere) await kernel.projects.add({ id: ANONYMOUS_PROJECT, title: "Anonymous crash reports", by: SYSTEM });
    isProjectThere = true;
  }

  return async (body: Buffer | CrashReason, address: string): Promise<void> => {
    const reason = await take(body, address);
    if (reason !== null) lose(ANONYMOUS_PROJECT, [{ reason, quantity: 1 }]);
  };
}
