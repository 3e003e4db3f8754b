import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { FAULT_BYTES, pinned, worthKeeping, type Standing } from "./kept.ts";

const ALL = { status: "all", limit: 50 } as const;
/** Five first, five last, five newest releases, five rare ones. */
const MOST_BODIES = 20;

describe.each(ENGINES)("bodies on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("of 800 events with distinct releases are twenty, in few bytes, and the fault says so", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    // Of some size, as an attacker would send them; the scrubber leaves plain words alone.
    const context = { note: "plain words ".repeat(100) };
    for (let at = 0; at < 800; at += 1) {
      clock.advance(1);
      await kernel.report("default", [anEvent({ release: `r${at}`, context })]);
    }
    await kernel.settle();
    const [fault] = (await kernel.faults.list(ALL)).faults;
    const { kept, samples, releases } = await kernel.faults.detail(fault?.id ?? "");
    expect(kept).toMatchObject({ of: 800 });
    expect(kept.bodies).toBe(samples.length);
    expect(kept.bodies).toBeGreaterThan(9);
    const rows = await store.engine.reader.selectFrom("event_sample").select(["slot", "bytes", "body"]).execute();
    expect(rows.length).toBeLessThanOrEqual(MOST_BODIES);
    expect(rows.every((row) => row.bytes === Buffer.byteLength(row.body))).toBe(true);
    expect(rows.map((row) => row.slot)).toEqual(expect.arrayContaining(["first:0", "release:r799", "release:r5"]));
    expect(releases[0]?.count).toBe(1);
  });

  test("of a release that its events seldom name outlive those of common ones", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const tell = async (release: string, times: number) => {
      clock.advance(1_000);
      await kernel.report(
        "default",
        Array.from({ length: times }, () => anEvent({ release })),
      );
      await kernel.settle();
    };
    await tell("common", 8);
    for (let at = 0; at < 6; at += 1) await tell(`often-${at}`, 4);
    await tell("rare", 1);
    for (let at = 6; at < 20; at += 1) await tell(`often-${at}`, 4);
    const rows = await store.engine.reader.selectFrom("event_sample").select("slot").execute();
    const slots = rows.map((row) => row.slot);
    expect(slots).toContain("release:rare");
    expect(slots).toContain("release:often-19");
    expect(slots).not.toContain("release:often-14");
  });
});

describe("what is worth its place", () => {
  const body = (slot: string, receivedAt: number, bytes = 10): Standing => ({ slot, receivedAt, bytes });
  const never = () => 0;

  it("stays within the bytes of a fault, and keeps first, last, newest and rarest release", () => {
    const big = FAULT_BYTES / 5;
    const bodies = [
      ...[0, 1, 2, 3, 4].map((at) => body(`first:${at}`, at, big)),
      ...[0, 1, 2, 3, 4].map((at) => body(`last:${at}`, 100 + at, big)),
      body("release:a", 50, big),
      body("release:b", 60, big),
    ];
    const often = (release: string) => (release === "a" ? 1 : 9);
    const kept = worthKeeping(bodies, often);
    expect(pinned(bodies, often)).toEqual(["first:0", "last:4", "release:b", "release:a"]);
    expect([...kept]).toEqual(expect.arrayContaining(pinned(bodies, often)));
    expect(kept.size).toBe(5);
  });

  it("is everything while there is room", () => {
    const bodies = [body("first:0", 1), body("last:0", 2), body("release:a", 3)];
    expect(worthKeeping(bodies, never).size).toBe(3);
  });
});
