import { Fingerprints, PrunellaError, type Actor, type DrillRun, type Trigger } from "@prunella/contract";
import { OPERATOR } from "../actors.ts";
import type { Core } from "../core.ts";
import { StaleTriggers, type Digest, type Queued } from "../faults/digest.ts";
import type { Suppose } from "../gate/gate.ts";
import type { Evidence, Request } from "../gate/request.ts";
import type { NewId } from "../ids.ts";
import { append } from "../intake/append.ts";
import type { Incoming } from "../intake/fold.ts";
import type { Prepare } from "../intake/report.ts";
import { lockHead } from "../ledger/append.ts";
import type { Tx } from "../store/engine.ts";
import { readTrigger } from "../triggers/registry.ts";
import { makeEvents } from "./make-events.ts";
import { toldOf, writeDown, type Ruled } from "./outcome.ts";
import { takenBack } from "./taken-back.ts";
import { wantedBy } from "./wanted.ts";

export interface DrillsDeps extends Core {
  readonly prepare: Prepare;
  readonly digest: Pick<Digest, "suppose" | "refresh">;
  readonly suppose: Suppose;
}

/** What a unit came to, before it was taken back. */
type Found = Ruled | { readonly kind: "look"; readonly request: Request };

/** After so many changes of triggers in between somebody else is at work on them. */
const MOST_TRIES = 5;
/**
 * Drills: a made-up failure goes the way of a real one, through scrubbing, grouping, counting, conditions and every
 * check of the gate, in a unit that is taken back. What it came to is written down afterwards.
 */
export function createDrills(deps: DrillsDeps) {
  const { db, writer, clock, newId } = deps;

  /** The way of the data from `append` on. */
  async function suppose(
    tx: Tx,
    given: { trigger: Trigger; incoming: readonly Incoming[]; evidence: Evidence | null; drillId: string },
  ): Promise<Found> {
    const { trigger, incoming, evidence, drillId } = given;
    // The gate comes last and wants it first: whoever commits holds it while it waits for rows.
    await lockHead(tx);
    const isBack = wantedBy(trigger.condition).is === "regressed";
    if (isBack) await resolveFirst(tx, incoming);
    const held = await deps.digest.suppose(tx, await appended(tx, isBack ? incoming.slice(1) : incoming));
    const evaluation = held.find((one) => one.trigger === trigger.id);
    if (!evaluation) return { kind: "not_held" };
    const request: Request = {
      projectId: trigger.project_id,
      subject: { kind: "trigger", id: trigger.id },
      triggerId: trigger.id,
      action: null,
      target: evaluation.target,
      args: {},
      because: { kind: "evaluation", id: drillId },
      faultId: evaluation.fault,
      cause: evaluation.cause,
      isAwaited: true,
    };
    const verdict = await deps.suppose.judge(tx, request, evidence);
    if (verdict === null) return { kind: "look", request };
    const { action } = await tx.db
      .selectFrom("self_heal_attempts")
      .select("action")
      .where("project_id", "=", request.projectId)
      .where("attempt_id", "=", verdict.attemptId)
      .executeTakeFirstOrThrow();
    return { kind: "ruled", request, verdict, action };
  }

  /** Appends, and gives what waits for the digest then. */
  async function appended(tx: Tx, incoming: readonly Incoming[]): Promise<Queued[]> {
    const made: string[] = [];
    const noted: NewId = () => {
      const id = newId();
      made.push(id);
      return id;
    };
    await append(tx, incoming, noted);
    return tx.db.selectFrom("digest_queue").selectAll().where("queue_id", "in", made).orderBy("queue_id").execute();
  }

  /** The first of them came before, and its fault was resolved since. */
  async function resolveFirst(tx: Tx, [first]: readonly Incoming[]): Promise<void> {
    if (!first) return;
    const queued = await appended(tx, [{ ...first, receivedAt: first.receivedAt - 2_000 }]);
    await deps.digest.suppose(tx, queued);
    for (const { project_id: projectId, fault_id: faultId } of queued)
      await tx.db
        .updateTable("fault")
        .set({ status: "resolved", resolved_at: first.receivedAt - 1_000 })
        .where("project_id", "=", projectId)
        .where("fault_id", "=", faultId)
        .execute();
  }

  async function rule(trigger: Trigger, drillId: string): Promise<Ruled> {
    const events = makeEvents(trigger, { at: clock.now(), drillId, newId });
    const incoming = await deps.prepare(trigger.project_id, events, await keysOf(trigger));
    let evidence: Evidence | null = null;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      await deps.digest.refresh();
      try {
        const seen = evidence;
        const found = await takenBack(writer, (tx) => suppose(tx, { trigger, incoming, evidence: seen, drillId }));
        if (found.kind !== "look") return found;
        evidence = await deps.suppose.look(found.request);
      } catch (error) {
        if (!(error instanceof StaleTriggers)) throw error;
      }
    }
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: "Triggers were changed again and again meanwhile.",
      hint: "Try again in a moment.",
    });
  }

  /** Of the fault that the condition names. */
  async function keysOf({ project_id: projectId, condition }: Trigger): Promise<Fingerprints | undefined> {
    const { fault } = wantedBy(condition);
    if (fault === undefined) return undefined;
    const row = await db
      .selectFrom("fault")
      .select("fingerprints")
      .where("project_id", "=", projectId)
      .where("fault_id", "=", fault)
      .executeTakeFirst();
    return row === undefined || row.fingerprints === "" ? undefined : Fingerprints.parse(JSON.parse(row.fingerprints));
  }

  return {
    async run(projectId: string, triggerId: string, by: Actor = OPERATOR): Promise<DrillRun> {
      const startedAt = clock.now();
      const trigger = await readTrigger(db, projectId, triggerId);
      const id = newId();
      const found = await rule(trigger, id);
      const at = clock.now();
      const run = { id, trigger, at, by, tookMs: Math.max(0, at - startedAt), ...toldOf(trigger, found) };
      const auditLogId = await writer.run((tx) => writeDown(tx, run));
      deps.publish("triggers", trigger.id);
      deps.publish("ledger", "head");
      const { trigger: _trigger, tookMs, ...told } = run;
      return {
        ...told,
        project_id: projectId,
        trigger_id: triggerId,
        trigger_version: trigger.version,
        took_ms: tookMs,
        audit_log_id: auditLogId,
      };
    },
  };
}
