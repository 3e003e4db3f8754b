import { PrunellaError } from "@prunella/contract";
import { sql } from "kysely";
import type { Remedies } from "../gate/remedy.ts";
import type { Redeemer } from "../gate/permit.ts";
import { ABANDON, ACT, EXPIRE } from "../gate/work.ts";
import { lockHead } from "../ledger/append.ts";
import type { Told } from "../nodes/notices.ts";
import type { Clock } from "../ports.ts";
import type { Engine, Tx } from "../store/engine.ts";
import type { Writer } from "../store/writer.ts";
import { setWork, workKind, type Item, type WorkKind } from "../work/kind.ts";
import { endWatch, giveUp } from "./end.ts";
import { handOn, recordOutcome, type OutcomeDeps } from "./outcome.ts";
import { argsOf, type AttemptRow } from "./row.ts";
import { VERIFY } from "./work.ts";

export interface FollowDeps extends OutcomeDeps {
  readonly engine: Engine;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly remedies: Remedies;
  readonly redeemer: Redeemer;
  /** True when a permit came to nothing because policy stands still now; then its trigger asks again. */
  readonly isHeld: (tx: Tx, attempt: AttemptRow) => Promise<boolean>;
  readonly publish: (notice: Told) => void;
}

/** Whoever asked sees to what comes of it: no next rung, and no question. */
const NOBODY: Pick<FollowDeps, "climb"> = { climb: async () => true };

/** So soon after whoever carried it out is gone it is given up. */
const LOOK_AGAIN_MS = 60_000;

type Named = { readonly attempt: string };

/** What follows a permit by itself: it is carried out where the remedy acts here, expires, is given up, is verified. */
export function followUps(deps: FollowDeps): WorkKind[] {
  const { writer, clock } = deps;

  const read = (attemptId: string): Promise<AttemptRow | undefined> =>
    deps.engine.reader
      .selectFrom("self_heal_attempts")
      .selectAll()
      .where("attempt_id", "=", attemptId)
      .executeTakeFirst();

  function tell({ attempt_id: id, target: about }: AttemptRow): void {
    deps.publish({ topic: "attempts", id, version: 0, about });
    deps.publish({ topic: "ledger", id: "head", version: 0 });
  }

  /** Nobody redeemed it, or nobody reported on it: the target may be down and nothing else is under way. */
  async function endInDoubt({ payload, finish }: Item<Named>, state: "permitted" | "running"): Promise<void> {
    const ended = await writer.run(async (tx) => {
      finish(tx);
      const attempt = await giveUp(tx, clock.now(), payload.attempt, [state]);
      if (!attempt) return null;
      if (deps.remedies.get(attempt.action ?? "")?.asksNobody) return attempt;
      // Nobody is asked about what stands still on purpose; what was begun is another thing.
      if (state === "running" || !(await deps.isHeld(tx, attempt))) await handOn(tx, deps, attempt);
      return attempt;
    });
    if (!ended) return;
    tell(ended);
    deps.publish({ topic: "escalations", id: "", version: 0, about: ended.target });
  }

  /** Whoever carries it out may still be at it: then it is looked at again, and nothing is given up. */
  async function endUnreported(item: Item<Named>): Promise<void> {
    const { projectId, workId, payload, finish } = item;
    const attempt = await read(payload.attempt);
    const remedy = attempt?.state === "running" ? deps.remedies.get(attempt.action ?? "") : undefined;
    const until = attempt && remedy?.underWay ? await remedy.underWay(deps.engine.reader, argsOf(attempt)) : null;
    const now = clock.now();
    if (until === null || until <= now) return endInDoubt(item, "running");
    await writer.run(async (tx) => {
      finish(tx);
      setWork(tx, workId, { kind: ABANDON, projectId, dueAt: Math.min(until, now + LOOK_AGAIN_MS), payload });
    });
  }

  async function carryOut({ projectId, workId, payload, finish }: Item<Named>): Promise<void> {
    const attempt = await read(payload.attempt);
    const remedy = deps.remedies.get(attempt?.action ?? "");
    const permit = await deps.engine.reader
      .selectFrom("permit")
      .selectAll()
      .where("project_id", "=", projectId)
      .where("attempt_id", "=", payload.attempt)
      .where("redeemed_at", "is", null)
      .executeTakeFirst();
    if (!attempt || attempt.state !== "permitted" || !permit || !remedy?.act) return writer.run(finish);
    const redeemed = await deps.redeemer(permit.permit_id, permit.fence).catch(whyNot);
    // What turned it away does not come back within its time, so nobody has to wait for that.
    if (redeemed === "refused" && clock.now() >= permit.not_before)
      return endInDoubt({ projectId, workId, payload, finish }, "permitted");
    // Redeeming was the single use: from here on the attempt itself says how far it has come.
    await writer.run(finish);
    if (redeemed === "refused" || redeemed === "unknown") return;
    const isDone = await remedy.act(redeemed).catch(() => false);
    const asks = remedy.asksNobody ? { ...deps, ...NOBODY } : deps;
    await writer.run((tx) =>
      recordOutcome(tx, asks, {
        now: clock.now(),
        attemptId: attempt.attempt_id,
        fence: permit.fence,
        state: isDone ? "succeeded" : "failed",
      }),
    );
    tell(attempt);
  }

  async function verify({ payload, finish }: Item<Named>): Promise<void> {
    const attempt = await read(payload.attempt);
    const remedy = deps.remedies.get(attempt?.action ?? "");
    // No evidence is not success.
    const found =
      attempt && remedy
        ? await remedy.verify(attempt.project_id, attempt.target, argsOf(attempt)).catch(() => "inconclusive" as const)
        : "inconclusive";
    const ended = await writer.run(async (tx) => {
      finish(tx);
      await lockHead(tx);
      const watched = await tx.db
        .selectFrom("self_heal_attempts")
        .selectAll()
        .where("attempt_id", "=", payload.attempt)
        .where("verification", "=", sql.lit("watching"))
        .executeTakeFirst();
      if (!watched) return null;
      const isFirst = await endWatch(tx, clock.now(), watched, found === "healthy" ? "held" : "ineffective");
      if (!isFirst) return null;
      if (found !== "healthy" && !remedy?.asksNobody) await handOn(tx, deps, watched);
      return watched;
    });
    if (!ended) return;
    tell(ended);
    if (ended.fault_id) deps.publish({ topic: "faults", id: ended.fault_id, version: 0 });
  }

  /** A permit that was refused is void; of anything else nobody knows whether it was used. */
  const whyNot = (cause: unknown) =>
    cause instanceof PrunellaError && cause.code === "PRUNELLA_PERMIT_INVALID"
      ? ("refused" as const)
      : ("unknown" as const);

  return [
    workKind(ACT, carryOut),
    workKind(EXPIRE, (item) => endInDoubt(item, "permitted")),
    workKind(ABANDON, endUnreported),
    workKind(VERIFY, verify),
  ];
}
