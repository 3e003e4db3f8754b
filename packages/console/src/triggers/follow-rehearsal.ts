import type { Rehearsal, RehearsalReport } from "@prunella/contract";

/**
 * Looks at a rehearsal until it is over; null when whoever asked has left. It goes on without them, and nobody is
 * here to be told.
 */
export async function followRehearsal(
  begun: Rehearsal,
  given: {
    readonly read: (id: string) => Promise<Rehearsal>;
    /** Between two looks. */
    readonly pause: () => Promise<void>;
    readonly onProgress: (words: string) => void;
    readonly left: AbortSignal;
  },
): Promise<RehearsalReport | null> {
  let rehearsal = begun;
  while (rehearsal.status === "running") {
    const { replayed, total } = rehearsal;
    given.onProgress(total === null ? "Reading what came in." : `${replayed} of ${total} rows played.`);
    await given.pause();
    if (given.left.aborted) return null;
    rehearsal = await given.read(rehearsal.id);
  }
  if (rehearsal.report === null) throw new Error(rehearsal.error ?? "It ended without a report.");
  return rehearsal.report;
}
