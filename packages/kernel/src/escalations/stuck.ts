import type { Escalate } from "../gate/episode.ts";
import type { Tx } from "../store/engine.ts";
import { setAside, takeUpAgain } from "../work/queue.ts";
import type { Asker } from "./asker.ts";

export const STUCK = "work";
const target = (workId: string): string => `prunella:work/${workId}`;

/** A step of our own that keeps failing is Prunella's own failure: a person is asked, nothing heals it. */
export const stuckWork = (now: () => number): Asker => ({
  name: STUCK,
  question: () => "A step of Prunella's own keeps failing. Try it again, or set it aside?",
  choices: [
    {
      name: "try_again",
      effect: "leave",
      label: "Try again",
      promise: "The step is tried again, from its beginning.",
      done: "is tried again",
    },
    {
      name: "set_aside",
      effect: "leave",
      label: "Set aside",
      promise: "The step is dropped and never tried again.",
      done: "is set aside",
    },
  ],
  defaultChoice: "set_aside",
  async leave(tx, escalation, decision) {
    const workId = escalation.target.slice(target("").length);
    if (decision === "try_again") await takeUpAgain(tx, workId, now());
    else await setAside(tx, workId);
  },
});

export const escalateStuck =
  (escalate: Escalate) =>
  async (tx: Tx, item: { projectId: string; workId: string }): Promise<void> => {
    await escalate(tx, {
      projectId: item.projectId,
      asker: STUCK,
      triggerId: null,
      faultId: null,
      target: target(item.workId),
      reason: "step_failed",
      cause: null,
      args: null,
      requestedBy: null,
    });
  };
