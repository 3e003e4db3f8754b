import { createCalendar } from "@prunella/server/platform";
import { AT_ALL_TIMES, Trigger } from "@prunella/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ENGINES } from "../../../../test/engines.ts";
import { testClock, testRng } from "../../../../test/kernel-fixture.ts";
import { beginLedger } from "../../../../test/ledger-rows.ts";
import { createIds } from "../ids.ts";
import { createLamps } from "../remedies/lamp-fixture.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { createWriter, type Writer } from "../store/writer.ts";
import { judge, type Asked } from "./judge.ts";
import type { Remedy } from "./remedy.ts";
import { policyFor, type Request } from "./request.ts";
import type { Verdict } from "./verdict.ts";

const SCOPES = ["trigger", "target", "project", "global"] as const;
const limits = fc.array(fc.record({ scope: fc.constantFrom(...SCOPES), max: fc.integer({ min: 1, max: 3 }) }), {
  maxLength: 2,
});
/** Two triggers may have one target, and one more or less counts over everything. */
const triggers = fc.array(fc.record({ target: fc.integer({ min: 0, max: 2 }), budgets: limits, ceilings: limits }), {
  minLength: 1,
  maxLength: 4,
});
const requests = fc.array(fc.record({ trigger: fc.nat(), isPerson: fc.boolean(), isAwaited: fc.boolean() }), {
  minLength: 1,
  maxLength: 10,
});
type Given = { readonly triggers: readonly Drawn[]; readonly requests: readonly Wish[] };
type Drawn = { target: number; budgets: Limit[]; ceilings: Limit[] };
type Limit = { scope: (typeof SCOPES)[number]; max: number };
type Wish = { trigger: number; isPerson: boolean; isAwaited: boolean };

const triggerOf = (drawn: Drawn, at: number): Trigger => ({
  id: `light-${at}`,
  project_id: "default",
  condition: { target: `lamp:${drawn.target}`, level: "error" },
  target: null,
  remedies: [{ action: "switch_on", args: {}, timeout_ms: 60_000 }],
  debounce: { count: 1, window_ms: 1 },
  budgets: drawn.budgets.map((budget) => ({ ...budget, window_ms: 60_000 })),
  ceilings: drawn.ceilings,
  backoff: { base_ms: 100, max_ms: 1_000 },
  verify_ms: 1,
  ...AT_ALL_TIMES,
  envelope: {
    enabled: true,
    actions: ["switch_on"],
    targets: [`lamp:${drawn.target}`],
    expected_symptoms: [],
    allow_public: false,
    excludes: [],
  },
  version: 1,
});

/** What the requests come to when so many of them are judged at once. */
async function outcomeOf(engine: Engine, writer: Writer, given: Given, size: number) {
  const clock = testClock();
  const known = given.triggers.map(triggerOf);
  const episodes: string[] = [];
  const remedy: Remedy = {
    ...createLamps().remedy,
    act: null,
    args: z.strictObject({}),
    readsRowsAlone: true,
    observe: async (_project, target) => ({
      isReachable: true,
      isHealthy: false,
      staysDown: target === "lamp:0",
      args: {},
    }),
  };
  const deps = {
    clock,
    calendar: createCalendar(),
    targetsOf: async () => [],
    newId: createIds(clock, testRng()),
    remedies: new Map([[remedy.name, remedy]]),
    policyOf: async (_: unknown, { subject, triggerId }: Pick<Request, "subject" | "triggerId">) =>
      policyFor(subject, known.find(({ id }) => id === triggerId) ?? null, null),
    escalate: async (_: Tx, episode: { readonly target: string; readonly reason: string }) => {
      episodes.push(`${episode.target} ${episode.reason}`);
      return deps.newId();
    },
    openSprint: async () => null,
    isClean: () => true,
  };
  const asked = given.requests.map(({ trigger, isPerson, isAwaited }): Asked => {
    const meant = known[trigger % known.length] ?? triggerOf({ target: 0, budgets: [], ceilings: [] }, 0);
    return {
      evidence: null,
      within: undefined,
      request: {
        projectId: "default",
        subject: isPerson ? { kind: "person", id: "operator" } : { kind: "trigger", id: meant.id },
        triggerId: meant.id,
        action: null,
        target: meant.condition.target ?? "",
        args: {},
        because: isPerson ? { kind: "escalation", id: deps.newId() } : { kind: "evaluation", id: deps.newId() },
        faultId: null,
        cause: null,
        isAwaited,
      },
    };
  });
  const verdicts: (Verdict | null)[] = [];
  for (let from = 0; from < asked.length; from += size)
    verdicts.push(...(await writer.run((tx) => judge(tx, asked.slice(from, from + size), deps))));
  const attempts = await engine.reader
    .selectFrom("self_heal_attempts")
    .select(["subject_id", "trigger_id", "target", "state", "refusal", "refusal_detail", "count", "fence"])
    .select("not_before")
    .orderBy("target")
    .orderBy("attempt_id")
    .execute();
  const permits = await engine.reader.selectFrom("permit").select(["target", "fence"]).orderBy("permit_id").execute();
  for (const table of ["permit", "work", "self_heal_attempts", "tally_hour"] as const)
    await writer.run((tx) => tx.db.deleteFrom(table).execute());
  return {
    verdicts: verdicts.map((one) => (one?.kind === "refused" ? one.refused : one?.kind)),
    attempts: attempts.map((row) => ({ ...row, not_before: (row.not_before ?? 0) - clock.now() })),
    permits: permits.toSorted((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : a.fence - b.fence)),
    episodes: episodes.toSorted(),
  };
}

describe.each(ENGINES)("requests that are judged in one unit, on $name", ({ name, open, isMissing }) => {
  it.skipIf(isMissing)("come to exactly what they come to one after the other", async () => {
    await using store = await open();
    await beginLedger(store.engine, testClock().now());
    const writer = createWriter(store.engine);
    await fc.assert(
      fc.asyncProperty(fc.record({ triggers, requests }), async (given) => {
        const inTurn = await outcomeOf(store.engine, writer, given, 1);
        expect(await outcomeOf(store.engine, writer, given, given.requests.length)).toEqual(inTurn);
      }),
      { numRuns: name === "sqlite" ? 60 : 12 },
    );
    await writer.close();
  });
});
