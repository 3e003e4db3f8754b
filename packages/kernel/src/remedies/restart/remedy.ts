import { z } from "zod";
import { idOf, type Remedy } from "../../gate/remedy.ts";
import type { Engine } from "../../store/engine.ts";
import type { Presence } from "./presence.ts";
import { currentRun, leaveDown } from "./run.ts";
import { isFoundIll } from "./found-ill.ts";
import { PROGRAM, REACH, RESTART } from "./trigger.ts";

/** Starts a supervised program again. Its supervisor carries it out: it asks, redeems and reports. */
export function createRestart({ db, presence }: { db: Engine["reader"]; presence: Presence }): Remedy {
  return {
    name: RESTART,
    targetKinds: [PROGRAM],
    args: z.strictObject({}),
    readsRowsAlone: true,
    async observe(projectId, target, _args, rows) {
      const run = await currentRun(rows, projectId, target);
      if (run === null) return null;
      const isIll = await isFoundIll(rows, run);
      return {
        isReachable: presence.isConnected(run),
        // Stopped by a person is as it should be: no policy acts on it.
        isHealthy: (run.state === "running" && !isIll) || run.state === "stopped",
        staysDown: run.state === "waiting" || isIll,
        // The run that is meant: a later one of the same name is another.
        args: { run: run.run_id },
      };
    },
    act: null,
    async verify(projectId, target, args) {
      const run = await currentRun(db, projectId, target);
      // A run that ended cleanly or was replaced did not fail; one that is down did.
      if (run === null || run.run_id !== args.run) return "healthy";
      return run.state === "running" && !(await isFoundIll(db, run)) ? "healthy" : "unhealthy";
    },
    mayTouchHealthy: true,
    symptoms: [],
    choices: [
      {
        name: "restart_once",
        effect: "act",
        label: "Restart once",
        promise: "One more start, outside the budget. If it fails again, you are asked again.",
        done: "is restarted once more",
      },
      {
        name: "leave_stopped",
        effect: "leave",
        label: "Leave stopped",
        promise: (projectId, target) =>
          `It stays down until somebody starts it: \`prunella start ${idOf(target)} --project ${projectId}\`.`,
        done: "stays stopped",
      },
    ],
    defaultChoice: "leave_stopped",
    leave: leaveDown,
    words: {
      verb: "restart",
      done: "restarted",
      name: idOf,
      question: (target) => `Restart ${idOf(target)} once more, or leave it stopped?`,
      missing: (target) => `No supervised program ${idOf(target)} is connected.`,
      healthy: (target) =>
        `The program ${idOf(target)} is running and nothing found it ill, or it was stopped by a person.`,
      reach: REACH,
      settings: {
        budget_exhausted: "Decide the escalation, or raise restart.budget.",
        ceiling_reached: "Wait for the active attempt, or raise restart.ceiling.",
        debounced: "Lower restart.debounce.",
      },
    },
  };
}
