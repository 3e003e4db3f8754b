import { useQueryClient } from "@tanstack/react-query";
import type { FaultRow } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { brief, plural } from "../parts/words.ts";
import { toast } from "../shell/toasts.tsx";

type Named = Pick<FaultRow, "id" | "title">;
/** A fault that went into another, and those that had been merged into it before and went along. */
type Moved = { id: string; along: string[] };

const merge = (id: string, fault: string) => call("POST /v1/faults/:id/merge", { id, fault });
const unmerge = (id: string) => call("POST /v1/faults/:id/unmerge", { id });

/** The one that takes the others in: that with most events, which is the one people know. */
export function largest<F extends Pick<FaultRow, "count" | "first_seen">>(faults: readonly F[]): F | undefined {
  return faults.toSorted((a, b) => b.count - a.count || a.first_seen - b.first_seen)[0];
}

/** Merges faults and takes them apart; says what came of it and offers the way back. */
export function useMerging() {
  const client = useQueryClient();
  /** Runs the steps, fetches again what they touched, and says when one of them failed. */
  const attempt = async (failed: string, steps: () => Promise<void>): Promise<boolean> => {
    try {
      await steps();
      return true;
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      toast(`${failed} ${error.message} ${error.hint ?? ""}`, { bad: true });
      return false;
    } finally {
      await Promise.all(["faults", "fault", "explain"].map((key) => client.invalidateQueries({ queryKey: [key] })));
    }
  };

  const mergeAll = async (into: Named, others: readonly Named[]): Promise<void> => {
    const moved: Moved[] = [];
    await attempt("Not all of them were merged.", async () => {
      const before = await call("GET /v1/faults/:id", { id: into.id });
      const known = new Set(before.merged.map(({ id }) => id));
      for (const { id } of others) {
        const { merged } = await merge(into.id, id);
        moved.push({ id, along: merged.map((each) => each.id).filter((each) => each !== id && !known.has(each)) });
        for (const each of merged) known.add(each.id);
      }
    });
    if (moved.length === 0) return;
    const undo = () =>
      void attempt("Undo did not work.", async () => {
        for (const { id, along } of moved.toReversed()) {
          await unmerge(id);
          for (const each of along) {
            await unmerge(each);
            await merge(id, each);
          }
        }
      });
    toast(`${plural(moved.length, "fault")} merged into ${brief(into.title)}.`, { undo });
  };

  const takeOut = async (fault: Named, from: string): Promise<void> => {
    const done = await attempt("It was not taken out.", async () => void (await unmerge(fault.id)));
    if (!done) return;
    const undo = () => void attempt("Undo did not work.", async () => void (await merge(from, fault.id)));
    toast(`${brief(fault.title)} stands by itself again.`, { undo });
  };

  return { merge: mergeAll, takeOut };
}
