import type { Gate } from "../gate/gate.ts";
import type { Clock } from "../ports.ts";
import type { NewId } from "../ids.ts";
import type { Tx } from "../store/engine.ts";
import type { Writer } from "../store/writer.ts";
import { addOnce, addWork, POSTPONE_MS, workKind, type Item, type WorkKind } from "../work/kind.ts";
import { countFired } from "./hours.ts";
import { againName, EVALUATE, EVALUATE_PUBLIC, evaluationOf, type Evaluation } from "./work.ts";

export interface EvaluateDeps {
  readonly gate: Gate;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Whether somebody should be there for the target and has not been heard of yet; then judging waits. */
  readonly isExpected: (projectId: string, target: string) => Promise<boolean>;
}

/** A condition held: the trigger asks the gate. The item goes in the same unit as the verdict. */
export function evaluations({ gate, writer, clock, newId, isExpected }: EvaluateDeps): WorkKind[] {
  async function postpone({ projectId, payload, finish }: Item<Evaluation>): Promise<void> {
    await writer.run(async (tx) => {
      finish(tx);
      addWork(tx, newId, { kind: evaluationOf(payload), projectId, dueAt: clock.now() + POSTPONE_MS, payload });
    });
  }

  const evaluate = async (item: Item<Evaluation>): Promise<void> => {
    const { projectId, workId, payload, finish } = item;
    if (await isExpected(projectId, payload.target)) return postpone(item);
    await gate.ask(
      {
        projectId,
        subject: { kind: "trigger", id: payload.trigger },
        triggerId: payload.trigger,
        action: null,
        target: payload.target,
        args: {},
        because: { kind: "evaluation", id: workId },
        faultId: payload.fault,
        cause: payload.cause,
        // A supervisor waits for what is done about each crash; everything else is judged once per fold.
        isAwaited: payload.cause.source === "supervisor",
      },
      async (tx, verdict) => {
        const again = verdict.kind === "refused" ? verdict.refused.passesAt : null;
        if (again !== null) askThen(tx, again, projectId, payload);
        if (verdict.kind === "permitted") countFired(tx, projectId, payload.trigger, clock.now());
        finish(tx);
      },
    );
  };
  return [workKind(EVALUATE, evaluate), workKind(EVALUATE_PUBLIC, evaluate)];
}

/** What refused passes by itself: the trigger asks again then, once for a target however often it failed in between. */
export const askThen = (tx: Tx, dueAt: number, projectId: string, payload: Evaluation): void =>
  addOnce(tx, againName(projectId, payload, dueAt), { kind: evaluationOf(payload), projectId, dueAt, payload });
