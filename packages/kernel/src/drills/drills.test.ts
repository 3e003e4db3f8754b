import { LedgerEntry, type Trigger } from "@prunella/contract";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { lampTrigger, openLampHouse } from "../../../../test/lamp-house.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import type { Engine } from "../store/engine.ts";
import { createHalls } from "../envelopes/fixing-fixture.ts";

const HOUR = 3_600_000;
/** What a drill leaves, and what no drill can keep from moving: our own node's heartbeat. */
const ITS_OWN: ReadonlySet<string> = new Set(["drill_run", "ledger", "ledger_head", "node", "lease"]);

/** All that stands in the database but that. */
async function allOf({ kind, reader }: Engine): Promise<string> {
  const { rows: tables } =
    kind === "sqlite"
      ? await sql<{ name: string }>`select name from sqlite_master where type = 'table' order by name`.execute(reader)
      : await sql<{
          name: string;
        }>`select tablename as name from pg_tables where schemaname = current_schema() order by name`.execute(reader);
  const found = tables.filter(({ name }) => !ITS_OWN.has(name));
  const rows = await Promise.all(
    found.map(async ({ name }) => {
      const all = await sql<object>`select * from ${sql.ref(name)}`.execute(reader);
      return [name, ...all.rows.map((row) => JSON.stringify(row)).toSorted()].join("\n");
    }),
  );
  return rows.join("\n");
}

describe.each(ENGINES)("drills on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin(trigger: Partial<Trigger> = {}) {
    const store = await open();
    const house = await openLampHouse(store.engine, { trigger });
    return {
      ...house,
      engine: store.engine,
      drill: () => house.kernel.drills.run("default", "light-hall"),
      proven: async () => (await house.kernel.triggers.show("default", "light-hall")).trigger.last_proven,
      async [Symbol.asyncDispose]() {
        await house.kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  test("say what the gate would, and leave nothing but a row and an entry of that", async () => {
    await using all = await begin({ debounce: { count: 3, window_ms: 60_000 } });
    await all.fail();
    await all.kernel.settle();
    const before = await allOf(all.engine);
    const { size } = await all.kernel.ledger.head();
    expect(await all.drill()).toMatchObject({
      verdict: "permitted",
      refusal: null,
      action: "switch_on",
      target: "lamp:hall",
      proves: true,
      trigger_version: 1,
    });
    await all.kernel.settle();
    expect(await allOf(all.engine)).toBe(before);
    expect(all.lamps.switched("hall")).toBe(0);
    const entries = await all.kernel.ledger.entries(size, (await all.kernel.ledger.head()).size);
    expect(entries.map(({ entry }) => LedgerEntry.parse(JSON.parse(entry)))).toMatchObject([
      { type: "drill_run", trigger: "light-hall", verdict: "permitted", refusal: null },
    ]);
    expect(await verifyRows(all.engine)).toEqual([]);
  });

  test("use up no budget and ask nobody, however many there are", async () => {
    await using all = await begin();
    for (let at = 0; at < 5; at += 1) expect((await all.drill()).verdict).toBe("permitted");
    const attempt = await all.fail();
    expect(attempt).toMatchObject({ state: "running", refusal: null });
    expect(await all.drill()).toMatchObject({ verdict: "refused", refusal: "ceiling_reached", proves: false });
    await all.light();
    for (let at = 0; at < 2; at += 1) {
      await all.fail();
      await all.light();
    }
    // The budget is used up by what was really done, and a real failure would ask somebody now.
    expect(await all.drill()).toMatchObject({ verdict: "refused", refusal: "budget_exhausted" });
    expect((await all.kernel.escalations.list("all")).escalations).toEqual([]);
  });

  test("prove the version that stood, until a later one is drilled", async () => {
    await using all = await begin();
    expect(await all.proven()).toBeNull();
    const { at } = await all.drill();
    expect(await all.proven()).toEqual({ at, version: 1 });
    await all.kernel.triggers.register(lampTrigger("hall", { verify_ms: 2_000 }));
    all.clock.advance(HOUR);
    expect(await all.proven()).toEqual({ at, version: 1 });
    await all.drill();
    expect(await all.proven()).toEqual({ at: at + HOUR, version: 2 });
    const [listed] = (await all.kernel.triggers.list()).triggers;
    expect(listed?.last_proven).toEqual({ at: at + HOUR, version: 2 });
  });

  test("prove nothing where the condition does not hold, and say the refusal where the gate says no", async () => {
    await using all = await begin({ condition: { all: [{ level: "error" }], not: { target: "lamp:hall" } } });
    expect(await all.drill()).toMatchObject({ verdict: "not_held", refusal: null, proves: false });
    const put = (given: Partial<Trigger>) => all.kernel.triggers.register(lampTrigger("hall", given));
    await put({ envelope: { ...lampTrigger("hall").envelope, enabled: false } });
    expect(await all.drill()).toMatchObject({ refusal: "envelope_disabled", proves: false });
    await put({ mode: "dry_run" });
    expect(await all.drill()).toMatchObject({ verdict: "refused", refusal: "dry_run", proves: true });
    await put({ remedies: [] });
    expect(await all.drill()).toMatchObject({ verdict: "refused", refusal: "detect_only", proves: true });
    await put({ condition: { target: "lamp:attic" }, envelope: { ...lampTrigger("attic").envelope } });
    expect(await all.drill()).toMatchObject({ refusal: "target_not_found", proves: false });
    await all.kernel.switches.kill(true);
    expect(await all.drill()).toMatchObject({ refusal: "killed", proves: false });
    await expect(all.kernel.drills.run("default", "nobody")).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
  });

  test("name the remedy whose turn it is, which need not be the first of the ladder", async () => {
    const rung = (action: string) => ({ action, args: {}, timeout_ms: 60_000 });
    await using all = await begin({
      remedies: [rung("switch_on"), rung("shake")],
      envelope: { ...lampTrigger("hall").envelope, actions: ["switch_on", "shake"] },
    });
    expect(await all.drill()).toMatchObject({ verdict: "permitted", action: "switch_on" });
    await all.fail();
    await all.light();
    all.lamps.fail("hall");
    all.clock.advance(2_000);
    await all.kernel.settle();
    expect(await all.drill()).toMatchObject({ verdict: "refused", refusal: "unknown_remedy", action: "shake" });
  });

  test("prove nothing while policy waits for a person's answer", async () => {
    await using all = await begin({ budgets: [{ scope: "trigger", max: 1, window_ms: HOUR }] });
    for (let at = 0; at < 2; at += 1) {
      await all.fail();
      await all.light();
    }
    all.clock.advance(2 * HOUR);
    expect(await all.drill()).toMatchObject({ verdict: "refused", refusal: "awaiting_approval", proves: false });
  });

  test("make the failure that each sort of condition waits for", async () => {
    await using all = await begin();
    const at = async (condition: Trigger["condition"]) => {
      await all.kernel.triggers.register(lampTrigger("hall", { condition }));
      return (await all.drill()).verdict;
    };
    const target = "lamp:hall";
    const fault = (await all.fail())?.fault_id ?? "";
    await all.light();
    all.clock.advance(2_000);
    await all.kernel.settle();
    for (const condition of [
      { probe: "hall-light" },
      { heartbeat: "hall-beat" },
      { source: "sentry", target },
      { target, class: "BulbError", message: "the bulb is gone" },
      { target, message_begins: "the bulb of " },
      { target, level: "fatal", environment: "production", release: "house@2" },
      { target, is: "new" },
      { target, is: "regressed" },
      { target, count: { at_least: 25, within_ms: 60_000 } },
      { target, for_ms: 60_000 },
      { fault },
      {
        any: [
          { target, class: "A" },
          { target, class: "B" },
        ],
        not: { class: "C" },
      },
    ] satisfies Trigger["condition"][])
      expect([condition, await at(condition)]).toEqual([condition, "permitted"]);
  });
});

it("look inside the envelope that would bound it, and turn no switch", async () => {
  const [engine] = ENGINES;
  if (!engine) throw new Error("there is no engine");
  await using store = await engine.open();
  const halls = createHalls();
  halls.add("machine:north/a", "well");
  await using house = await openLampHouse(store.engine, { names: [], deps: { fixing: halls.fixing } });
  const target = "machine:north/a";
  const trigger = lampTrigger("hall", {
    condition: { target },
    remedies: [{ action: "mend_machine", args: {}, timeout_ms: 60_000 }],
    envelope: { ...lampTrigger("hall").envelope, actions: ["mend_machine"], targets: [target] },
  });
  await house.kernel.triggers.register(trigger);
  const drill = () => house.kernel.drills.run("default", trigger.id);
  expect(await drill()).toMatchObject({ verdict: "refused", refusal: "envelope_disabled" });
  expect(halls.looked()).toEqual([]);
  halls.turn(true);
  expect(await drill()).toMatchObject({ verdict: "permitted", action: "mend_machine", target });
  expect(halls.looked().length).toBeGreaterThan(0);
  for (const refusal of ["awaiting_approval", "proposed", "observed"]) {
    await house.kernel.envelopes.move({ projectId: "default", probe: "halls", move: "demote", reason: "a drill" });
    // So it is meant at this stage, and everything before was as it must be.
    expect(await drill()).toMatchObject({ verdict: "refused", refusal, proves: true });
  }
  expect(halls.acts()).toBe(0);
});
