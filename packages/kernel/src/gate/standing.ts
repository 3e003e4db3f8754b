import { ActionWindow, type Trigger } from "@prunella/contract";
import type { Calendar } from "../ports.ts";
import type { Engine } from "../store/engine.ts";
import { part, rows, unionAll, type Part } from "../store/rows.ts";
import { closesLast } from "./windows.ts";

/** What stands in the way of policy for a while. */
export interface Standing {
  readonly pauses: readonly Pausing[];
  /** Maintenance of the target ends then; null: there is none. */
  readonly maintenanceUntil: number | null;
  /** The trigger's quiet hours end then; null: it has none now. */
  readonly quietUntil: number | null;
}

export interface Pausing {
  readonly reason: string;
  /** Of this trigger alone, or of the whole project. */
  readonly isOfTrigger: boolean;
  readonly until: number | null;
}

/** As a line of facts says it. */
interface Line {
  readonly fact: string;
  readonly n: number;
  readonly said: string;
}

/**
 * Parts of the one statement that reads facts: its columns are fact, nth, n, at and said. "For ever" is written as
 * the indexes of what stands write it.
 */
export const standingParts = (
  now: number,
  { projectId, triggerId, target }: { projectId: string; triggerId: string | null; target: string },
): Part[] => [
  part`select 'pause' as fact, 0 as nth, coalesce(until_at, 0) as n, since as at, trigger_id || ' ' || reason as said from pause
    where project_id = ${projectId} and trigger_id in ('', ${triggerId ?? ""}) and lifted_at is null and coalesce(until_at, 9007199254740991) > ${now}`,
  part`select 'maintenance' as fact, 0 as nth, 0 as n, created_at as at, spec as said from maintenance
    where project_id in ('*', ${projectId}) and target in ('', ${target}) and ended_at is null
      and coalesce(closes_at, 9007199254740991) > ${now}`,
];

/** What stands in the way now, where nothing else is asked; `trigger`: whose windows count, read at the same time. */
export async function readStanding(
  db: Engine["reader"],
  of: Parameters<typeof standingParts>[1],
  given: { readonly now: number; readonly trigger: Promise<Trigger | null>; readonly calendar: Calendar },
): Promise<Standing> {
  const reading = rows<Line>(db)`${unionAll(standingParts(given.now, of))}`;
  const [lines, trigger] = await Promise.all([reading, given.trigger]);
  return standingOf(lines, { ...given, trigger });
}

export function standingOf(
  lines: readonly Line[],
  given: { readonly now: number; readonly trigger: Trigger | null; readonly calendar: Calendar },
): Standing {
  const { now, trigger, calendar } = given;
  const said = (fact: string) => lines.filter((line) => line.fact === fact);
  const maintenance = said("maintenance").map((line) => ActionWindow.parse(JSON.parse(line.said)));
  return {
    pauses: said("pause")
      .map(({ n, said: text }) => ({
        reason: text.slice(text.indexOf(" ") + 1),
        isOfTrigger: !text.startsWith(" "),
        until: n === 0 ? null : n,
      }))
      .toSorted((a, b) => (a.reason < b.reason ? -1 : 1)),
    maintenanceUntil: closesLast([...maintenance, ...(trigger?.windows.maintenance ?? [])], now, calendar),
    quietUntil: closesLast(trigger?.windows.quiet ?? [], now, calendar),
  };
}
