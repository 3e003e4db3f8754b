import type { Gate } from "../gate/gate.ts";
import type { Clock } from "../ports.ts";
import type { NewId } from "../ids.ts";
import type { Writer } from "../store/writer.ts";
import { addWork, POSTPONE_MS, workKind, type Item, type WorkKind } from "../work/kind.ts";
import { countFired } from "./hours.ts";
import { EVALUATE, EVALUATE_PUBLIC, type Evaluation } from "./work.ts";

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
      addWork(tx, newId, { kind: EVALUATE, projectId, dueAt: clock.now() + POSTPONE_MS, payload });
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
        if (verdict.kind === "permitted") countFired(tx, projectId, payload.trigger, clock.now());
        finish(tx);
      },
    );
  };
  return [workKind(EVALUATE, evaluate), workKind(EVALUATE_PUBLIC, evaluate)];
}
