import type { SupervisedRow, VitalsBody } from "@prunella/contract";
import type { Scrubber } from "@prunella/scrub";
import type { Clock } from "../../ports.ts";

/** What a person reads at a glance. */
const LINES = 20;
/** A line that is longer is cut, after it was scrubbed. */
const LINE_LENGTH = 500;
/** Programs that are remembered; the one that was silent longest is forgotten first. */
const MOST = 1_000;

interface Known {
  readonly vitals: NonNullable<SupervisedRow["vitals"]>;
  readonly lines: readonly string[];
}

export type Vitals = ReturnType<typeof createVitals>;

/**
 * How programs are, as their supervisors last said, by run. In the memory of the process that they speak with
 * and nowhere else: it is of no use a minute later, and what a program writes is nobody's record.
 */
export function createVitals({ clock, scrubText }: { clock: Pick<Clock, "now">; scrubText: Scrubber["scrubText"] }) {
  const known = new Map<string, Known>();
  return {
    note(runId: string, { rss_bytes, cpu, output }: VitalsBody): void {
      // As one text: what a secret is shows only in the lines about it.
      const lines = scrubText(output).text.value.replace(/\n$/, "").split("\n").slice(-LINES).map(cut);
      known.delete(runId);
      known.set(runId, { vitals: { at: clock.now(), rss_bytes, cpu }, lines: output === "" ? [] : lines });
      const [oldest] = known.keys();
      if (known.size > MOST && oldest !== undefined) known.delete(oldest);
    },
    forget: (runId: string): void => void known.delete(runId),
    of: (runId: string): SupervisedRow["vitals"] => known.get(runId)?.vitals ?? null,
    output(runId: string): { lines: string[]; at: number | null } {
      const found = known.get(runId);
      return { lines: [...(found?.lines ?? [])], at: found?.vitals.at ?? null };
    },
  };
}

function cut(line: string): string {
  const points = [...line];
  return points.length <= LINE_LENGTH ? line : `${points.slice(0, LINE_LENGTH - 1).join("")}…`;
}
