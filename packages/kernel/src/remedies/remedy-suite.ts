import { AT_ALL_TIMES, type LedgerEntry, type Trigger } from "@prunella/contract";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { testClock } from "../../../../test/kernel-fixture.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import type { Remedy } from "../gate/remedy.ts";
import type { Kernel } from "../kernel.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";
import { decodeEntry } from "../ledger/entry.ts";
import type { Engine } from "../store/engine.ts";

/** A kernel with the remedy in it, and a target that can be made to fail. */
export interface RemedyFixture extends AsyncDisposable {
  readonly kernel: Kernel;
  readonly remedy: Remedy;
  readonly target: string;
  /** One that looks right and is not there. */
  readonly missingTarget: string;
  /** Makes the target fail and says so as its own source does; resolves when the gate has judged. */
  fail(): Promise<void>;
  /** Lets what is permitted be carried out, by whoever does; `works`: whether it helps. */
  carryOut(works: boolean): Promise<void>;
  /** How often the remedy was carried out on the target. */
  acts(): number;
}

export const SUITE_POLICY = {
  debounce: { count: 1, window_ms: 60_000 },
  backoff: { base_ms: 1_000, max_ms: 4_000 },
  verify_ms: 5_000,
} satisfies Partial<Trigger>;

/** A trigger that has a target mended when it is told that it fails. */
export const suiteTrigger = (action: string, target: string, budget: number): Trigger => ({
  ...SUITE_POLICY,
  ...AT_ALL_TIMES,
  id: "mend-it",
  project_id: "default",
  condition: { target, level: "error" },
  target: null,
  remedies: [{ action, args: {}, timeout_ms: 60_000 }],
  budgets: [{ scope: "trigger", max: budget, window_ms: 60_000 }],
  ceilings: [{ scope: "trigger", max: 1 }],
  backoff: { base_ms: 0, max_ms: 0 },
  envelope: {
    enabled: true,
    actions: [action],
    targets: [target],
    expected_symptoms: [],
    allow_public: false,
    excludes: [],
  },
  version: 1,
});

/** What every remedy must do alike, whoever carries it out. `budget`: attempts within a minute. */
export function remedySuite(
  name: string,
  open: (engine: Engine, clock: ReturnType<typeof testClock>, budget: number) => Promise<RemedyFixture>,
): void {
  describe.each(ENGINES)(`${name} as a remedy on $name`, ({ open: openEngine, isMissing }) => {
    const test = it.skipIf(isMissing);
    const begin = async (budget: number) => {
      const store = await openEngine();
      const clock = testClock();
      const fixture = await open(store.engine, clock, budget);
      return {
        ...fixture,
        clock,
        engine: store.engine,
        newest: async () => (await fixture.kernel.attempts.list({ limit: 1 })).attempts[0],
        async [Symbol.asyncDispose]() {
          await fixture[Symbol.asyncDispose]();
          await store[Symbol.asyncDispose]();
        },
      };
    };

    test("acts with a permit inside its budget, then stops and asks once", async () => {
      await using all = await begin(1);
      await all.fail();
      expect(await all.newest()).toMatchObject({ refusal: null, action: all.remedy.name, target: all.target });
      await all.carryOut(true);
      expect(all.acts()).toBe(1);
      expect(await all.newest()).toMatchObject({ state: "succeeded" });
      all.clock.advance(100);
      await all.fail();
      expect(await all.newest()).toMatchObject({ state: "refused", refusal: "budget_exhausted" });
      const { escalations } = await all.kernel.escalations.list("open");
      expect(escalations).toMatchObject([{ asker: all.remedy.name, reason: "budget_exhausted", target: all.target }]);
      expect(all.acts()).toBe(1);
      expect(await verifyRows(all.engine)).toEqual([]);
    });

    test("pins its arguments: the intent's digest is that of what stands beside the permit", async () => {
      await using all = await begin(1);
      await all.fail();
      const attempt = await all.newest();
      const permit = await all.engine.reader.selectFrom("permit").selectAll().executeTakeFirstOrThrow();
      const args: unknown = JSON.parse(permit.args);
      expect(args).toEqual(attempt?.args);
      const digest = createHash("sha256")
        .update(canonicalJson({ action: all.remedy.name, target: all.target, args: { ...attempt?.args } }))
        .digest("hex");
      const intent = await entryAt(all.engine, attempt?.audit_log_id ?? -1);
      expect(intent).toMatchObject({ type: "attempt_intent", args_sha256: digest, because: { kind: "evaluation" } });
      await all.carryOut(true);
    });

    test("offers a person choices of which the default leaves things as they are", async () => {
      await using all = await begin(0);
      const { choices, defaultChoice } = all.remedy;
      expect(choices.find((choice) => choice.name === defaultChoice)?.effect).toBe("leave");
      expect(choices.some((choice) => choice.effect === "act")).toBe(true);
      for (const { promise } of choices)
        expect(typeof promise === "string" ? promise : promise("default", "program:shop")).toMatch(/^[A-Z].*\.$/);
    });

    test("acts once more when a person says so, because of that question and once", async () => {
      await using all = await begin(0);
      await all.fail();
      const [question] = (await all.kernel.escalations.list("open")).escalations;
      const act = all.remedy.choices.find((choice) => choice.effect === "act")?.name ?? "";
      const answer = await all.kernel.escalations.decide(question?.id ?? "", act);
      expect(answer).toMatchObject({ verdict: "permitted" });
      expect(await all.newest()).toMatchObject({
        subject: { kind: "person", id: "operator" },
        because: { kind: "escalation", id: question?.id },
        cause: question?.cause,
      });
      await all.carryOut(true);
      expect(all.acts()).toBe(1);
      await expect(all.kernel.escalations.decide(question?.id ?? "", act)).rejects.toMatchObject({
        code: "PRUNELLA_CONFLICT",
      });
      expect(await verifyRows(all.engine)).toEqual([]);
    });

    test("asks again when a person's answer has not held, whatever the budget allows; after it held policy goes on", async () => {
      await using all = await begin(5);
      const act = all.remedy.choices.find((choice) => choice.effect === "act")?.name ?? "";
      const answer = async () => {
        const [question] = (await all.kernel.escalations.list("open")).escalations;
        await all.kernel.escalations.decide(question?.id ?? "", act);
        await all.carryOut(true);
      };
      await all.fail();
      await all.carryOut(false);
      await answer();
      all.clock.advance(100);
      await all.fail();
      expect(await all.newest()).toMatchObject({ state: "refused", refusal: "awaiting_approval" });
      expect((await all.kernel.escalations.list("open")).escalations).toMatchObject([{ reason: "awaiting_approval" }]);
      await answer();
      all.clock.advance(SUITE_POLICY.verify_ms);
      await all.kernel.settle();
      await all.fail();
      expect(await all.newest()).toMatchObject({ refusal: null, subject: { kind: "trigger" } });
      await all.carryOut(true);
      expect(await verifyRows(all.engine)).toEqual([]);
    });

    test("asks a person when it could not be done", async () => {
      await using all = await begin(3);
      await all.fail();
      await all.carryOut(false);
      expect(await all.newest()).toMatchObject({ state: "failed" });
      expect((await all.kernel.escalations.list("open")).escalations).toMatchObject([{ reason: "ineffective" }]);
    });

    test("has held only when the quiet watch is over", async () => {
      await using all = await begin(3);
      await all.fail();
      await all.carryOut(true);
      expect(await all.newest()).toMatchObject({ state: "succeeded", verification: "watching" });
      all.clock.advance(SUITE_POLICY.verify_ms);
      await all.kernel.settle();
      expect(await all.newest()).toMatchObject({ verification: "held" });
    });

    test("does nothing while the kill switch is on", async () => {
      await using all = await begin(3);
      await all.kernel.switches.kill(true);
      await all.fail();
      expect(all.acts()).toBe(0);
      expect(await all.newest()).toMatchObject({ state: "refused", refusal: "killed" });
      expect((await all.kernel.escalations.list("open")).open).toBe(0);
    });

    test("looks without touching, and says when there is no such target", async () => {
      await using all = await begin(3);
      const { size } = await all.kernel.ledger.head();
      expect(await all.remedy.observe("default", all.missingTarget, {}, all.engine.reader)).toBeNull();
      const seen = await all.remedy.observe("default", all.target, {}, all.engine.reader);
      expect(seen).toMatchObject({ isReachable: true, isHealthy: true });
      expect(await all.remedy.verify("default", all.target, { ...seen?.args })).toBe("healthy");
      expect((await all.kernel.ledger.head()).size).toBe(size);
      expect(all.acts()).toBe(0);
    });
  });
}

async function entryAt(engine: Engine, index: number): Promise<LedgerEntry> {
  const row = await engine.reader
    .selectFrom("ledger")
    .select("entry")
    .where("idx", "=", index)
    .executeTakeFirstOrThrow();
  const decoded = decodeEntry(Buffer.from(row.entry));
  if (decoded.kind !== "entry") throw new Error(decoded.what);
  return decoded.entry;
}
