import type { Notice, Remedy } from "@prunella/contract";
import { decide } from "../escalations/decide.ts";
import { openEscalation } from "../escalations/escalate.ts";
import { digest, DIGEST_LIMIT } from "../faults/digest.ts";
import type { NewId } from "../ids.ts";
import type { Clock, Log } from "../ports.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { addWork, claimWork, finishWork, nextDue, type Claimed, type Work } from "../store/work.ts";
import type { Writer } from "../store/writer.ts";
import { countHour } from "../triggers/hours.ts";
import { listTriggers } from "../triggers/registry.ts";
import type { Evidence, Request } from "./facts.ts";
import { commit, screen } from "./gate.ts";
import type { Verdict } from "./verdict.ts";
import { endWatch, giveUp } from "./outcome.ts";

export interface HealerDeps {
  readonly engine: Engine;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: NewId;
  readonly remedies: ReadonlySet<Remedy>;
  /** Looks up the state of a target; bounded in time. */
  readonly observe: (projectId: string, target: string) => Promise<Evidence>;
  /** Whether a supervisor should be there and has not been heard of since the start; then judging waits. */
  readonly isExpected: (projectId: string, target: string) => Promise<boolean>;
  readonly publish: (notice: Notice) => void;
}

export interface Healer {
  /** Something became due that somebody waits for. */
  wake(): void;
  /** Something was appended: what else comes in the next moment is digested with it. */
  wakeSoon(): void;
  /** Resolves when everything that is due now has been dealt with. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

const CLAIM_LIMIT = 50;
/** The floor when no wake-up comes: another server on the same database may have left work. */
const POLL_MS = 1_000;
/** Long enough to gather a storm into few digests, short enough that no page feels it: pages hear of changes four times a second. */
const GATHER_MS = 200;
const POSTPONE_MS = 250;

/**
 * Drives steps 2 to 5: digests what was appended, then carries out whatever work is due. One pass
 * at a time; every step is a unit of the writer queue.
 */
export function createHealer(deps: HealerDeps): Healer {
  let isAwake = false;
  let isClosed = false;
  let running: Promise<void> | null = null;
  let cancelTimer = () => {};
  let cancelGather: (() => void) | null = null;

  function wake(): void {
    isAwake = true;
    if (isClosed || running) return;
    cancelTimer();
    running = pass()
      .catch((error: unknown) =>
        deps.log.warn(
          `a step of the healer failed and will be tried again: ${error instanceof Error ? error.message : "unknown"}`,
        ),
      )
      .then(schedule)
      .finally(() => {
        running = null;
        if (isAwake) wake();
      });
  }

  async function schedule(): Promise<void> {
    if (isClosed) return;
    const due = await nextDue(deps.engine).catch(() => null);
    const wait = due === null ? POLL_MS : Math.min(POLL_MS, Math.max(5, due - deps.clock.now()));
    cancelTimer = deps.clock.after(wait, wake);
  }

  async function pass(): Promise<void> {
    while (isAwake && !isClosed) {
      isAwake = false;
      if (await digestOnce(deps)) isAwake = true;
      if (await workOnce(deps)) isAwake = true;
    }
  }

  return {
    wake,
    wakeSoon() {
      if (isClosed || isAwake || cancelGather) return;
      cancelGather = deps.clock.after(GATHER_MS, () => {
        cancelGather = null;
        wake();
      });
    },
    async settle() {
      wake();
      while (running) await running;
    },
    async close() {
      isClosed = true;
      cancelTimer();
      cancelGather?.();
      while (running) await running;
    },
  };
}

/** True when there may be more. */
async function digestOnce({ engine, writer, clock, newId, publish }: HealerDeps): Promise<boolean> {
  const triggers = await listTriggers(engine.reader);
  const done = await writer.run((tx) => digest(tx, { now: clock.now(), newId, triggers }));
  for (const { id, version } of done.faults) publish({ topic: "faults", id, version });
  return done.taken === DIGEST_LIMIT;
}

async function workOnce(deps: HealerDeps): Promise<boolean> {
  const due = await deps.engine.reader
    .selectFrom("work")
    .select("work_id")
    .where("due_at", "<=", deps.clock.now())
    .limit(1)
    .executeTakeFirst();
  if (!due) return false;
  const claimed = await deps.writer.run((tx) => claimWork(tx, deps.clock.now(), CLAIM_LIMIT));
  for (const item of claimed) {
    // One item that fails must not hold up the others; its lease ends and it is claimed again.
    await carryOut(deps, item).catch((error: unknown) => {
      deps.log.warn(
        `a ${item.work.kind} step failed and will be tried again: ${error instanceof Error ? error.message : "unknown"}`,
      );
    });
  }
  return claimed.length > 0;
}

async function carryOut(deps: HealerDeps, claimed: Claimed): Promise<void> {
  const { work } = claimed;
  switch (work.kind) {
    case "evaluate":
      return ask(deps, claimed, {
        projectId: claimed.projectId,
        triggerId: work.trigger,
        faultId: work.fault,
        target: work.target,
        authority: "policy",
        cause: work.cause,
        isAwaited: work.cause.source === "supervisor",
      });
    case "decided":
      return askForPerson(deps, claimed, work);
    default:
      return timer(deps, claimed, work);
  }
}

async function askForPerson(
  deps: HealerDeps,
  claimed: Claimed,
  work: Extract<Work, { kind: "decided" }>,
): Promise<void> {
  const escalation = await deps.engine.reader
    .selectFrom("escalation_attempts")
    .selectAll()
    .where("escalation_id", "=", work.escalation)
    .executeTakeFirstOrThrow();
  await ask(deps, claimed, {
    projectId: claimed.projectId,
    triggerId: escalation.trigger_id,
    faultId: escalation.fault_id,
    target: escalation.target,
    authority: "person",
    cause: { source: "supervisor", trust: "authenticated", level: "fatal" },
    isAwaited: true,
  });
}

/** screen → evidence → commit. The work item goes in the same transaction as the verdict. */
async function ask(deps: HealerDeps, claimed: Claimed, request: Request): Promise<void> {
  const now = () => deps.clock.now();
  if (await deps.isExpected(request.projectId, request.target)) return postpone(deps, claimed);
  const screened = await screen(deps.engine.reader, now(), request, deps);
  let evidence = screened ? null : await deps.observe(request.projectId, request.target);
  for (;;) {
    const given = evidence;
    const verdict = await deps.writer.run(async (tx) => {
      const answer = await commit(tx, now(), request, given, deps);
      if (!answer) return null;
      await countHour(tx, request.projectId, request.triggerId, now(), answer.kind === "permitted" ? "fired" : "held");
      return (await finishWork(tx, claimed)) ? answer : fenced();
    });
    if (verdict) return announceVerdict(deps, request, verdict);
    evidence = await deps.observe(request.projectId, request.target);
  }
}

/** Comes back to it shortly: a supervisor that survived our restart needs a moment to be heard again. */
async function postpone(deps: HealerDeps, claimed: Claimed): Promise<void> {
  await deps.writer.run(async (tx) => {
    if (await finishWork(tx, claimed))
      await addWork(tx, deps.newId, claimed.projectId, deps.clock.now() + POSTPONE_MS, claimed.work);
  });
}

function fenced(): never {
  throw new Error("somebody else holds this work item by now");
}

function announceVerdict({ publish }: HealerDeps, request: Request, verdict: Verdict): void {
  publish({ topic: "attempts", id: verdict.attemptId, version: 1 });
  publish({ topic: "supervised", id: request.target, version: 1 });
  if (verdict.kind === "refused" && verdict.escalationId)
    publish({ topic: "escalations", id: verdict.escalationId, version: 1 });
  if (request.faultId) publish({ topic: "faults", id: request.faultId, version: 0 });
  publish({ topic: "ledger", id: "head", version: 0 });
}

type Timer = Exclude<Work, { kind: "evaluate" | "decided" }>;

async function timer(deps: HealerDeps, claimed: Claimed, work: Timer): Promise<void> {
  await deps.writer.run(async (tx) => {
    if (await finishWork(tx, claimed)) await onTime(tx, deps, work);
  });
  deps.publish({
    topic: work.kind === "default" ? "escalations" : "attempts",
    id: work.kind === "default" ? work.escalation : work.attempt,
    version: 0,
  });
  if (work.kind === "default") deps.publish({ topic: "supervised", id: "", version: 0 });
}

async function onTime(tx: Tx, { clock, newId }: HealerDeps, work: Timer): Promise<void> {
  const now = clock.now();
  switch (work.kind) {
    case "expire":
    case "abandon":
      return endInDoubt(tx, now, newId, work);
    case "verify": {
      const attempt = await tx.db
        .selectFrom("self_heal_attempts")
        .selectAll()
        .where("attempt_id", "=", work.attempt)
        .where("verification", "=", "watching")
        .executeTakeFirst();
      if (attempt) await endWatch(tx, now, attempt, "held");
      return;
    }
    case "default": {
      const open = await tx.db
        .selectFrom("escalation_attempts")
        .selectAll()
        .where("escalation_id", "=", work.escalation)
        .where("status", "=", "open")
        .executeTakeFirst();
      if (open)
        await decide(tx, { now, newId, escalationId: work.escalation, decision: open.default_decision, by: "default" });
    }
  }
}

/**
 * A permit that nobody redeemed in time, or an effect that nobody reported on: the program may be
 * down and nothing else is under way, so a person hears of it. Doubt counts as a failure.
 */
async function endInDoubt(
  tx: Tx,
  now: number,
  newId: NewId,
  work: Extract<Timer, { kind: "expire" | "abandon" }>,
): Promise<void> {
  const attempt = await tx.db
    .selectFrom("self_heal_attempts")
    .selectAll()
    .where("attempt_id", "=", work.attempt)
    .executeTakeFirst();
  if (!attempt || attempt.state !== (work.kind === "expire" ? "permitted" : "running")) return;
  await giveUp(tx, now, work.attempt);
  const request = {
    projectId: attempt.project_id,
    triggerId: attempt.trigger_id,
    faultId: attempt.fault_id,
    target: attempt.target,
  };
  await openEscalation(tx, { now, newId, request, reason: "ineffective", used: 0 });
}
