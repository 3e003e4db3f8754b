import type { Clock, Kernel } from "@prunella/kernel";
import { systemClock } from "../platform/clock.ts";
import { crashEvent } from "./crash-event.ts";
import type { SupervisorPort } from "./port.ts";

/** The port of the owner itself. */
export function createLocalPort(kernel: Kernel, clock: Pick<Clock, "now"> = systemClock): SupervisorPort {
  return {
    announce: ({ project, ...given }) => kernel.supervised.announce({ ...given, projectId: project }),
    crash: (runId, body) => kernel.supervised.crash(runId, (target) => crashEvent(target, body, clock.now())),
    vitals: (runId, body) => kernel.supervised.vitals(runId, body),
    next: (runId, seen) => kernel.supervised.next(runId, seen),
    redeem: kernel.redeemer,
    outcome: (attemptId, fence, state, pid) => kernel.supervised.outcome(attemptId, fence, state, pid),
    end: (runId) => kernel.supervised.end(runId),
  };
}
