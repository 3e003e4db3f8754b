import { AT_ALL_TIMES, RestartPolicy } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../engines.ts";
import { aCrash, anEvent, openKernel, testClock } from "../kernel-fixture.ts";
import { verifyRows } from "../ledger-rows.ts";

const POLICY = RestartPolicy.parse({ backoff: { base_ms: 0, max_ms: 0 } });

/** Whoever has a DSN key names a real program in as many fatal events as they like. */
describe.each(ENGINES)("a flood of public events on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);
  const forged = (at: number) =>
    aCrash("shop", {
      id: `f${at.toString(16).padStart(31, "0")}`,
      source: "sentry",
      trust: "public",
      release: `r${at % 50}`,
    });

  test(
    "queues no work, writes one sum, and a real crash is the next thing that is judged",
    { timeout: 60_000 },
    async () => {
      await using store = await open();
      await using kernel = await openKernel(store.engine, testClock());
      const { runId } = await kernel.supervised.announce({
        projectId: "default",
        name: "shop",
        pid: 1,
        policy: POLICY,
      });
      for (let at = 0; at < 2_000; at += 100)
        await kernel.report(
          "default",
          Array.from({ length: 100 }, (_, index) => forged(at + index)),
        );
      const crash = kernel.supervised.crash(runId, (target) => aCrash(target));
      const more = kernel.report(
        "default",
        Array.from({ length: 500 }, (_, index) => forged(10_000 + index)),
      );
      await Promise.all([crash, more]);
      await kernel.settle();
      const { attempts } = await kernel.attempts.list({ limit: 10 });
      expect(attempts).toMatchObject([{ state: "permitted", cause: { source: "supervisor", trust: "local" } }]);
      const left = await store.engine.reader
        .selectFrom("work")
        .select("kind")
        .where("kind", "like", "evaluate%")
        .execute();
      expect(left).toEqual([]);
      const tally = await store.engine.reader.selectFrom("tally_hour").selectAll().execute();
      expect(tally).toMatchObject([{ reason: "refused.untrusted_source", count: 2_500 }]);
      expect(await verifyRows(store.engine)).toEqual([]);
    },
  );

  test("asks a trigger that allows it once for each fault, behind everything else", { timeout: 60_000 }, async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine, testClock());
    await kernel.triggers.register({
      id: "file-triage",
      project_id: "default",
      condition: { target: "repo:acme/triage", level: "error" },
      target: null,
      remedies: [{ action: "file_issue", args: {}, timeout_ms: 60_000 }],
      debounce: { count: 1, window_ms: 60_000 },
      budgets: [{ scope: "trigger", max: 5, window_ms: 60_000 }],
      ceilings: [],
      backoff: { base_ms: 0, max_ms: 0 },
      verify_ms: 1_000,
      ...AT_ALL_TIMES,
      envelope: {
        enabled: true,
        actions: ["file_issue"],
        targets: ["repo:acme/triage"],
        expected_symptoms: [],
        allow_public: true,
        excludes: [],
      },
      version: 1,
    });
    for (let at = 0; at < 300; at += 1)
      await kernel.report("default", [
        anEvent({ target: "repo:acme/triage", release: `r${at}`, id: `d${at.toString(16).padStart(31, "0")}` }),
      ]);
    await kernel.settle();
    const { attempts } = await kernel.attempts.list({ limit: 50 });
    expect(attempts).toMatchObject([{ refusal: "unknown_remedy", cause: { trust: "public" } }]);
  });
});
