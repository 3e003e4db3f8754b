import { useQueryClient } from "@tanstack/react-query";
import type { FaultRow, FaultStatus } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { plural } from "../parts/words.ts";
import { toast } from "../shell/toasts.tsx";

export type FaultAction = "resolve" | "mute" | "reopen";
type Target = Pick<FaultRow, "id" | "status">;

const DONE: Record<FaultAction, string> = { resolve: "resolved", mute: "muted", reopen: "reopened" };
/** What brings a fault back to the state it had. */
const BACK: Record<FaultStatus, FaultAction> = {
  open: "reopen",
  regressed: "reopen",
  resolved: "resolve",
  muted: "mute",
};
/** Few at once, so that a large selection does not crowd out the page's own requests. */
const AT_ONCE = 4;

/** Resolves, mutes or reopens faults one by one, says what came of it, and offers the way back. */
export function useFaultActions(): (action: FaultAction, faults: readonly Target[]) => Promise<void> {
  const client = useQueryClient();

  const send = async (
    jobs: readonly { id: string; action: FaultAction }[],
  ): Promise<{ done: Set<string>; failure: ApiFailure | null }> => {
    const queue = [...jobs];
    const done = new Set<string>();
    let failure: ApiFailure | null = null;
    const work = async () => {
      for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
        try {
          await call(`POST /v1/faults/:id/${job.action}`, { id: job.id });
          done.add(job.id);
        } catch (error) {
          if (!(error instanceof ApiFailure)) throw error;
          failure = error;
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await Promise.all(["faults", "fault", "explain"].map((key) => client.invalidateQueries({ queryKey: [key] })));
    return { done, failure };
  };

  return async (action, faults) => {
    const before = faults.map(({ id, status }) => ({ id, status }));
    const { done, failure } = await send(before.map(({ id }) => ({ id, action })));
    if (failure !== null)
      toast(`${plural(before.length - done.size, "fault")} could not be ${DONE[action]}. ${failure.message}`, {
        bad: true,
      });
    if (done.size === 0) return;
    const undo = () => {
      const back = before.filter(({ id }) => done.has(id)).map(({ id, status }) => ({ id, action: BACK[status] }));
      void send(back).then((result) => {
        if (result.failure !== null) toast(`Undo did not work. ${result.failure.message}`, { bad: true });
      });
    };
    toast(`${plural(done.size, "fault")} ${DONE[action]}.`, { undo });
  };
}
