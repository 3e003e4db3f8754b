import { PrunellaError, type Actor, type Approval } from "@prunella/contract";
import { BY_DEFAULT, OPERATOR } from "../actors.ts";
import type { Core } from "../core.ts";
import { assertClean } from "../gate/clean.ts";
import { digestOfArgs } from "../gate/args.ts";
import type { Gate } from "../gate/gate.ts";
import type { Remedies } from "../gate/remedy.ts";
import { readKillSwitch } from "../gate/switches.ts";
import { lockHead } from "../ledger/append.ts";
import { utcSecond } from "../notify/moment.ts";
import type { Tx } from "../store/engine.ts";
import { resolveId } from "../store/resolve-id.ts";
import { rows } from "../store/rows.ts";
import { setWork, workKind, type WorkKind } from "../work/kind.ts";
import { alreadyEnded, endApproval, noteApproval, toApproval, type ApprovalRow } from "./approval.ts";
import type { Askers } from "./asker.ts";
import { answerBeforehand } from "./beforehand.ts";
import type { EscalationRow } from "./row.ts";
import { APPROVAL_OVER } from "./work.ts";

const HOUR_MS = 3_600_000;
/** How long an approval may wait for its question, and what it does when nothing is said. */
const LIFE_MS = { most: 24 * HOUR_MS, usual: HOUR_MS };
const MOST_LISTED = 200;

export interface NewApproval {
  /** Whoever may have to say it twice names it: the second time is then no second approval. */
  readonly id: string | null;
  readonly projectId: string;
  /** null: whichever asks. */
  readonly triggerId: string | null;
  readonly action: string;
  readonly target: string;
  readonly reason: string;
  readonly forMs: number | null;
}

export type ApprovalDeps = Core & {
  readonly gate: Gate;
  readonly askers: Askers;
  readonly remedies: Remedies;
  readonly scrubText: (text: string) => { readonly text: { readonly value: string } };
  readonly isClean: (text: string) => boolean;
  readonly wake: () => void;
};

/**
 * Yes, said before the question: it pins what would be done now, waits, answers the first question about exactly
 * that, and is over by itself (docs/decisions/0023-a-yes-before-its-question.md).
 */
export function createApprovals(deps: ApprovalDeps) {
  const { db, writer, clock, newId, askers } = deps;

  /** What a yes to it would be to. */
  async function pin({ projectId, triggerId, action, target }: NewApproval, by: Actor) {
    const remedy = deps.remedies.get(action);
    const acts = askers.get(action)?.choices.some(({ effect }) => effect === "act");
    if (!remedy || !acts)
      throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
        detail: `Nobody is ever asked whether to ${action}.`,
        hint: `There are: ${[...deps.remedies.keys()].toSorted().join(", ")}.`,
      });
    const { facts, args } = await deps.gate.wouldDo({
      projectId,
      subject: { kind: "person", id: by.id ?? "operator" },
      triggerId,
      action,
      target,
      args: {},
      because: { kind: "approval", id: newId() },
      faultId: null,
      cause: null,
      isAwaited: true,
    });
    if (triggerId !== null && facts.policy.trigger === null)
      throw new PrunellaError("PRUNELLA_NOT_FOUND", {
        detail: `There is no trigger ${triggerId} in the project ${projectId}.`,
        hint: "List them: prunella triggers",
      });
    if (args === null) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: remedy.words.missing(target) });
    assertClean(args, deps.isClean);
    return args;
  }

  return {
    resolveId: (typed: string) => resolveId(db, "approval", "approval_id", typed),
    async projectOf(typed: string): Promise<string> {
      const id = await resolveId(db, "approval", "approval_id", typed);
      return (
        await db.selectFrom("approval").select("project_id").where("approval_id", "=", id).executeTakeFirstOrThrow()
      ).project_id;
    },

    /** Newest first; `sees`: only of these projects. */
    async list(isAll: boolean, sees: readonly string[] | null = null): Promise<Approval[]> {
      let query = db.selectFrom("approval").selectAll();
      if (sees !== null) query = query.where("project_id", "in", sees);
      if (!isAll) query = query.where("status", "=", "waiting");
      const found = await query.orderBy("given_at", "desc").orderBy("approval_id", "desc").limit(MOST_LISTED).execute();
      return found.map(toApproval);
    },

    async give(given: NewApproval, by: Actor = OPERATOR): Promise<Approval> {
      if (by.kind !== "person")
        throw new PrunellaError("PRUNELLA_ROLE_REQUIRED", { detail: "Only a person approves." });
      const forMs = given.forMs ?? LIFE_MS.usual;
      if (forMs > LIFE_MS.most)
        throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
          detail: "An approval waits for a day at most: what is right now may be wrong then.",
        });
      if ((await readKillSwitch(db)).on)
        throw new PrunellaError("PRUNELLA_CONFLICT", {
          detail: "The kill switch is on: nothing acts.",
          hint: "Run `prunella unkill` first.",
        });
      const reason = deps.scrubText(given.reason.trim()).text.value;
      const said = given.id === null ? undefined : await readById(given.id);
      const args = said ? null : await pin(given, by);
      const approval = await writer.run(async (tx) => {
        const now = clock.now();
        await lockHead(tx);
        const before = given.id === null ? undefined : await readById(given.id, tx.db);
        if (before) return saidBefore(toApproval(before), given);
        if (args === null) throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "The approval has just gone." });
        const { projectId, triggerId, action, target } = given;
        await assertAlone(tx, now, given);
        const row: ApprovalRow = {
          project_id: projectId,
          approval_id: given.id ?? newId(),
          trigger_id: triggerId,
          action,
          target,
          args: JSON.stringify(args),
          args_sha256: digestOfArgs(action, target, args),
          reason,
          given_by: JSON.stringify(by),
          given_at: now,
          expires_at: now + forMs,
          status: "waiting",
          escalation_id: null,
          ended_by: null,
          ended_at: null,
          audit_log_id: 0,
        };
        row.audit_log_id = await noteApproval(tx, row, { now, change: "given", by });
        await tx.db.insertInto("approval").values(row).execute();
        setWork(tx, `approval.${row.approval_id}`, {
          kind: APPROVAL_OVER,
          projectId,
          dueAt: row.expires_at,
          payload: { approval: row.approval_id },
        });
        return (await answerNow(tx, row, now)) ?? toApproval(row);
      });
      deps.publish("escalations", approval.escalation_id ?? approval.id, 0, approval.target);
      deps.publish("ledger", "head");
      deps.wake();
      return approval;
    },

    async withdraw(approvalId: string, by: Actor = OPERATOR): Promise<Approval> {
      const approval = await writer.run(async (tx) => {
        await lockHead(tx);
        const row = await readById(approvalId, tx.db);
        if (!row) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such approval." });
        const ended = await endApproval(tx, row, { now: clock.now(), status: "withdrawn", by });
        if (!ended) throw alreadyEnded(toApproval(row));
        return ended;
      });
      deps.publish("escalations", approval.id, 0, approval.target);
      deps.publish("ledger", "head");
      return approval;
    },
  };

  function readById(id: string, from: Core["db"] = db): Promise<ApprovalRow | undefined> {
    return from.selectFrom("approval").selectAll().where("approval_id", "=", id).executeTakeFirst();
  }

  /** The question stands already: then it is answered. */
  async function answerNow(tx: Tx, row: ApprovalRow, now: number): Promise<Approval | null> {
    const asked = await rows<EscalationRow>(tx.db)`select * from escalation_attempts
      where project_id = ${row.project_id} and target = ${row.target} and asker = ${row.action} and status = 'open'
      order by opened_at, escalation_id`;
    for (const question of asked) {
      if (row.trigger_id !== null && row.trigger_id !== question.trigger_id) continue;
      const taken = await answerBeforehand(tx, deps, question, now);
      if (taken) return taken;
    }
    return null;
  }
}

/** Said again, it is the same approval while it waits; once it has ended, that is said. */
function saidBefore(approval: Approval, { action, target, triggerId, projectId }: NewApproval): Approval {
  const { action: a, target: t, trigger_id: trigger, project_id: project } = approval;
  if (a !== action || t !== target || trigger !== triggerId || project !== projectId)
    throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "An approval of this id is of something else." });
  if (approval.status !== "waiting") throw alreadyEnded(approval);
  return approval;
}

/** Two that wait for the same would be one that serves twice. One whose time is over is none, though nobody ended it yet. */
async function assertAlone(tx: Tx, now: number, { projectId, triggerId, action, target }: NewApproval): Promise<void> {
  const [row] = await rows<ApprovalRow>(
    tx.db,
  )`select * from approval where project_id = ${projectId} and target = ${target}
    and action = ${action} and coalesce(trigger_id, '') = ${triggerId ?? ""} and status = 'waiting' limit 1`;
  if (!row) return;
  if (row.expires_at <= now) {
    await endApproval(tx, row, { now, status: "expired", by: BY_DEFAULT });
    return;
  }
  const { by, expires_at: until } = toApproval(row);
  throw new PrunellaError("PRUNELLA_CONFLICT", {
    detail: `An approval of it waits already, by ${by.id ?? by.kind}, until ${utcSecond(until)}.`,
    hint: "See it with `prunella approvals`.",
  });
}

/** Nobody asked in its time: then it is no answer any more, and whoever is asked later decides. */
export const approvalsOver = ({ writer, clock, publish }: Core): WorkKind =>
  workKind(APPROVAL_OVER, async ({ projectId, payload, finish }) => {
    const ended = await writer.run(async (tx) => {
      finish(tx);
      await lockHead(tx);
      const row = { project_id: projectId, approval_id: payload.approval };
      return endApproval(tx, row, { now: clock.now(), status: "expired", by: BY_DEFAULT });
    });
    if (!ended) return;
    publish("escalations", ended.id, 0, ended.target);
    publish("ledger", "head");
  });
