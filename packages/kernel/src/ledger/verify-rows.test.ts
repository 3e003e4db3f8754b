import { RestartPolicy } from "@prunella/contract";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { ENGINES, type EngineFixture } from "../../../../test/engines.ts";
import { aCrash, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { compareRows } from "./verify-rows.ts";

const POLICY = RestartPolicy.parse({
  budget: { max: 2, window_ms: 60_000 },
  backoff: { base_ms: 0, max_ms: 0 },
  verify_ms: 1_000,
});

/** One restart that held, one that did not help, a refusal that shares its entry, a question that was decided and one that is open. */
async function openHistory({ open }: EngineFixture) {
  const store = await open();
  const clock = testClock();
  const kernel = await openKernel(store.engine, clock);
  const { runId } = await kernel.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy: POLICY });
  const crash = async () => {
    await kernel.supervised.crash(runId, (target) => aCrash(target));
    await kernel.settle();
  };
  const restart = async () => {
    const told = await kernel.supervised.next(runId, null);
    if (told.kind !== "restart") throw new Error(`not to be restarted but ${told.kind}`);
    await kernel.redeemer(told.permit_id, told.fence);
    await kernel.supervised.outcome(told.attempt_id, told.fence, "succeeded", 2);
    await kernel.settle();
  };
  await crash();
  await restart();
  clock.advance(1_500);
  await kernel.settle();
  await crash();
  await restart();
  clock.advance(100);
  await crash();
  const [question] = (await kernel.escalations.list("open")).escalations;
  await kernel.escalations.decide(question?.id ?? "", "restart_once");
  await kernel.settle();
  await restart();
  clock.advance(100);
  await crash();
  clock.advance(100);
  await kernel.supervised.announce({
    projectId: "default",
    name: "cart",
    pid: 3,
    policy: { ...POLICY, budget: { max: 0, window_ms: 1 } },
  });
  return {
    engine: store.engine,
    kernel,
    /** What is found after the statements, which are then taken back. */
    async after(...statements: readonly string[]): Promise<string[]> {
      const undo = new Error("taken back");
      const found: string[] = [];
      await store.engine.writer
        .transaction()
        .execute(async (db) => {
          for (const statement of statements) {
            const { numAffectedRows } = await sql.raw(statement).execute(db);
            if (numAffectedRows !== undefined && numAffectedRows === 0n)
              throw new Error(`nothing changed: ${statement}`);
          }
          found.push(
            ...(await compareRows({ reader: db, nextTurn: () => store.engine.nextTurn() })).map(({ what }) => what),
          );
          throw undo;
        })
        .catch((error: unknown) => {
          if (error !== undo) throw error;
        });
      return found;
    },
    async [Symbol.asyncDispose]() {
      await kernel.close();
      await store[Symbol.asyncDispose]();
    },
  };
}

const HELD = "(select attempt_id from self_heal_attempts where verification = 'held')";
const REFUSED = "(select min(attempt_id) from self_heal_attempts where state = 'refused')";
const DECIDED = "(select escalation_id from escalation_attempts where status = 'decided')";
const ATTEMPT = `project_id, attempt_id, subject_kind, subject_id, trigger_id, fault_id, target, action, args, because_kind, because_id, cause, state, refusal, refusal_detail,
  verification, count, node_id, fence, rung, audit_log_id, created_at, not_before, started_at, ended_at, verify_at, verified_at, version`;
const UUID = "'00000000-0000-7000-8000-000000000001'";

describe.each(ENGINES)("rows and ledger on $name", (engines) => {
  const run = it.skipIf(engines.isMissing);

  run("say the same of a sound history", async () => {
    await using history = await openHistory(engines);
    expect(await compareRows(history.engine)).toEqual([]);
    const counts = await sql<{
      state: string;
      n: number;
    }>`select state, count(*) as n from self_heal_attempts group by state order by state`.execute(
      history.engine.reader,
    );
    expect(counts.rows.map(({ state }) => state)).toEqual(["refused", "succeeded"]);
  });

  run("differ when any one value of an attempt, permit, question or decision was changed", async () => {
    await using history = await openHistory(engines);
    const changes = {
      self_heal_attempts: {
        [`attempt_id = ${HELD}`]: {
          subject_kind: "'person'",
          subject_id: "'somebody'",
          trigger_id: "null",
          fault_id: UUID,
          target: "'program:other'",
          action: "'other'",
          args: `'{"run":1}'`,
          because_kind: "'call'",
          because_id: UUID,
          cause: "null",
          state: "'failed'",
          verification: "'ineffective'",
          fence: "77",
          audit_log_id: "0",
          created_at: "1",
          not_before: "1",
          started_at: "1",
          ended_at: "1",
          verified_at: "1",
        },
        [`attempt_id = ${REFUSED}`]: {
          refusal: "'killed'",
          state: "'permitted'",
          subject_id: "'other'",
          audit_log_id: "0",
        },
      },
      permit: {
        [`attempt_id = ${HELD}`]: {
          action: "'other'",
          target: "'program:other'",
          args: `'{"run":1}'`,
          args_sha256: "'00'",
          fence: "77",
          not_before: "1",
          expires_at: "1",
          redeemed_at: "null",
        },
      },
      escalation_attempts: {
        [`escalation_id = ${DECIDED}`]: {
          trigger_id: "null",
          asker: "'other'",
          fault_id: UUID,
          reason: "'ineffective'",
          status: "'expired'",
          decision: "'leave_stopped'",
          decided_by: `'{"kind":"person","id":"other"}'`,
          opened_at: "1",
          decided_at: "1",
          audit_log_id: "0",
        },
      },
    };
    const missed: string[] = [];
    for (const [table, rows] of Object.entries(changes))
      for (const [row, columns] of Object.entries(rows))
        for (const [column, value] of Object.entries<string>(columns))
          if ((await history.after(`update ${table} set ${column} = ${value} where ${row}`)).length === 0)
            missed.push(`${table}.${column} where ${row}`);
    expect(missed).toEqual([]);
  });

  run("differ when a row is gone, says more than the ledger, or takes back what it says", async () => {
    await using history = await openHistory(engines);
    const { after } = history;
    const held = await history.engine.reader
      .selectFrom("self_heal_attempts")
      .select("attempt_id")
      .where("verification", "=", "held")
      .executeTakeFirstOrThrow();
    const id = `'${held.attempt_id}'`;
    expect(await after(`delete from permit where attempt_id = ${id}`)).toEqual([
      expect.stringMatching(new RegExp(`^The row of attempt ${held.attempt_id} differs from entry \\d+: permit\\.$`)),
    ]);
    expect(
      await after(
        `delete from permit where attempt_id = ${id}`,
        `delete from self_heal_attempts where attempt_id = ${id}`,
      ),
    ).toEqual([
      expect.stringMatching(
        new RegExp(`^Entry \\d+ speaks of attempt ${held.attempt_id}, and there is no row of it\\.$`),
      ),
    ]);
    expect(await after(`delete from escalation_attempts where status = 'decided'`)).toHaveLength(1);
    expect(
      await after(
        `update escalation_attempts set status = 'expired', decided_at = 5, decision = 'leave_stopped' where status = 'open'`,
      ),
    ).toEqual([
      expect.stringMatching(/^The row of escalation .* says more than the ledger does: escalation_decided\.$/),
    ]);
    expect(
      await after(
        `update self_heal_attempts set verification = 'watching', verified_at = null where attempt_id = ${id}`,
      ),
    ).toEqual([expect.stringMatching(/does not say what entry \d+ does: attempt_verified\.$/)]);
    expect(
      await after(
        `insert into self_heal_attempts (${ATTEMPT})
          select project_id, ${UUID}, subject_kind, subject_id, trigger_id, fault_id, target, action, args, because_kind, because_id, cause, state, refusal, refusal_detail,
          verification, count, node_id, fence, rung, audit_log_id, created_at, not_before, started_at, ended_at, verify_at, verified_at, version from self_heal_attempts where attempt_id = ${id}`,
      ),
    ).toEqual([expect.stringMatching(/points to entry \d+, which did not announce it\.$/)]);
    expect(
      await after(
        `update permit set attempt_id = (select min(attempt_id) from self_heal_attempts where state = 'refused') where attempt_id = ${id}`,
      ),
    ).toEqual([expect.stringMatching(/: permit\.$/), expect.stringMatching(/^Permit .* which has no intent\.$/)]);
  });

  run("say the same while work goes on", async () => {
    await using history = await openHistory(engines);
    const { kernel } = history;
    const { runId } = await kernel.supervised.announce({
      projectId: "default",
      name: "busy",
      pid: 9,
      policy: { ...POLICY, budget: { max: 100, window_ms: 1 } },
    });
    let isOver = false;
    const work = (async () => {
      for (let at = 0; at < 15; at += 1) {
        await kernel.supervised.crash(runId, (target) => aCrash(target));
        await kernel.settle();
        const told = await kernel.supervised.next(runId, null);
        if (told.kind !== "restart") throw new Error(`not to be restarted but ${told.kind}`);
        await kernel.redeemer(told.permit_id, told.fence);
        await kernel.supervised.outcome(told.attempt_id, told.fence, "succeeded", 10 + at);
      }
    })().finally(() => (isOver = true));
    const found: string[] = [];
    for (let round = 0; round < 10_000 && !isOver; round += 1)
      found.push(...(await compareRows(history.engine)).map(({ what }) => what));
    await work;
    expect(found).toEqual([]);
    expect(await compareRows(history.engine)).toEqual([]);
  });
});
