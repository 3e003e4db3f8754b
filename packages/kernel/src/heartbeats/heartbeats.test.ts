import { Config, LedgerEntry } from "@prunella/contract";
import { scrubEvent, scrubJson, scrubText } from "@prunella/scrub";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { createCalendar } from "../../../server/src/platform/calendar.ts";

const HOUR = 3_600_000;

const heartbeats = (...given: object[]) => Config.parse({ heartbeats: given }).heartbeats;

describe.each(ENGINES)("heartbeats on $name", ({ name: engine, open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const store = await open();
    const clock = testClock();
    let kernel = await openKernel(store.engine, clock);
    const given = { project: "default", target: null, cron: null, time_zone: "UTC", grace: 60_000, max_runtime: null };
    const { key } = await kernel.heartbeats.add({ ...given, name: "nightly", every: HOUR });
    return {
      store,
      clock,
      key,
      given,
      get kernel() {
        return kernel;
      },
      async restart() {
        await kernel.close();
        kernel = await openKernel(store.engine, clock);
      },
      hear: (beat: Parameters<typeof kernel.heartbeats.hear>[2], body = "", name = "nightly") =>
        kernel.heartbeats.hear(name, key, beat, body),
      async settle() {
        await kernel.heartbeats.settle();
        await kernel.settle();
      },
      async pass(ms: number) {
        clock.advance(ms);
        await this.settle();
      },
      show: () => kernel.heartbeats.show("default", "nightly"),
      faults: async () => (await kernel.faults.list({ status: "all", limit: 50 })).faults,
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  test("waits for the first sign of life, and calls no silence before it a failure", async () => {
    await using all = await begin();
    await all.pass(1_000 * HOUR);
    expect(await all.show()).toMatchObject({ status: "unknown", heard_at: null, next_due: null });
    expect(await all.faults()).toEqual([]);
  });

  test("tells a silence once, past its time and its grace, and resolves it with the next sign of life", async () => {
    await using all = await begin();
    expect(await all.hear({ kind: "ok" })).toBe(true);
    await all.pass(HOUR + 59_000);
    expect(await all.faults()).toEqual([]);
    await all.pass(2_000);
    await all.pass(10 * HOUR);
    expect(await all.faults()).toMatchObject([{ status: "open", count: 1, level: "error" }]);
    expect((await all.faults())[0]?.title).toContain("HeartbeatMissed");
    const deltas = await all.store.engine.reader.selectFrom("delta").selectAll().execute();
    expect(deltas).toMatchObject([
      { source: "heartbeat", trust: "local", target: "heartbeat:nightly", origin: "nightly" },
    ]);
    expect(await all.show()).toMatchObject({ status: "unhealthy", category: "missed", told: true });
    await all.hear({ kind: "ok" });
    await all.settle();
    expect(await all.faults()).toMatchObject([{ status: "resolved", count: 1 }]);
    expect(await all.show()).toMatchObject({ status: "healthy", told: false });
  });

  test("finds a silence after a restart that it began before", async () => {
    await using all = await begin();
    await all.hear({ kind: "ok" });
    all.clock.advance(5 * HOUR);
    await all.restart();
    await all.settle();
    expect(await all.faults()).toHaveLength(1);
  });

  test("tells a failure at once, by word and by exit code, with the last lines of what was said", async () => {
    await using all = await begin();
    const token = ["gh", "p_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("");
    await all.hear({ kind: "exit", code: 3 }, `line\n`.repeat(100) + `cannot push with ${token}\nthe end`);
    await all.settle();
    expect(await all.faults()).toMatchObject([{ status: "open" }]);
    const { said, status, detail } = await all.show();
    expect({ status, detail }).toEqual({ status: "unhealthy", detail: "It ended with exit code 3." });
    expect(said.split("\n")).toHaveLength(20);
    expect(said).toContain("the end");
    expect(said).not.toContain(token);
    await all.hear({ kind: "exit", code: 0 });
    await all.settle();
    expect(await all.faults()).toMatchObject([{ status: "resolved" }]);
    all.clock.advance(HOUR);
    await all.hear({ kind: "fail" });
    await all.settle();
    expect(await all.faults()).toMatchObject([{ status: "regressed", count: 2 }]);
  });

  test("tells a failure again at once when it was well in between", async () => {
    await using all = await begin();
    for (const count of [1, 2, 3]) {
      await all.hear({ kind: "fail" });
      await all.settle();
      expect(await all.faults()).toMatchObject([{ status: count === 1 ? "open" : "regressed", count }]);
      await all.pass(1_000);
      await all.hear({ kind: "ok" });
      await all.settle();
      expect(await all.faults()).toMatchObject([{ status: "resolved", count }]);
      await all.pass(1_000);
    }
  });

  test("tells what an SDK says over and over once in ten minutes, and looks at it late no more until it is due", async () => {
    await using all = await begin();
    const schedule = { every_ms: HOUR, cron: null, time_zone: "UTC", grace_ms: 60_000, max_runtime_ms: null };
    for (const kind of ["fail", "ok", "fail"] as const) {
      await all.kernel.heartbeats.checkIn("default", { slug: "cron-job", beat: { kind }, schedule });
      await all.settle();
    }
    expect(await all.faults()).toMatchObject([{ status: "resolved", count: 1 }]);
    const looks = async () => {
      const [row] = await all.store.engine.reader
        .selectFrom("heartbeat")
        .select(["look_at", "due_at"])
        .where("name", "=", "cron-job")
        .execute();
      return { isSoon: (row?.look_at ?? 0) < (row?.due_at ?? 0), isPast: (row?.look_at ?? 0) <= all.clock.now() };
    };
    expect(await looks()).toEqual({ isSoon: true, isPast: false });
    await all.pass(601_000);
    expect(await all.faults()).toMatchObject([{ status: "regressed", count: 2 }]);
    expect(await looks()).toEqual({ isSoon: false, isPast: false });
  });

  test("tells a run that began and does not end, and how long one took that does", async () => {
    await using all = await begin();
    await all.kernel.heartbeats.configure([]);
    const { key } = await all.kernel.heartbeats.add({
      ...all.given,
      name: "backup",
      every: 24 * HOUR,
      max_runtime: 600_000,
    });
    const hear = (kind: "start" | "ok") => all.kernel.heartbeats.hear("backup", key, { kind }, "");
    await hear("start");
    all.clock.advance(300_000);
    await hear("ok");
    expect(await all.kernel.heartbeats.show("default", "backup")).toMatchObject({
      took_ms: 300_000,
      status: "healthy",
      started_at: null,
    });
    await hear("start");
    await all.pass(601_000);
    expect(await all.kernel.heartbeats.show("default", "backup")).toMatchObject({
      status: "unhealthy",
      category: "overrun",
    });
    expect(await all.faults()).toHaveLength(1);
  });

  test("goes by a pattern of cron in its own time zone, also over a change of the clocks", async () => {
    await using all = await begin();
    await all.kernel.heartbeats.configure(
      heartbeats({ name: "report", cron: "30 2 * * *", time_zone: "Europe/Berlin", grace: "10m", key: "file:key" }),
      () => "a-key-of-some-length",
    );
    expect(await all.kernel.heartbeats.hear("report", "a-key-of-some-length", { kind: "ok" }, "")).toBe(true);
    // 2026-11-21 08:00 UTC; half past two the next night in Berlin is 01:30 UTC.
    expect(await all.kernel.heartbeats.show("default", "report")).toMatchObject({
      next_due: Date.UTC(2026, 10, 22, 1, 40),
      from: "file",
    });
    const wrong = (more: object) =>
      all.kernel.heartbeats.configure(heartbeats({ name: "x", cron: "61 * * * *", ...more }));
    await expect(wrong({})).rejects.toMatchObject({ code: "PRUNELLA_CONFIG_INVALID" });
    await expect(wrong({ cron: "0 3 * * *", time_zone: "Mars/Olympus" })).rejects.toThrow("Mars/Olympus");
  });

  test("knows a key by its digest alone, and takes neither another name nor an old key", async () => {
    await using all = await begin();
    const other = await all.kernel.heartbeats.add({ ...all.given, name: "other", every: HOUR });
    expect(await all.hear({ kind: "ok" }, "", "other")).toBe(false);
    expect(await all.hear({ kind: "ok" }, "", "nobody")).toBe(false);
    expect(await all.kernel.heartbeats.hear("nightly", "", { kind: "ok" }, "")).toBe(false);
    const rows = JSON.stringify(await all.store.engine.reader.selectFrom("heartbeat").selectAll().execute());
    expect(rows).not.toContain(all.key);
    expect(rows).not.toContain(other.key);
    const again = await all.kernel.heartbeats.rotate("default", "nightly");
    expect(await all.hear({ kind: "ok" })).toBe(false);
    expect(await all.kernel.heartbeats.hear("nightly", again.key, { kind: "ok" }, "")).toBe(true);
    await all.kernel.heartbeats.remove("default", "nightly");
    expect(await all.kernel.heartbeats.hear("nightly", again.key, { kind: "ok" }, "")).toBe(false);
  });

  test("scrubs nothing of what comes with a key that opens nothing", async () => {
    await using all = await begin();
    const scrubbed: string[] = [];
    const counting = (text: string) => {
      scrubbed.push(text);
      return scrubText(text);
    };
    await using kernel = await openKernel(all.store.engine, all.clock, 5_000, undefined, {
      scrubEvent,
      scrubJson,
      scrubText: counting,
    });
    expect(await kernel.heartbeats.hear("nightly", "made-up", { kind: "ok" }, "a body")).toBe(false);
    expect(await kernel.heartbeats.hear("nobody", all.key, { kind: "ok" }, "a body")).toBe(false);
    expect(scrubbed).toEqual([]);
    expect(await kernel.heartbeats.hear("nightly", all.key, { kind: "ok" }, "a body")).toBe(true);
    expect(scrubbed).toEqual(["a body"]);
  });

  test("refuses a name or a key that stands there twice, by name, and takes keys that were changed for each other", async () => {
    await using all = await begin();
    const keys: Record<string, string> = { "env:A": "a-key-of-its-own-a", "env:B": "a-key-of-its-own-b" };
    const put = (...given: (readonly [name: string, key: string | null])[]) =>
      all.kernel.heartbeats.configure(
        heartbeats(...given.map(([name, key]) => ({ name, every: "1h", key }))),
        (name) => keys[name] ?? null,
      );
    const refused = (detail: string) => ({ code: "PRUNELLA_CONFIG_INVALID", detail: expect.stringContaining(detail) });
    await expect(put(["a", null], ["a", null])).rejects.toMatchObject(refused("heartbeats.1.name: default has"));
    await expect(put(["a", "env:A"], ["b", "env:A"])).rejects.toMatchObject(
      refused("it is the key of heartbeats.0 (a)"),
    );
    keys["env:OF_NIGHTLY"] = all.key;
    await expect(put(["a", "env:OF_NIGHTLY"])).rejects.toMatchObject(refused("the heartbeat nightly of default"));
    const heard = async (name: string, key = "") => all.kernel.heartbeats.hear(name, key, { kind: "ok" }, "");
    await put(["a", "env:A"], ["b", "env:B"]);
    expect([await heard("a", keys["env:A"]), await heard("b", keys["env:B"])]).toEqual([true, true]);
    await put(["a", "env:B"], ["b", "env:A"]);
    expect([await heard("a", keys["env:B"]), await heard("b", keys["env:A"])]).toEqual([true, true]);
    expect([await heard("a", keys["env:A"]), await heard("b", keys["env:B"])]).toEqual([false, false]);
    await put(["renamed", "env:B"]);
    expect([await heard("renamed", keys["env:B"]), await heard("a", keys["env:B"])]).toEqual([true, false]);
  });

  test("tells pages what a sign of life changed, though it looked otherwise a moment before", async () => {
    await using all = await begin();
    await all.hear({ kind: "ok" });
    const told: string[] = [];
    all.kernel.notices.subscribe(({ topic, id }) => void (topic === "heartbeats" && told.push(id)));
    // All are seen as healthy before the first is written; each but the first changes what that one wrote.
    await Promise.all([all.hear({ kind: "fail" }), all.hear({ kind: "ok" }), all.hear({ kind: "fail" })]);
    const { changes } = await all.show();
    expect(told).toHaveLength(changes.length - 1);
  });

  test("says in the ledger who made, changed and took away a key, and nothing of one that could not be", async () => {
    await using all = await begin();
    const by = { kind: "person", id: "operator" } as const;
    const changes = async () => {
      const { size } = await all.kernel.ledger.head();
      const entries = await all.kernel.ledger.entries(0, size);
      return entries
        .map(({ entry }) => LedgerEntry.parse(JSON.parse(entry)))
        .filter((entry) => entry.type === "heartbeat_changed");
    };
    await expect(all.kernel.heartbeats.rotate("default", "nobody")).rejects.toMatchObject({
      code: "PRUNELLA_NOT_FOUND",
    });
    await all.kernel.heartbeats.rotate("default", "nightly");
    await all.kernel.heartbeats.remove("default", "nightly", { kind: "person", id: all.kernel.nodeId });
    const of = { type: "heartbeat_changed", project: "default", heartbeat: "nightly" };
    expect(await changes()).toMatchObject([
      { ...of, change: "added", by },
      { ...of, change: "key_changed", by },
      { ...of, change: "removed", by: { id: all.kernel.nodeId } },
    ]);
  });

  test("counts two signs of life that come at once one after the other, and tells one failure of them", async () => {
    await using all = await begin();
    let isHeard = false;
    const heard = Promise.all(Array.from({ length: 20 }, () => all.hear({ kind: "fail" }))).finally(
      () => (isHeard = true),
    );
    // Where they come one by one, some wait for the next tenth of a second.
    while (!isHeard) {
      all.clock.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await heard).toEqual(Array(20).fill(true));
    await all.settle();
    expect(await all.faults()).toMatchObject([{ count: 1 }]);
  });

  // Two connections of PostgreSQL read two keys in any order, so there is no order of what comes at once.
  it.skipIf(engine !== "sqlite")(
    "takes signs of life that come together in their order, each by its own name",
    async () => {
      await using all = await begin();
      expect(
        await Promise.all([
          all.hear({ kind: "start" }),
          all.hear({ kind: "ok" }),
          all.hear({ kind: "ok" }, "", "other"),
        ]),
      ).toEqual([true, true, false]);
      expect(await all.show()).toMatchObject({ status: "healthy", started_at: null, took_ms: 0 });
      expect(await Promise.all([all.hear({ kind: "fail" }, "it broke"), all.hear({ kind: "ok" })])).toEqual([
        true,
        true,
      ]);
      await all.settle();
      // The fault was not there yet when it was well again, so that is looked after once more.
      await all.pass(6_000);
      expect(await all.faults()).toMatchObject([{ status: "resolved", count: 1 }]);
      expect(await all.show()).toMatchObject({ status: "healthy", told: false, said: "" });
    },
  );

  test("takes an SDK's check-ins as heartbeats of their own, believed as little as whoever can send them", async () => {
    await using all = await begin();
    const schedule = { every_ms: HOUR, cron: null, time_zone: "UTC", grace_ms: 60_000, max_runtime_ms: 600_000 };
    const checkIn = (slug: string, kind: "start" | "ok" | "fail", more: typeof schedule | null = schedule) =>
      all.kernel.heartbeats.checkIn("default", { slug, beat: { kind }, schedule: more });
    expect(await checkIn("cron-job", "ok", null)).toBe(false);
    expect(await checkIn("cron-job", "start")).toBe(true);
    expect(await checkIn("cron-job", "ok", null)).toBe(true);
    expect(await all.kernel.heartbeats.show("default", "cron-job")).toMatchObject({ from: "sdk", status: "healthy" });
    await all.pass(HOUR + 61_000);
    const deltas = await all.store.engine.reader.selectFrom("delta").selectAll().execute();
    expect(deltas).toMatchObject([{ origin: "cron-job", trust: "public" }]);
    // Nobody speaks for a heartbeat that was written down here by a public key.
    expect(await checkIn("nightly", "ok")).toBe(false);
    expect(await all.show()).toMatchObject({ heard_at: null, from: "person" });
    expect(await checkIn("a slug with blanks", "ok")).toBe(false);
    expect(await checkIn("zone", "ok", { ...schedule, time_zone: "Mars/Olympus" })).toBe(false);
  });

  test("reads and tells of an SDK's check-in only what is new", async () => {
    await using all = await begin();
    const calendar = createCalendar();
    let read = 0;
    const isPattern: typeof calendar.isPattern = (pattern, zone) => {
      read += 1;
      return calendar.isPattern(pattern, zone);
    };
    const given = { calendar: { ...calendar, isPattern } };
    await using kernel = await openKernel(all.store.engine, all.clock, 5_000, undefined, undefined, given);
    const told: string[] = [];
    kernel.notices.subscribe((notice) => void (notice.topic === "heartbeats" && told.push(notice.id)));
    const cron = { every_ms: null, cron: "0 3 * * *", time_zone: "UTC", grace_ms: 60_000, max_runtime_ms: null };
    const checkIn = (kind: "ok" | "fail", schedule: typeof cron) =>
      kernel.heartbeats.checkIn("default", { slug: "cron-job", beat: { kind }, schedule });
    for (let at = 0; at < 5; at += 1) expect(await checkIn("ok", cron)).toBe(true);
    expect({ read, told }).toEqual({ read: 1, told: ["cron-job"] });
    await checkIn("ok", { ...cron, cron: "0 4 * * *" });
    expect(await kernel.heartbeats.show("default", "cron-job")).toMatchObject({ cron: "0 4 * * *" });
    await checkIn("fail", cron);
    expect({ read, told }).toEqual({ read: 3, told: ["cron-job", "cron-job"] });
  });

  test("lets nobody make more monitors of an SDK than a project may have", async () => {
    await using all = await begin();
    const schedule = { every_ms: HOUR, cron: null, time_zone: "UTC", grace_ms: 0, max_runtime_ms: null };
    let made = 0;
    for (let at = 0; at < 210; at += 1)
      if (await all.kernel.heartbeats.checkIn("default", { slug: `m${at}`, beat: { kind: "ok" }, schedule })) made += 1;
    expect(made).toBe(200);
  });
});
