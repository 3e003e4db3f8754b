import { PrunellaError, type Event, type Instruction, type RestartPolicy, type VitalsBody } from "@prunella/contract";
import type { Scrubber } from "@prunella/scrub";
import type { Core } from "../../core.ts";
import { giveUpAllOf } from "../../attempts/end.ts";
import { recordOutcome, type OutcomeDeps } from "../../attempts/outcome.ts";
import { withdrawQuestions } from "../../escalations/decide.ts";
import type { EscalationRow } from "../../escalations/row.ts";
import type { Askers } from "../../escalations/asker.ts";
import type { Engine, Tx } from "../../store/engine.ts";
import { registerTrigger, type TriggerRules } from "../../triggers/registry.ts";
import { notSupervised } from "./by-hand.ts";
import { createChanges } from "./changes.ts";
import { nextInstruction, readView } from "./instruction.ts";
import type { Presence } from "./presence.ts";
import { listPrograms } from "./programs.ts";
import { mayBeForgotten, revive } from "./revive.ts";
import {
  currentRun,
  markDown,
  markGone,
  markHeard,
  markStarted,
  markStopped,
  readRun,
  replaceRun,
  type Run,
} from "./run.ts";
import { restartTrigger, STOP, targetOfProgram } from "./trigger.ts";
import { createVitals } from "./vitals.ts";

const LONG_POLL_MS = 25_000;
/** Heard more often than this says nothing new. */
const HEARD_MS = 10_000;
/** Runs that are remembered; forgetting one costs a look. */
const MAX_KNOWN = 10_000;
const WAIT = { kind: "wait" } as const;

export interface SupervisedDeps extends Core, OutcomeDeps, TriggerRules {
  readonly askers: Askers;
  /** The only way in for events. */
  readonly report: (
    projectId: string,
    events: readonly Event[],
    keys: undefined,
    within: (tx: Tx) => Promise<void>,
  ) => Promise<void>;
  readonly wake: () => void;
  readonly scrubText: Scrubber["scrubText"];
}

/** What supervisors say and ask. Each of them may speak with any server of the database. */
export function createSupervised(deps: SupervisedDeps) {
  const { db, writer, clock, newId, nodeId, askers } = deps;
  const changes = createChanges(deps);
  const vitals = createVitals(deps);
  /** Of runs that asked here before; a run never changes its target. */
  const targets = new Map<string, string>();

  function tellClosed(rows: readonly EscalationRow[]): void {
    for (const row of rows) deps.publish("escalations", row.escalation_id, row.version, row.target);
    if (rows.length > 0) deps.publish("ledger", "head");
  }

  const withdraw = (tx: Tx, projectId: string, target: string): Promise<EscalationRow[]> =>
    withdrawQuestions(tx, { now: clock.now(), newId, askers, projectId, target });

  const isHeard = (run: Run): boolean => run.node_id === nodeId && clock.now() - run.heard_at < HEARD_MS;

  async function hear(run: Run): Promise<void> {
    if (!isHeard(run)) await writer.run((tx) => markHeard(tx, clock.now(), run.run_id, nodeId));
  }

  /** Runs whose crash this process has taken: what follows is under way, and need not be looked for at once. */
  const taken = new Set<string>();

  return {
    list: () => listPrograms(db, clock.now(), vitals),

    /** Memory, processor and last lines; not a word of it is written. */
    async vitals(runId: string, body: VitalsBody): Promise<void> {
      const run = await readRun(db, runId);
      if (run.state !== "gone") vitals.note(runId, body);
    },

    async output(projectId: string, name: string) {
      const run = await currentRun(db, projectId, targetOfProgram(name));
      if (run === null) throw notSupervised(projectId, name);
      return vitals.output(run.run_id);
    },

    /** A program that announces itself opts in to being restarted, itself alone. */
    async announce(given: { projectId: string; name: string; pid: number | null; policy: RestartPolicy }) {
      const { projectId, name } = given;
      const target = targetOfProgram(name);
      const runId = newId();
      const closed = await writer.run(async (tx) => {
        const now = clock.now();
        await assertProject(tx, projectId);
        await registerTrigger(tx, now, restartTrigger(projectId, name, given.policy), deps);
        // What was permitted for the run before is void.
        await giveUpAllOf(tx, now, projectId, target);
        await replaceRun(tx, {
          project_id: projectId,
          run_id: runId,
          target,
          state: "running",
          pid: given.pid,
          since: now,
          started_again: 0,
          node_id: nodeId,
          heard_at: now,
        });
        return withdraw(tx, projectId, target);
      });
      tellClosed(closed);
      deps.publish("supervised", target, 0, target);
      deps.publish("triggers", target);
      return { runId };
    },

    /** A crash is durable when this resolves; the gate's answer comes through `next`. */
    async crash(runId: string, toEvent: (target: string) => Event): Promise<void> {
      const run = await readRun(db, runId);
      // Given up while nobody heard of it: it is to announce itself anew.
      if (run.state === "gone" && (await currentRun(db, run.project_id, run.target)) === null)
        throw new PrunellaError("PRUNELLA_NOT_FOUND", {
          detail: "This supervised run was given up after a long silence.",
        });
      let ended: readonly string[] = [];
      // In one unit with its event: whoever judges the failure finds the program down.
      const event = toEvent(run.target);
      await deps.report(run.project_id, [event], undefined, async (tx) => {
        if (!isHeard(run)) markHeard(tx, clock.now(), run.run_id, nodeId);
        ended = await markDown(tx, clock.now(), run, event);
      });
      if (taken.size >= MAX_KNOWN) taken.clear();
      taken.add(runId);
      for (const id of ended) deps.publish("attempts", id, 0, run.target);
      deps.publish("supervised", run.target, 0, run.target);
    },

    async next(runId: string, seen: string | null): Promise<Instruction> {
      const until = clock.now() + LONG_POLL_MS;
      const left = () => Math.max(1, until - clock.now());
      // Listened to before looking, so that nothing can slip through between the two.
      const target = targets.get(runId);
      let change = target === undefined ? null : changes.of(target, left());
      try {
        let view = await readView(db, runId);
        await hear(view);
        // A server may have ended between a crash and its answer, this one or another.
        const isTaken = taken.delete(runId) && view.attempt_state === null;
        if (!isTaken && (await mayBeForgotten(db, view))) {
          if (await writer.run((tx) => revive(tx, clock.now(), newId, runId))) deps.wake();
        }
        for (;;) {
          const instruction = change === null ? WAIT : await nextInstruction(db, view, seen);
          if (instruction.kind !== "wait" || clock.now() >= until) return instruction;
          await change?.happened;
          if (targets.size >= MAX_KNOWN) targets.clear();
          targets.set(runId, view.target);
          change = changes.of(view.target, left());
          view = await readView(db, runId);
        }
      } finally {
        change?.cancel();
      }
    },

    async outcome(attemptId: string, fence: number, state: "succeeded" | "failed", pid: number | null): Promise<void> {
      const { ended: attempt, closed } = await writer.run(async (tx) => {
        const now = clock.now();
        const ended = await recordOutcome(tx, deps, { now, attemptId, fence, state });
        if (state === "failed") return { ended, closed: [] };
        if (ended.action === STOP) await markStopped(tx, now, ended.project_id, ended.target);
        else markStarted(tx, now, ended, pid);
        // What a person does by hand answers what they were asked.
        const isByHand = ended.because_kind === "call";
        return { ended, closed: isByHand ? await withdraw(tx, ended.project_id, ended.target) : [] };
      });
      tellClosed(closed);
      deps.publish("attempts", attemptId, attempt.version, attempt.target);
      deps.publish("supervised", attempt.target, 0, attempt.target);
      if (attempt.fault_id) deps.publish("faults", attempt.fault_id);
      deps.publish("ledger", "head");
      deps.wake();
    },

    /** A clean exit or a person's stop. */
    async end(runId: string): Promise<void> {
      const run = await readRun(db, runId);
      const closed = await writer.run(async (tx) => {
        await markGone(tx, clock.now(), run);
        vitals.forget(runId);
        // A run that was replaced ends too; what is asked then is asked about its successor.
        if ((await currentRun(tx.db, run.project_id, run.target)) !== null) return [];
        return withdraw(tx, run.project_id, run.target);
      });
      tellClosed(closed);
      deps.publish("supervised", run.target, 0, run.target);
    },
  };
}

/** Whether a program's supervisor should be there and nobody could have heard it yet. */
export const isExpected =
  (db: Engine["reader"], presence: Presence) =>
  async (projectId: string, target: string): Promise<boolean> => {
    if (!presence.mayExpect()) return false;
    const run = await currentRun(db, projectId, target);
    return run?.state === "waiting" && presence.isExpected(run);
  };

async function assertProject(tx: Tx, projectId: string): Promise<void> {
  const project = await tx.db
    .selectFrom("project")
    .select("project_id")
    .where("project_id", "=", projectId)
    .executeTakeFirst();
  if (project) return;
  throw new PrunellaError("PRUNELLA_NOT_FOUND", {
    detail: `There is no project ${projectId}.`,
    hint: `Add it with \`prunella projects add ${projectId}\`.`,
  });
}
