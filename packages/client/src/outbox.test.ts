import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CRASH, freshUser, MACHINE, openDouble, PLAIN, programOf } from "./client-fixture.ts";
import type { Situation } from "./consent.ts";
import { discloseOnce } from "./disclosure.ts";
import { sendPending, waitAfter } from "./outbox.ts";
import { homeOf } from "./places.ts";
import { createReport } from "./report.ts";
import { keepReport, listReports, pendingReports } from "./reports.ts";

const NOW = Date.UTC(2026, 10, 21, 9);

function setUp(url: string, { shown = true, reports = 2 } = {}) {
  const { env } = freshUser();
  const program = programOf({ endpoint: url });
  const situation: Situation = { env, terminal: true, asked: false };
  const home = homeOf(program, env);
  for (let i = 0; i < reports; i++)
    keepReport(home, createReport({ ...CRASH, functions: [`f${i}`] }, MACHINE, PLAIN), CRASH.at + i * 1000);
  if (shown) discloseOnce(program, situation, () => {});
  return { program, situation, home };
}

describe("the outbox", () => {
  it("sends the bytes of each file, oldest first, and each once", async () => {
    await using double = await openDouble();
    const { program, situation, home } = setUp(double.url);
    const files = pendingReports(home).map(({ path }) => readFileSync(path, "utf8"));
    expect(await sendPending(program, situation, NOW)).toBe(2);
    expect(double.bodies).toEqual(files);
    expect(await sendPending(program, situation, NOW)).toBe(0);
    expect(double.bodies).toHaveLength(2);
    expect(listReports(home).every(({ outcome }) => outcome === "sent")).toBe(true);
  });

  it("opens no connection before the disclosure, nor after any no", async () => {
    await using double = await openDouble();
    const { program, situation } = setUp(double.url, { shown: false });
    expect(await sendPending(program, situation, NOW)).toBe(0);
    discloseOnce(program, situation, () => {});
    for (const env of [{ DO_NOT_TRACK: "1" }, { PRUNELLA_TELEMETRY: "off" }, { CI: "true" }, { PRUNELLA_AIR_GAP: "1" }])
      expect(await sendPending(program, { ...situation, env: { ...situation.env, ...env } }, NOW)).toBe(0);
    expect(await sendPending(program, { ...situation, terminal: false }, NOW)).toBe(0);
    expect(await sendPending({ ...program, mode: "ask" }, situation, NOW)).toBe(0);
    expect(double.connections()).toBe(0);
    expect(await sendPending(program, situation, NOW)).toBe(2);
  });

  it("waits longer after each failure, up to a day, and starts anew after a success", async () => {
    let status = 503;
    await using double = await openDouble(() => status);
    const { program, situation } = setUp(double.url);
    await sendPending(program, situation, NOW);
    expect(double.bodies).toHaveLength(1);
    await sendPending(program, situation, NOW + waitAfter(1) - 1);
    expect(double.bodies).toHaveLength(1);
    await sendPending(program, situation, NOW + waitAfter(1));
    expect(double.bodies).toHaveLength(2);
    status = 202;
    await sendPending(program, situation, NOW + waitAfter(1) + waitAfter(2) - 1);
    expect(double.bodies).toHaveLength(2);
    expect(await sendPending(program, situation, NOW + waitAfter(1) + waitAfter(2))).toBe(2);
    expect([1, 2, 3, 50].map(waitAfter)).toEqual([60_000, 120_000, 240_000, 86_400_000]);
  });

  it("does not wait for ever when the clock was set back", async () => {
    await using double = await openDouble();
    const { program, situation, home } = setUp(double.url);
    writeFileSync(join(home, "outbox.json"), JSON.stringify({ failures: 3, retry_at: NOW + 400 * 86_400_000 }));
    expect(await sendPending(program, situation, NOW)).toBe(2);
  });

  it.each(["", "{", "[]", '{"failures":"many"}', '{"failures":-1,"retry_at":1}'])(
    "goes on with a state of %j",
    async (garbage) => {
      await using double = await openDouble();
      const { program, situation, home } = setUp(double.url);
      writeFileSync(join(home, "outbox.json"), garbage);
      expect(await sendPending(program, situation, NOW)).toBe(2);
    },
  );

  it("follows no redirect to where nobody was told", async () => {
    await using double = await openDouble(() => 307);
    const { program, situation, home } = setUp(double.url, { reports: 1 });
    expect(await sendPending(program, situation, NOW)).toBe(0);
    expect(double.bodies).toHaveLength(1);
    expect(pendingReports(home)).toHaveLength(1);
  });

  it("sends what was kept while it was sending, since that one's own sender found it at work", async () => {
    const { env } = freshUser();
    const home = homeOf(programOf(), env);
    const keep = (name: string) =>
      keepReport(home, createReport({ ...CRASH, functions: [name] }, MACHINE, PLAIN), CRASH.at);
    await using double = await openDouble((request) => {
      if (request === 1) keep("second");
      return 202;
    });
    const program = programOf({ endpoint: double.url });
    const situation: Situation = { env, terminal: true, asked: false };
    discloseOnce(program, situation, () => {});
    keep("first");
    expect(await sendPending(program, situation, NOW)).toBe(2);
    expect(pendingReports(home)).toEqual([]);
  });

  it("sends a report once, and ends, where the mark that it was sent cannot be made", async () => {
    await using double = await openDouble();
    const { program, situation, home } = setUp(double.url, { reports: 1 });
    const [{ path } = { path: "" }] = pendingReports(home);
    symlinkSync("/nowhere/at/all", path.replace(/json$/, "sent"));
    expect(await sendPending(program, situation, NOW)).toBe(1);
    expect(double.bodies).toHaveLength(1);
  });

  it("gives up what a server will never take, and goes on with the next", async () => {
    await using double = await openDouble((request) => (request === 1 ? 400 : 202));
    const { program, situation, home } = setUp(double.url);
    expect(await sendPending(program, situation, NOW)).toBe(1);
    expect(pendingReports(home)).toEqual([]);
    // The list must not say that somebody has it.
    expect(listReports(home).map(({ outcome }) => outcome)).toEqual(["sent", "rejected"]);
  });

  it("lets one process send at a time, and takes the lock of one that is gone", async () => {
    await using double = await openDouble();
    const { program, situation, home } = setUp(double.url);
    writeFileSync(join(home, "sending.lock"), "1");
    expect(await sendPending(program, situation, Date.now())).toBe(0);
    expect(await sendPending(program, situation, Date.now() + 600_000)).toBe(2);
    expect(existsSync(join(home, "sending.lock"))).toBe(false);
  });

  it("does not send what somebody changed into something that is no report", async () => {
    await using double = await openDouble();
    const { program, situation, home } = setUp(double.url, { reports: 1 });
    const [{ path } = { path: "" }] = listReports(home);
    writeFileSync(path, JSON.stringify({ everything: "else" }));
    expect(await sendPending(program, situation, NOW)).toBe(0);
    expect(double.connections()).toBe(0);
  });
});
