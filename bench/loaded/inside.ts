import { createCalendar } from "@prunella/server/platform";
import { createIds, createWriter, type Engine } from "@prunella/kernel";
import { createDigest } from "../../packages/kernel/src/faults/digest.ts";
import { readFacts } from "../../packages/kernel/src/gate/facts.ts";
import type { Request } from "../../packages/kernel/src/gate/request.ts";
import { nextGeneration } from "../../packages/kernel/src/store/generation.ts";
import { createTriggerCache } from "../../packages/kernel/src/triggers/cache.ts";
import { createPolicies } from "../../packages/kernel/src/triggers/policy.ts";
import { sql } from "kysely";
import { percentile } from "../percentile.ts";
import { demandingTrigger, pastTarget } from "./seed.ts";

/** Each measurement is the median of so many. */
const TIMES = 200;
/** Before that: a server has read facts before, and its connections have planned the statement. */
const WARM_UP = 200;
const PASSES = 20;
/** What 200 ms of 500 failures a second bring, each of another target: digests are gathered for so long. */
const QUEUED = 100;

const calendar = createCalendar();
const clock = { now: () => Date.now(), after: () => () => {} };

/** ms to read all that the checks look at, of triggers that have a budget and a ceiling in every scope. */
export async function factsMs(engine: Engine): Promise<number> {
  const policies = createPolicies();
  const times: number[] = [];
  for (let at = 0; at < WARM_UP + TIMES; at += 1) {
    const trigger = demandingTrigger(at * 7);
    const request: Request = {
      projectId: "default",
      subject: { kind: "trigger", id: trigger.id },
      triggerId: trigger.id,
      action: null,
      target: pastTarget(at * 7),
      args: {},
      because: { kind: "evaluation", id: "bench" },
      faultId: null,
      cause: { source: "supervisor", trust: "local", level: "fatal" },
      isAwaited: true,
    };
    const startedAt = performance.now();
    const policy = await policies.of(engine.reader, request);
    await readFacts(
      engine.reader,
      {
        now: Date.now(),
        request,
        policy,
        rung: null,
        action: "restart",
        remedy: null,
        governing: null,
        lacks: null,
        barred: null,
        evidence: null,
      },
      calendar,
    );
    if (at >= WARM_UP) times.push(performance.now() - startedAt);
  }
  return percentile(times, 0.5);
}

/** ms of a digest pass that fires a trigger with each of its rows, and meets a trigger that was changed. */
export async function digestMs(engine: Engine): Promise<number> {
  const writer = createWriter(engine);
  const newId = createIds(clock, { bytes: (size) => crypto.getRandomValues(new Uint8Array(size)) });
  const digest = createDigest({
    engine,
    writer,
    clock,
    newId,
    triggers: createTriggerCache(engine.reader),
    publish: () => {},
    onDigested: () => {},
    isHeard: () => false,
  });
  await digest.run();
  const times: number[] = [];
  for (let at = 0; at < PASSES; at += 1) {
    await writer.run(async (tx) => {
      const now = Date.now();
      const rows = Array.from({ length: QUEUED }, (_, row) => ({
        queue_id: newId(),
        project_id: "default",
        fault_id: `past-fault-${row % 100}`,
        release: "1.0.0",
        environment: "production",
        level: "fatal" as const,
        source: "supervisor" as const,
        trust: "local" as const,
        target: pastTarget((at * QUEUED + row) % 10_000),
        origin: "",
        count: 1,
        first_at: now,
        last_at: now,
        event_id: "0".repeat(32),
        title: "it failed",
        culprit: "here",
        error_class: "",
        template: "",
        fingerprints: "[]",
        users: "",
      }));
      await tx.db.insertInto("digest_queue").values(rows).execute();
      const changed = await nextGeneration(tx, "triggers");
      await tx.db
        .updateTable("self_heal_triggers")
        .set({ changed })
        .where("trigger_id", "=", demandingTrigger(at).id)
        .execute();
    });
    const startedAt = performance.now();
    await digest.run();
    times.push(performance.now() - startedAt);
    await writer.run((tx) => sql`delete from work where kind = 'evaluate_trigger'`.execute(tx.db));
  }
  await writer.close();
  return percentile(times, 0.5);
}
