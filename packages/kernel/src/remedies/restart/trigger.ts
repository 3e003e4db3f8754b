import { AT_ALL_TIMES } from "@prunella/contract";
import type { RestartPolicy, Trigger } from "@prunella/contract";
import { idOf } from "../../gate/remedy.ts";

export const RESTART = "restart";
export const START = "start";
export const STOP = "stop";
/** What can be done to a program that is supervised. */
export const OF_PROGRAMS: readonly string[] = [RESTART, START, STOP];
export const PROGRAM = "program";
/** What helps where nobody could carry it out. */
export const REACH = "Start what supervises it again, its server or its own run: `prunella run --help` says how.";

export const targetOfProgram = (name: string): string => `${PROGRAM}:${name}`;

/** A restart takes moments; a supervisor that says nothing for this long has gone. */
const RESTART_MS = 60_000;

/** The id of the trigger that a program's own supervisor registers. */
export const ownTrigger = (target: string): string => `restart-${idOf(target)}`;

/** The trigger that `prunella run` and `supervise:` register for one program; naming it is the opt-in. */
export function restartTrigger(projectId: string, name: string, policy: RestartPolicy): Trigger {
  const target = targetOfProgram(name);
  return {
    id: ownTrigger(target),
    project_id: projectId,
    condition: { target, level: "error" },
    target: null,
    remedies: [{ action: RESTART, args: {}, timeout_ms: RESTART_MS }],
    debounce: policy.debounce,
    budgets: [{ ...policy.budget, scope: "trigger" }],
    ceilings: [{ scope: "trigger", max: policy.ceiling }],
    backoff: policy.backoff,
    verify_ms: policy.verify_ms,
    ...AT_ALL_TIMES,
    envelope: {
      enabled: true,
      actions: [RESTART],
      targets: [target],
      expected_symptoms: [],
      allow_public: false,
      excludes: ["every program but this one", "stopping a program for good", "changing its command or environment"],
    },
    version: 1,
  };
}
