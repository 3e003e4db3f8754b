import type { SUPERVISED } from "@prunella/contract/operations";
import { crashEvent } from "../../supervisor/crash-event.ts";
import type { Context, Handlers } from "../handler.ts";

type All = Handlers<typeof SUPERVISED>;
type During = "report_crash" | "next_instruction" | "redeem_permit" | "report_outcome";
/** They take so little of what goes with a call that they are answered without the rest. */
type DuringDecision = {
  readonly [K in During]: (input: Parameters<All[K]>[0], given: Pick<Context, "kernel" | "now">) => ReturnType<All[K]>;
};

/** What supervisors say and ask in every decision. */
export const duringDecision: DuringDecision = {
  report_crash: ({ run, ...body }, { kernel, now }) =>
    kernel.supervised.crash(run, (target) => crashEvent(target, body, now())),
  next_instruction: ({ run, seen }, { kernel }) => kernel.supervised.next(run, seen ?? null),
  async redeem_permit({ id, fence }, { kernel }) {
    const { permitId, attemptId, projectId, expiresAt, ...ticket } = await kernel.redeemTicket(id, fence);
    return { ...ticket, permit_id: permitId, attempt_id: attemptId, project_id: projectId, expires_at: expiresAt };
  },
  report_outcome: ({ id, fence, state, pid }, { kernel }) => kernel.supervised.outcome(id, fence, state, pid),
};

export const supervised: All = {
  ...duringDecision,
  list_supervised: async (_input, { kernel, sees }) => ({
    supervised: (await kernel.supervised.list()).filter((row) => sees === null || sees.includes(row.project_id)),
  }),
  start_program: ({ name, project }, { kernel, by }) => kernel.act(project, name, "start", by),
  stop_program: ({ name, project }, { kernel, by }) => kernel.act(project, name, "stop", by),
  restart_program: ({ name, project }, { kernel, by }) => kernel.act(project, name, "restart", by),
  program_output: ({ name, project }, { kernel }) => kernel.supervised.output(project, name),
  async announce_run({ name, project, pid, policy }, { kernel }) {
    const { runId } = await kernel.supervised.announce({ projectId: project, name, pid, policy });
    return { run_id: runId, target: `program:${name}` };
  },
  report_vitals: ({ run, ...body }, { kernel }) => kernel.supervised.vitals(run, body),
  end_run: ({ run }, { kernel }) => kernel.supervised.end(run),
};
