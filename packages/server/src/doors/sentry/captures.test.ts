import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { Event } from "@prunella/contract";
import { readAuth } from "./auth.ts";
import { readBody } from "../kit/body-fixture.ts";
import { createInFlight } from "../kit/in-flight.ts";
import { decodeItems } from "./decode.ts";
import { parseEnvelope } from "./envelope.ts";
import { SENTRY_LIMITS } from "./limits.ts";

/** Raw requests of real SDKs, in a folder beside the checkout; not part of the repository. */
const FOLDER = join(import.meta.dirname, "../../../../../../shared/data/sentry-captures");
const isThere = existsSync(FOLDER);
const names = isThere ? readdirSync(FOLDER).flatMap((file) => (file.endsWith(".http") ? [file.slice(0, -5)] : [])) : [];

/** One HTTP/1.1 request with its chunks as they were framed. */
function parseRequest(bytes: Buffer): { url: string; headers: Record<string, string>; chunks: Buffer[] } {
  const headEnd = bytes.indexOf("\r\n\r\n");
  const [start = "", ...lines] = bytes.toString("latin1", 0, headEnd).split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const chunks: Buffer[] = [];
  for (let at = headEnd + 4; at < bytes.length;) {
    const sizeEnd = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.toString("latin1", at, sizeEnd), 16);
    if (!(size > 0)) break;
    chunks.push(bytes.subarray(sizeEnd + 2, sizeEnd + 2 + size));
    at = sizeEnd + 2 + size + 2;
  }
  return { url: start.split(" ")[1] ?? "", headers, chunks };
}

const MiB = 1024 * 1024;
let made = 0;
const newId = () => (made += 1).toString(16).padStart(32, "0");
const file = (name: string) => readFileSync(join(FOLDER, name));
const decode = (bytes: Buffer) =>
  decodeItems(parseEnvelope(bytes, SENTRY_LIMITS), { trust: "public", receivedAt: Date.UTC(2026, 10, 21, 5), newId });
const eventOf = (name: string) => decode(file(`${name}.envelope`)).events[0];
const lastFrame = (name: string) => eventOf(name)?.errors.at(-1)?.frames.at(-1);

/** Item counts read off the captures by hand; every other file holds what its neighbours of the same scenario hold. */
const COUNTS: Readonly<Record<string, Record<string, number>>> = {
  "07-attachment-2": { event: 1, attachment: 2 },
  "09-http-server-txn-1": { event: 1 },
  "09-http-server-txn-2": { span: 1 },
  "09-http-server-txn-3": { client_report: 1 },
  "09-http-server-txn-4": { sessions: 1 },
  "10-logs-metrics-1": { span: 1 },
  "10-logs-metrics-2": { log: 1 },
  "10-logs-metrics-3": { trace_metric: 1 },
  "11-checkin-feedback-1": { check_in: 1 },
  "11-checkin-feedback-2": { check_in: 1 },
  "11-checkin-feedback-3": { feedback: 1 },
  "11-checkin-feedback-4": { session: 1 },
  "12-ratelimit-client-report-3": { check_in: 1 },
  "12-ratelimit-client-report-4": { client_report: 1 },
  "v10-05-message-3": { session: 1 },
  "v10-09-http-server-txn-1": { transaction: 1 },
  "v10-09-http-server-txn-2": { transaction: 1 },
  "v10-09-http-server-txn-3": { session: 1 },
  "v10-09-http-server-txn-5": { client_report: 1 },
  "v10-09-http-server-txn-6": { sessions: 1 },
  "v10-12-ratelimit-client-report-3": { check_in: 1 },
  "v10-12-ratelimit-client-report-4": { client_report: 1 },
};
const expectedCounts = (name: string) => COUNTS[name] ?? (name.endsWith("-1") ? { session: 1 } : { event: 1 });

describe.skipIf(!isThere)("captures of @sentry/node 10 and 11 (skipped without shared/data/sentry-captures)", () => {
  it.each(names)("takes the raw request %s and counts its items", async (name) => {
    const { url, headers, chunks } = parseRequest(file(`${name}.http`));
    expect(readAuth({ url, headers })).toMatchObject({ key: "0123456789abcdef0123456789abcdef", projectNumber: "42" });
    using hold = createInFlight(64 * MiB).hold();
    const body = await readBody(Readable.from(chunks), headers, { compressedMax: MiB, decompressedMax: MiB, hold });
    // Folder names in the decoded files were replaced by others of the same length.
    expect(body.length).toBe(file(`${name}.envelope`).length);
    const counts: Record<string, number> = {};
    for (const { type } of parseEnvelope(body, SENTRY_LIMITS).items) counts[type] = (counts[type] ?? 0) + 1;
    expect(counts).toEqual(expectedCounts(name));
    const { events, losses } = decode(body);
    expect(losses.filter(({ reason }) => /^dropped\.(?:invalid|too_)/.test(reason))).toEqual([]);
    for (const event of events) Event.parse(event);
  });

  it("reads an uncaught error", () => {
    expect(eventOf("01-uncaught-2")).toMatchObject({
      id: "07523aeb541a48e7baba293d0ccfdb12",
      level: "fatal",
      at: 1795236663914,
      release: "shop-api@1.4.2",
      environment: "staging",
      platform: "node",
      errors: [
        {
          type: "TypeError",
          value: "Cannot read properties of undefined (reading 'last4')",
          handled: false,
          mechanism: "auto.node.onuncaughtexception",
        },
      ],
    });
    expect(lastFrame("01-uncaught-2")).toMatchObject({ function: "chargeCard", line: 2, column: 56, in_app: true });
  });

  it("reads check-ins as signs of life, with their schedule", () => {
    const { checkIns } = decode(file("11-checkin-feedback-1.envelope"));
    expect(checkIns).toEqual([
      {
        slug: "nightly",
        beat: { kind: "start", tookMs: undefined },
        schedule: { every_ms: null, cron: "0 3 * * *", time_zone: "UTC", grace_ms: 300_000, max_runtime_ms: 1_800_000 },
      },
    ]);
    expect(decode(file("11-checkin-feedback-2.envelope")).checkIns).toMatchObject([
      { slug: "nightly", beat: { kind: "fail" } },
    ]);
  });

  it("reads a chain of causes, oldest first", () => {
    const values = ["connect ECONNREFUSED 10.0.0.5:5432", "repository query failed", "checkout failed for order 991"];
    for (const name of ["03-cause-chain-2", "v10-03-cause-chain-2"])
      expect(eventOf(name)?.errors.map((error) => error.value)).toEqual(values);
  });

  it("reads a message with and without the exception that version 11 sends for it", () => {
    expect(eventOf("05-message-2")).toMatchObject({
      level: "warning",
      message: "cron backlog is growing",
      errors: [{ type: null, value: "cron backlog is growing" }],
    });
    expect(eventOf("v10-05-message-2")).toMatchObject({
      level: "warning",
      message: "cron backlog is growing",
      errors: [],
    });
    expect(eventOf("05-message-3")?.sdk_fingerprint).toEqual(["{{ default }}", "tenant-acme"]);
  });

  it("reads what was thrown without being an Error", () => {
    expect(eventOf("06-nonerror-throws-2")?.errors).toMatchObject([
      { type: "Error", value: "Object captured as exception with keys: code, nested, reason" },
    ]);
    expect(eventOf("06-nonerror-throws-4")?.errors).toMatchObject([{ type: "Error", value: "undefined" }]);
    expect(eventOf("06-nonerror-throws-5")?.errors.map((error) => error.type)).toEqual([
      "TypeError",
      "Error",
      "AggregateError",
    ]);
  });

  it("keeps the SDK's own crash frame of a rejected non-error marked as not ours", () => {
    expect(lastFrame("15-esm-unhandled-nonerror-2")).toMatchObject({
      in_app: false,
      module: "@sentry.node.build.cjs.integrations:onunhandledrejection",
    });
  });

  it("reads breadcrumbs, tags and user, and leaves local variables behind", () => {
    const event = eventOf("04-breadcrumbs-context-2");
    expect(event?.tags).toEqual({ tenant: "acme" });
    expect(event?.breadcrumbs.length).toBeGreaterThan(1);
    expect(event?.context).toMatchObject({ user: { id: "u_77" }, sdk: { name: "sentry.javascript.node" } });
    expect(file("13-local-vars-2.envelope").toString()).toContain('"vars"');
    expect(JSON.stringify(eventOf("13-local-vars-2"))).not.toContain('"vars"');
  });

  it("reads logs and reports of losses, and counts what it does not read", () => {
    expect(eventOf("10-logs-metrics-2")).toMatchObject({
      level: "error",
      message: "payment p_1 failed",
      message_template: "payment %s failed",
    });
    expect(decode(file("12-ratelimit-client-report-4.envelope"))).toMatchObject({
      losses: [{ reason: "client.ratelimit_backoff.error", quantity: 5 }],
      hasReport: true,
    });
    const lost = (name: string) => decode(file(`${name}.envelope`)).losses;
    expect(lost("11-checkin-feedback-2")).toEqual([]);
    expect(lost("01-uncaught-1")).toEqual([{ reason: "dropped.unread.session", quantity: 1 }]);
    expect(lost("07-attachment-2")).toEqual([{ reason: "dropped.unread.attachment", quantity: 2 }]);
  });
});
