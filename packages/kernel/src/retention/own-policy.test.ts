import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { OPERATOR } from "../actors.ts";
import { createWriter } from "../store/writer.ts";
import { createOwnPolicies } from "./own-policy.ts";
import { addProjectRow, aBody, aFault, DAY_MS, policyWith, tidy } from "./retention-fixture.ts";

const by = OPERATOR;

describe.each(ENGINES)("a project's own retention on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("wins over the configuration key by key, until it is reset, and each change is in the ledger", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const before = await kernel.retention.get("default");
    expect([before.changed, before.policy]).toEqual([[], before.configured]);
    const change = { faults_ms: 7 * DAY_MS, project_bytes: 2_000_000 };
    const set = await kernel.retention.set({ project: "default", change, reset: [], by });
    expect(set.policy).toEqual({ ...before.configured, ...change });
    expect(set.changed).toEqual(["faults_ms", "project_bytes"]);
    const half = await kernel.retention.set({ project: "default", change: {}, reset: ["faults_ms"], by });
    expect([half.changed, half.policy.faults_ms]).toEqual([["project_bytes"], before.configured.faults_ms]);
    await kernel.retention.set({ project: "default", change: {}, reset: ["project_bytes"], by });
    const rows = await store.engine.reader.selectFrom("ledger").select("entry").orderBy("idx").execute();
    const said = rows.map(({ entry }): Record<string, unknown> => JSON.parse(entry));
    expect(
      said.filter(({ type }) => type === "retention_changed").map(({ policy_sha256: hash }) => hash !== null),
    ).toEqual([true, true, false]);
    await expect(kernel.retention.get("nobody")).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
  });

  test("is what tidying goes by, at every server", async () => {
    await using store = await open();
    const { engine } = store;
    const now = Date.UTC(2026, 10, 21, 8);
    await addProjectRow(engine);
    const own = createOwnPolicies(policyWith());
    const writer = createWriter(engine);
    await writer.run((tx) => own.look.step(tx, now));
    expect(own.of("default").faults_ms).toBe(180 * DAY_MS);
    await engine.writer
      .insertInto("project_retention")
      .values({ project_id: "default", change: JSON.stringify({ faults_ms: 2 * DAY_MS }) })
      .execute();
    await writer.run((tx) => own.look.step(tx, now));
    expect([own.of("default").faults_ms, own.of("other").faults_ms]).toEqual([2 * DAY_MS, 180 * DAY_MS]);

    const closed = { status: "resolved", last_seen: now - 3 * DAY_MS } as const;
    await engine.writer.insertInto("fault").values(aFault("a", closed)).execute();
    await tidy(engine, now);
    expect(await engine.reader.selectFrom("fault").select("fault_id").execute()).toEqual([]);
    await writer.close();
  });

  test("says what is used and what goes next", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    expect((await kernel.retention.get("default")).next).toEqual({
      fault_at: null,
      body_at: null,
      source_map_at: null,
      over_cap: false,
    });
    await kernel.report("default", [anEvent({ at: clock.now() })]);
    await kernel.settle();
    const quiet = aFault("00000000-0000-7000-8000-000000000001", { status: "muted", last_seen: clock.now() - DAY_MS });
    await store.engine.writer.insertInto("fault").values(quiet).execute();
    await store.engine.writer
      .insertInto("event_sample")
      .values(aBody(quiet.fault_id, "first:0", 5))
      .execute();
    const { used, next, policy } = await kernel.retention.get("default");
    expect(used).toMatchObject({ faults: 2, bodies: 2, source_maps: 0 });
    expect(used.bytes).toBeGreaterThan(3_000);
    expect(next).toMatchObject({ fault_at: quiet.last_seen + policy.faults_ms, body_at: 5 + policy.bodies_ms });
    const small = await kernel.retention.set({
      project: "default",
      change: { project_bytes: 1_048_576 },
      reset: [],
      by,
    });
    expect(small.next.over_cap).toBe(false);
  });
});
