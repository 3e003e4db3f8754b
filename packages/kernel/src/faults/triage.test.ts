import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";

const HOUR = 3_600_000;

describe.each(ENGINES)("triage on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const store = await open();
    const clock = testClock();
    const kernel = await openKernel(store.engine, clock);
    /** Events of one fault, a second later than whatever was before. */
    const happen = async (release: string | null = "shop@1", times = 1) => {
      clock.advance(1_000);
      await kernel.report(
        "default",
        Array.from({ length: times }, () => anEvent({ at: clock.now(), release })),
      );
      await kernel.settle();
    };
    await happen();
    const id = (await kernel.faults.list({ status: "all", limit: 1 })).faults[0]?.id ?? "";
    const status = async () => (await kernel.faults.detail(id)).fault.status;
    const close = async () => {
      await kernel.close();
      await store[Symbol.asyncDispose]();
    };
    return { store, clock, kernel, happen, id, status, [Symbol.asyncDispose]: close };
  }

  test("a fault resolved in the next release stays so for releases that are known, and is back with a newer one", async () => {
    await using world = await begin();
    const { kernel, happen, id, status, clock } = world;
    await happen("shop@0");
    await kernel.releases.add({ projectId: "default", version: "shop@announced" });
    clock.advance(1_000);
    await kernel.faults.triage(id, { action: "resolve", in_next_release: true });
    expect((await kernel.faults.detail(id)).fault.resolved_in_next_release).toBe(true);
    for (const release of ["shop@1", "shop@0", "shop@announced", null]) {
      await happen(release);
      expect(await status(), String(release)).toBe("resolved");
    }
    await happen("shop@2");
    expect(await status()).toBe("regressed");
    const { release, regressed_faults, new_faults, before } = await kernel.faults.release("default", "shop@2");
    expect([release.regressed_faults, regressed_faults.map((fault) => fault.id), new_faults]).toEqual([1, [id], []]);
    // Announced, but by the clock of our own and not of its first event.
    expect(before).toBe("shop@announced");
    expect((await kernel.faults.release("default", "shop@1")).new_faults.map((fault) => fault.id)).toEqual([id]);
  });

  test("resolving in the next release is refused where no release is known", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    await kernel.report("default", [anEvent({ release: null })]);
    await kernel.settle();
    const id = (await kernel.faults.list({ status: "all", limit: 1 })).faults[0]?.id ?? "";
    await expect(kernel.faults.triage(id, { action: "resolve", in_next_release: true })).rejects.toMatchObject({
      code: "PRUNELLA_CONFLICT",
    });
    await kernel.faults.triage(id, { action: "resolve" });
    expect((await kernel.faults.detail(id)).fault).toMatchObject({
      status: "resolved",
      resolved_in_next_release: false,
    });
  });

  test("a snoozed fault is open again when its time is over, and not before", async () => {
    await using world = await begin();
    const { kernel, id, status, clock, happen } = world;
    await kernel.faults.triage(id, { action: "snooze", until: clock.now() + HOUR });
    await happen();
    clock.advance(HOUR - 2_000);
    await kernel.settle();
    expect(await status()).toBe("muted");
    clock.advance(2_000);
    await kernel.settle();
    expect((await kernel.faults.detail(id)).fault).toMatchObject({ status: "open", snoozed_until: null });
  });

  test("what a person says after a snooze is not undone by its end", async () => {
    await using world = await begin();
    const { kernel, id, status, clock } = world;
    await kernel.faults.triage(id, { action: "snooze", until: clock.now() + HOUR });
    await kernel.faults.triage(id, { action: "mute" });
    clock.advance(2 * HOUR);
    await kernel.settle();
    expect(await status()).toBe("muted");
  });

  test("a fault snoozed until so many more events is open with the last of them", async () => {
    await using world = await begin();
    const { kernel, id, happen, status } = world;
    await happen("shop@1", 4);
    await kernel.faults.triage(id, { action: "snooze", events: 3 });
    await happen("shop@1", 2);
    expect(await status()).toBe("muted");
    await happen();
    expect((await kernel.faults.detail(id)).fault).toMatchObject({ status: "open", snoozed_count: null, count: 8 });
  });

  test("refuses a snooze without an end, in the past and beyond a year", async () => {
    await using world = await begin();
    const { kernel, id, clock } = world;
    for (const given of [{}, { until: clock.now() }, { until: clock.now() + 400 * 24 * HOUR }])
      await expect(kernel.faults.triage(id, { action: "snooze", ...given })).rejects.toMatchObject({
        code: "PRUNELLA_REQUEST_INVALID",
      });
  });

  test("undo gives back exactly what was there, a snooze and a regression too, after a restart as well", async () => {
    await using world = await begin();
    const { kernel, id, happen, clock } = world;
    await kernel.faults.triage(id, { action: "resolve" });
    await happen();
    const before = (await kernel.faults.detail(id)).fault;
    expect(before.status).toBe("regressed");
    const { change } = await kernel.faults.triage(id, { action: "snooze", until: clock.now() + HOUR });
    const snoozed = (await kernel.faults.detail(id)).fault;
    const { change: second } = await kernel.faults.triage(id, { action: "mute" });
    await kernel.close();
    await using again = await openKernel(world.store.engine, clock);
    expect((await again.faults.undo(second)).fault).toMatchObject({
      status: "muted",
      snoozed_until: snoozed.snoozed_until,
    });
    expect((await again.faults.undo(change)).fault).toMatchObject({ status: "regressed", snoozed_until: null });
    clock.advance(2 * HOUR);
    await again.settle();
    expect((await again.faults.detail(id)).fault.status).toBe("regressed");
    expect((await again.faults.detail(id)).changes.map((each) => each.undone_at !== null)).toEqual([true, true, false]);
  });

  test("undo refuses what is undone already, and what was followed by something else of its kind", async () => {
    await using world = await begin();
    const { kernel, id } = world;
    const first = await kernel.faults.triage(id, { action: "mute" });
    const named = await kernel.faults.triage(id, { action: "assign", assignee: "mia" });
    const second = await kernel.faults.triage(id, { action: "resolve" });
    await expect(kernel.faults.undo(first.change)).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
    // An assignment is of another kind.
    expect((await kernel.faults.undo(named.change)).fault).toMatchObject({ assignee: null, status: "resolved" });
    await kernel.faults.undo(second.change);
    expect((await kernel.faults.undo(first.change)).fault.status).toBe("open");
    await expect(kernel.faults.undo(first.change)).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
    await expect(kernel.faults.undo("00000000-0000-7000-8000-000000000000")).rejects.toMatchObject({
      code: "PRUNELLA_NOT_FOUND",
    });
  });

  test("notes and names are kept scrubbed, with who and when, and a note that is taken back is gone", async () => {
    await using world = await begin();
    const { kernel, id, store, clock } = world;
    const secret = ["ghp", "aB3".repeat(12)].join("_");
    const { change } = await kernel.faults.triage(id, { action: "note", text: `it is the token ${secret}` });
    await kernel.faults.triage(id, { action: "assign", assignee: secret });
    const { changes, fault } = await kernel.faults.detail(id);
    expect(changes.map(({ action, at, by }) => ({ action, at, by }))).toEqual([
      { action: "assign", at: clock.now(), by: { kind: "person", id: "operator" } },
      { action: "note", at: clock.now(), by: { kind: "person", id: "operator" } },
    ]);
    expect(changes[1]?.text).toContain("it is the token [REDACTED:");
    expect(fault.assignee).toContain("[REDACTED:");
    const all = async () =>
      JSON.stringify([
        await store.engine.reader.selectFrom("fault_change").selectAll().execute(),
        await store.engine.reader.selectFrom("fault").selectAll().execute(),
        await store.engine.reader.selectFrom("ledger").selectAll().execute(),
      ]);
    expect(await all()).not.toContain(secret);
    await kernel.faults.undo(change);
    expect(await all()).not.toContain("it is the token");
  });

  test("the newest two hundred changes of a fault are kept, and none of one that is erased", async () => {
    await using world = await begin();
    const { kernel, id, store } = world;
    for (let at = 0; at < 203; at += 1) await kernel.faults.triage(id, { action: "note", text: `n${at}` });
    const kept = await store.engine.reader.selectFrom("fault_change").select("text").orderBy("change_id").execute();
    expect([kept.length, kept[0]?.text, kept.at(-1)?.text]).toEqual([200, "n3", "n202"]);
    await kernel.faults.erase(id);
    expect(await store.engine.reader.selectFrom("fault_change").selectAll().execute()).toEqual([]);
  });

  test("the ledger says what was said, and nothing of names and words", async () => {
    await using world = await begin();
    const { kernel, id, store, clock } = world;
    const until = clock.now() + HOUR;
    await kernel.faults.triage(id, { action: "snooze", until, events: 5 });
    await kernel.faults.triage(id, { action: "resolve", in_next_release: true });
    const rows = await store.engine.reader.selectFrom("ledger").select("entry").orderBy("idx").execute();
    const said = rows.flatMap(({ entry }) => (entry.includes("fault_status") ? [JSON.parse(entry)] : []));
    expect(said).toMatchObject([
      { fault: id, status: "muted", until, until_count: 6 },
      { fault: id, status: "resolved", next_release: true },
    ]);
  });
});
