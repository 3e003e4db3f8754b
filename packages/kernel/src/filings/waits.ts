import type { Core } from "../core.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";

/** A place that says nothing of when wants at least a minute, and longer each time. */
const UNSAID_MS = { first: 60_000, most: 3_600_000 };

export interface Wait {
  readonly until: number;
  readonly reason: string;
}

/**
 * When places outside may be asked again. It stands in the database and is slept on by nobody: a server that starts
 * anew, and every other one, asks nothing there before.
 */
export function createWaits({ db, writer, clock }: Core) {
  const read = async (place: string): Promise<Tables["outside_wait"] | undefined> =>
    (await rows<Tables["outside_wait"]>(db)`select * from outside_wait where place = ${place}`)[0];

  return {
    /** Null: it may be asked now. */
    async until(place: string): Promise<Wait | null> {
      const found = await read(place);
      return found === undefined || found.until <= clock.now() ? null : { until: found.until, reason: found.reason };
    },

    /** It said that it may be asked again after so long; null: it said nothing of when. Never shortens what stands. */
    async note(place: string, { afterMs, reason }: { afterMs: number | null; reason: string }): Promise<Wait> {
      return writer.run(async (tx) => {
        const now = clock.now();
        const [found] = await rows<Tables["outside_wait"]>(tx.db)`select * from outside_wait where place = ${place}`;
        // What was asked together and refused together is one refusal.
        const times = found === undefined ? 1 : found.until > now ? found.times : found.times + 1;
        const unsaid = Math.min(UNSAID_MS.most, UNSAID_MS.first * 2 ** Math.min(times - 1, 10));
        const until = Math.max(found?.until ?? 0, now + (afterMs ?? unsaid));
        await rows(tx.db)`insert into outside_wait (place, until, reason, times, noted_at)
          values (${place}, ${until}, ${reason}, ${times}, ${now})
          on conflict (place) do update set until = excluded.until, reason = excluded.reason, times = excluded.times, noted_at = excluded.noted_at
          returning 1`;
        return { until, reason };
      });
    },

    /** It answers again: the next wait that it says nothing of is a short one. */
    async eased(place: string): Promise<void> {
      const found = await read(place);
      if (found === undefined || found.until > clock.now()) return;
      await writer.run(
        (tx) => rows(tx.db)`delete from outside_wait where place = ${place} and until <= ${clock.now()} returning 1`,
      );
    },
  };
}
