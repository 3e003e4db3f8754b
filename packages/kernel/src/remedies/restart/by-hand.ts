import { PrunellaError, type Actor, type ProgramAnswer } from "@prunella/contract";
import { z } from "zod";
import type { Core } from "../../core.ts";
import { voidPermitsOf } from "../../attempts/end.ts";
import type { Gate } from "../../gate/gate.ts";
import { idOf, type Remedies, type Remedy } from "../../gate/remedy.ts";
import { changeWith } from "../../gate/ways.ts";
import type { Presence } from "./presence.ts";
import { currentRun, type Run } from "./run.ts";
import { PROGRAM, REACH, RESTART, START, STOP, targetOfProgram } from "./trigger.ts";

export type ByHand = typeof START | typeof STOP | typeof RESTART;

interface ByHandDeps {
  readonly db: Core["db"];
  readonly presence: Presence;
}

/** What only people ask for, beside the restart: no trigger of ours starts or stops a program. */
export function createStartAndStop({ db, presence }: ByHandDeps): Remedy[] {
  const looking = (isWell: (run: Run) => boolean) => ({
    targetKinds: [PROGRAM],
    args: z.strictObject({}),
    readsRowsAlone: true as const,
    async observe(projectId: string, target: string, _args: unknown, rows: Core["db"]) {
      const run = await currentRun(rows, projectId, target);
      if (run === null) return null;
      return {
        isReachable: presence.isConnected(run),
        isHealthy: isWell(run),
        // Nobody is asked again about what a person has just asked for.
        staysDown: false,
        args: { run: run.run_id },
      };
    },
    async verify(projectId: string, target: string, args: { readonly run?: unknown }) {
      const run = await currentRun(db, projectId, target);
      return run === null || run.run_id !== args.run || isWell(run) ? ("healthy" as const) : ("unhealthy" as const);
    },
    act: null,
    mayTouchHealthy: false,
    symptoms: [],
    choices: [SEEN],
    defaultChoice: SEEN.name,
    leave: async () => undefined,
  });
  const words = {
    name: idOf,
    missing: (target: string) => `No supervised program ${idOf(target)} is connected.`,
    reach: REACH,
    settings: { ceiling_reached: "Wait for the attempt that is under way." },
  };
  return [
    {
      ...looking(({ state }) => state === "running"),
      name: START,
      words: {
        ...words,
        verb: "start",
        done: "started",
        question: (target) => `${idOf(target)} could not be started.`,
        healthy: (target) => `The program ${idOf(target)} is running.`,
      },
    },
    {
      ...looking(({ state }) => state === "stopped"),
      name: STOP,
      words: {
        ...words,
        verb: "stop",
        done: "stopped",
        question: (target) => `${idOf(target)} could not be stopped.`,
        healthy: (target) => `The program ${idOf(target)} is stopped.`,
      },
    },
  ];
}

const SEEN = {
  name: "seen",
  effect: "leave",
  label: "Seen",
  promise: "Nothing is done.",
  done: "is left as it is",
} as const;

/** A person has a program started, stopped or restarted: through the gate, and its supervisor does it. */
export function createByHand(deps: Core & { readonly gate: Gate; readonly remedies: Remedies }) {
  return async (projectId: string, name: string, action: ByHand, by: Actor): Promise<ProgramAnswer> => {
    const target = targetOfProgram(name);
    if ((await currentRun(deps.db, projectId, target)) === null) throw notSupervised(projectId, name);
    // What was permitted and has not begun is void: a person's word comes after it.
    const voided = await deps.writer.run((tx) => voidPermitsOf(tx, deps.clock.now(), projectId, target));
    for (const { attempt_id: id } of voided) deps.publish("attempts", id, 0, target);
    const verdict = await deps.gate.ask({
      projectId,
      subject: { kind: "person", id: by.id ?? "operator" },
      triggerId: null,
      action,
      target,
      args: {},
      because: { kind: "call", id: deps.newId() },
      faultId: null,
      cause: null,
      isAwaited: true,
    });
    if (verdict.kind === "permitted")
      return { verdict: "permitted", refusal: null, detail: null, change_with: null, attempt_id: verdict.attemptId };
    const { refusal, detail } = verdict.refused;
    return {
      verdict: "refused",
      refusal,
      detail,
      change_with: changeWith(refusal, deps.remedies.get(action), projectId),
      attempt_id: verdict.attemptId,
    };
  };
}

export const notSupervised = (projectId: string, name: string): PrunellaError =>
  new PrunellaError("PRUNELLA_NOT_FOUND", {
    detail: `There is no supervised program ${name} in the project ${projectId}.`,
    hint: "List them with `prunella programs`.",
  });
