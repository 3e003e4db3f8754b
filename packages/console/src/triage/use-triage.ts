import { useQueryClient } from "@tanstack/react-query";
import type { FaultRow, Triage, TriageResult } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { useMay } from "../api/may.ts";
import { plural } from "../parts/words.ts";
import { toast } from "../shell/toasts.tsx";

const DONE: Record<Triage["action"], string> = {
  resolve: "resolved",
  mute: "muted",
  reopen: "reopened",
  snooze: "snoozed",
  assign: "assigned",
  note: "noted",
};

/** As many as the API takes at once. */
const AT_ONCE = 500;

/**
 * Says the same about faults, tells what came of it, and offers the way back. It is sent at once: a page
 * that is closed loses nothing. Undo is a change of its own, which the page of the fault offers later too.
 */
export function useTriage() {
  const client = useQueryClient();
  const may = useMay();

  const each = async <T>(given: readonly T[], send: (some: T[]) => Promise<{ results: TriageResult[] }>) => {
    const results: TriageResult[] = [];
    let failure: string | null = null;
    try {
      for (let at = 0; at < given.length; at += AT_ONCE)
        results.push(...(await send(given.slice(at, at + AT_ONCE))).results);
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      failure = `${error.message} ${error.hint ?? ""}`.trim();
    }
    await Promise.all(["faults", "fault", "explain"].map((key) => client.invalidateQueries({ queryKey: [key] })));
    return { done: results.filter(({ error }) => error === null), failure: failure ?? firstError(results) };
  };

  const undo = async (changes: readonly string[]): Promise<void> => {
    const { failure } = await each(changes, (some) => call("POST /v1/faults/undo", { changes: some }));
    if (failure !== null) toast(`Undo did not work. ${failure}`, { bad: true });
  };

  const say = async (triage: Triage, faults: readonly Pick<FaultRow, "id" | "project_id">[]): Promise<boolean> => {
    const why = whyNone(may, faults);
    if (why !== null) {
      toast(why, { bad: true });
      return false;
    }
    const { done, failure } = await each(
      faults.map(({ id }) => id),
      (ids) => call("POST /v1/faults/triage", { ids, triage }),
    );
    if (failure !== null)
      toast(`${plural(faults.length - done.length, "fault")} could not be ${DONE[triage.action]}. ${failure}`, {
        bad: true,
      });
    if (done.length === 0) return false;
    const changes = done.flatMap(({ change }) => change ?? []);
    toast(`${plural(done.length, "fault")} ${wordsOf(triage)}.`, { undo: () => void undo(changes) });
    return true;
  };
  return { say, undo };
}

/** Of many the server answers each; a key is pressed for nothing only when it may be done to none. */
export function whyNone(
  may: ReturnType<typeof useMay>,
  faults: readonly Pick<FaultRow, "project_id">[],
): string | null {
  const reasons = faults.map(({ project_id }) => may("POST /v1/faults/triage", project_id));
  return reasons.every((reason) => reason !== null) ? (reasons[0] ?? null) : null;
}

const firstError = (results: readonly TriageResult[]): string | null =>
  results.find(({ error }) => error !== null)?.error?.message ?? null;

function wordsOf(triage: Triage): string {
  if (triage.action === "assign")
    return triage.assignee === null ? "assigned to nobody" : `assigned to ${triage.assignee}`;
  return triage.action === "resolve" && triage.in_next_release ? "resolved in the next release" : DONE[triage.action];
}
