import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "@prunella/contract";
import { SYSTEM, type Kernel } from "@prunella/kernel";
import { networkOf } from "./network-of.ts";
import { createRateLimit } from "./rate-limit.ts";
import { readReport } from "./report.ts";

/** Reports are a few hundred bytes; more than this is none. */
const MAX_BODY = 32_768;
/** Reports whose commit is still under way; beyond it a report is dropped and counted. */
const MAX_WAITING = 500;
/** The project that keyless reports join. */
export const ANONYMOUS_PROJECT = "anonymous";
const PREFLIGHT = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "POST",
  "access-control-allow-headers": "content-type",
  "access-control-max-age": "86400",
};
const ANSWER = '{"status":"accepted"}';

export interface CrashDoor {
  take(request: IncomingMessage, response: ServerResponse): boolean;
}

/**
 * `POST /v1/crash`, for anybody. The answer is always 202 with the same body, given when the body
 * has been read and before anything is judged, so neither answer nor time tells what is known here.
 * It promises nothing.
 */
export function createCrashDoor(deps: {
  kernel: Kernel;
  config: Config["crash_reports"];
  now: () => number;
  onLoss: (projectId: string, reason: string, quantity: number) => void;
}): CrashDoor {
  const { kernel, config, now } = deps;
  const byAddress = createRateLimit(config.per_address_per_minute, now);
  const byProject = createRateLimit(config.per_project_per_minute, now);
  let waiting = 0;
  let isProjectThere = false;

  async function take(bytes: Buffer | null, address: string): Promise<void> {
    const lose = (reason: string) => deps.onLoss(ANONYMOUS_PROJECT, reason, 1);
    if (!config.enabled) return;
    if (bytes === null) return lose("crash.too_large");
    if (!byAddress.take(address) || waiting >= MAX_WAITING || kernel.pressure(ANONYMOUS_PROJECT))
      return lose("crash.limited");
    const report = readReport(parse(bytes), { now: now(), eventId: randomUUID().replaceAll("-", "") });
    if (!report) return lose("crash.malformed");
    if (!byProject.take(report.projectHash ?? "none")) return lose("crash.limited");
    for (const reason of report.losses) lose(reason);
    waiting += 1;
    try {
      if (!isProjectThere) await ensureProject();
      await kernel.report(ANONYMOUS_PROJECT, [report.event], report.fingerprints);
    } finally {
      waiting -= 1;
    }
  }

  async function ensureProject(): Promise<void> {
    const isThere = (await kernel.projects.list()).some((row) => row.project_id === ANONYMOUS_PROJECT);
    if (!isThere) await kernel.projects.add({ id: ANONYMOUS_PROJECT, title: "Anonymous crash reports", by: SYSTEM });
    isProjectThere = true;
  }

  return {
    take(request, response) {
      if (!/^\/v1\/crash\/?(?:\?|$)/.test(request.url ?? "")) return false;
      if (request.method === "OPTIONS") {
        // Browsers ask first when the body is JSON.
        response.writeHead(204, PREFLIGHT).end();
        return true;
      }
      if (request.method !== "POST") return false;
      const address = networkOf(request.socket.remoteAddress ?? "");
      readBounded(request)
        .then((bytes) => {
          response
            .writeHead(202, {
              "content-type": "application/json",
              "content-length": ANSWER.length,
              "access-control-allow-origin": "*",
            })
            .end(ANSWER);
          // After the answer has left, so that its time says nothing.
          setImmediate(() => {
            take(bytes, address).catch(() => deps.onLoss(ANONYMOUS_PROJECT, "crash.not_stored", 1));
          });
        })
        .catch(() => response.destroy());
      return true;
    },
  };
}

/** Null when it is larger than the limit; what is over is read and thrown away, up to the limit once more. */
async function readBounded(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes: Buffer = chunk;
    size += bytes.length;
    if (size <= MAX_BODY) chunks.push(bytes);
    else chunks.length = 0;
    if (size > 64 * MAX_BODY) break;
  }
  return size > MAX_BODY ? null : Buffer.concat(chunks);
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
}
