import { AT_ALL_TIMES, type Trigger } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import { decodeEntry } from "../ledger/entry.ts";

const trigger = (id: string, given: Partial<Trigger> = {}): Trigger => ({
  id,
  project_id: "default",
  condition: { target: "program:shop" },
  target: null,
  remedies: [],
  debounce: { count: 1, window_ms: 1_000 },
  budgets: [],
  ceilings: [],
  backoff: { base_ms: 0, max_ms: 0 },
  verify_ms: 1_000,
  envelope: { enabled: false, actions: [], targets: [], expected_symptoms: [], allow_public: false, excludes: [] },
  ...AT_ALL_TIMES,
  version: 1,
  ...given,
});

describe.each(ENGINES)("triggers of the configuration, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const store = await open();
    const kernel = await openKernel(store.engine, testClock());
    return {
      kernel,
      engine: store.engine,
      ids: async () => (await kernel.triggers.list()).triggers.map(({ id, version }) => `${id} ${version}`),
      async entries() {
        const rows = await store.engine.reader.selectFrom("ledger").select("entry").orderBy("idx").execute();
        return rows.flatMap(({ entry }) => {
          const decoded = decodeEntry(Buffer.from(entry));
          if (decoded.kind !== "entry") return [];
          const { entry: said } = decoded;
          return said.type === "trigger_registered" || said.type === "trigger_removed"
            ? [`${said.type} ${said.trigger} ${said.version}`]
            : [];
        });
      },
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  test("are registered, changed and taken out with one entry for each change, and none for what stands", async () => {
    await using all = await begin();
    const { configure } = all.kernel.triggers;
    expect(await configure([trigger("a"), trigger("b")])).toEqual({ registered: ["a", "b"], removed: [] });
    expect(await configure([trigger("a"), trigger("b")])).toEqual({ registered: [], removed: [] });
    expect(await configure([trigger("a", { verify_ms: 2_000 })])).toEqual({ registered: ["a"], removed: ["b"] });
    expect(await all.ids()).toEqual(["a 2"]);
    expect(await configure([trigger("a", { verify_ms: 2_000 }), trigger("b")])).toMatchObject({ registered: ["b"] });
    expect(await all.entries()).toEqual([
      "trigger_registered a 1",
      "trigger_registered b 1",
      "trigger_registered a 2",
      "trigger_removed b 1",
      "trigger_registered b 2",
    ]);
    expect(await verifyRows(all.engine)).toEqual([]);
  });

  test("leave those alone that a program or a person registered", async () => {
    await using all = await begin();
    await all.kernel.triggers.register(trigger("by-hand"));
    await all.kernel.triggers.configure([trigger("a")]);
    await all.kernel.triggers.configure([]);
    expect(await all.ids()).toEqual(["by-hand 1"]);
  });

  test("go all or none: one that cannot be registered leaves all as they were", async () => {
    await using all = await begin();
    await all.kernel.triggers.configure([trigger("a")]);
    const wrong = { remedies: [{ action: "restart", args: { speed: 1 }, timeout_ms: 1_000 }] };
    await expect(all.kernel.triggers.configure([trigger("b"), trigger("c", wrong)])).rejects.toMatchObject({
      code: "PRUNELLA_REQUEST_INVALID",
      detail: expect.stringContaining("The trigger c: remedies.0.args"),
    });
    expect(await all.ids()).toEqual(["a 1"]);
  });

  test("one that was taken out asks for nothing, and what it did stays", async () => {
    await using all = await begin();
    await all.kernel.triggers.configure([trigger("a")]);
    const failure = () => anEvent({ target: "program:shop", source: "sentry", trust: "authenticated", level: "error" });
    const asked = async () => {
      await all.kernel.report("default", [failure()]);
      await all.kernel.settle();
      const { attempts } = await all.kernel.attempts.list({ limit: 5 });
      return attempts.reduce((sum, { count }) => sum + count, 0);
    };
    expect(await asked()).toBe(1);
    await all.kernel.triggers.configure([]);
    expect(await asked()).toBe(1);
    expect(await all.ids()).toEqual([]);
  });
});
