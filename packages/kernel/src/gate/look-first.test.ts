import { createCalendar } from "@prunella/server/platform";
import { AT_ALL_TIMES, Trigger } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { testClock, testRng } from "../../../../test/kernel-fixture.ts";
import { beginLedger } from "../../../../test/ledger-rows.ts";
import { createIds } from "../ids.ts";
import { createLamps } from "../remedies/lamp-fixture.ts";
import { createWriter } from "../store/writer.ts";
import type { Episode } from "./episode.ts";
import { createGate } from "./gate.ts";

describe.each(ENGINES)("between screening and commit, on $name", ({ open, isMissing }) => {
  it.skipIf(isMissing)("the kill switch goes off: what is refused then for another reason asks a person", async () => {
    await using store = await open();
    const clock = testClock();
    await beginLedger(store.engine, clock.now());
    const writer = createWriter(store.engine);
    await writer.run((tx) =>
      tx.db
        .insertInto("switch")
        .values({ project_id: "*", name: "kill", is_on: 0, since: 1, changed_by: '{"kind":"person","id":"operator"}' })
        .execute(),
    );
    const lamps = createLamps();
    lamps.add("hall");
    lamps.fail("hall");
    const trigger = Trigger.parse({
      id: "light",
      project_id: "default",
      condition: { target: "lamp:hall", level: "error" },
      target: null,
      remedies: [{ action: "switch_on", args: {}, timeout_ms: 60_000 }],
      debounce: { count: 1, window_ms: 1 },
      budgets: [{ scope: "trigger", max: 0, window_ms: 1_000 }],
      ceilings: [],
      backoff: { base_ms: 0, max_ms: 0 },
      verify_ms: 1,
      ...AT_ALL_TIMES,
      envelope: {
        enabled: true,
        actions: ["switch_on"],
        targets: ["lamp:hall"],
        expected_symptoms: [],
        allow_public: false,
        excludes: [],
      },
      version: 1,
    });
    const asked: Episode[] = [];
    let reads = 0;
    const newId = createIds(clock, testRng());
    const gate = createGate({
      engine: store.engine,
      writer,
      clock,
      calendar: createCalendar(),
      newId,
      targetsOf: async () => [],
      remedies: new Map([[lamps.remedy.name, lamps.remedy]]),
      async policyOf(db) {
        reads += 1;
        // The second reading screens, between two units: the switch is on for that moment alone.
        if (reads === 2) await writer.run((tx) => tx.db.updateTable("switch").set({ is_on: 1 }).execute());
        if (reads === 3) await db.updateTable("switch").set({ is_on: 0 }).execute();
        return { trigger, grant: null, budgets: trigger.budgets, ceilings: [] };
      },
      openSprint: async () => null,
      escalate: async (_tx, episode) => {
        asked.push(episode);
        return "01a00000-0000-7000-8000-000000000000";
      },
      isClean: () => true,
      publish: () => undefined,
    });
    const verdict = await gate.ask({
      projectId: "default",
      subject: { kind: "trigger", id: "light" },
      triggerId: "light",
      action: null,
      target: "lamp:hall",
      args: {},
      because: { kind: "evaluation", id: newId() },
      faultId: null,
      cause: { source: "supervisor", trust: "local", level: "fatal" },
      isAwaited: true,
    });
    expect(verdict).toMatchObject({ kind: "refused", refused: { refusal: "budget_exhausted" } });
    expect(asked).toHaveLength(1);
    await writer.close();
  });
});
