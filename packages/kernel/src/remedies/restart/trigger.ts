import type { RestartPolicy, Trigger } from "@prunella/contract";

export const RESTART = "restart";
export const PROGRAM = "program";

export const targetOfProgram = (name: string): string => `${PROGRAM}:${name}`;

/** The trigger that `prunella run` and `supervise:` register for one program; naming it is the opt-in. */
export function restartTrigger(projectId: string, name: string, policy: RestartPolicy): Trigger {
  const target = targetOfProgram(name);
  return {
    id: `restart-${name}`,
    project_id: projectId,
    condition: { target, min_level: "error" },
    action: RESTART,
    args: {},
    debounce: policy.debounce,
    budgets: [{ ...policy.budget, scope: "trigger" }],
    ceilings: [{ scope: "trigger", max: policy.ceiling }],
    backoff: policy.backoff,
    verify_ms: policy.verify_ms,
    envelope: {
      enabled: true,
      actions: [RESTART],
      targets: [target],
      expected_symptoms: [],
      allow_public: false,
      excludes: ["every program but this one", "stopping a program that runs", "changing its command or environment"],
    },
    version: 1,
  };
}
