import { PrunellaError } from "@prunella/contract";
import type { DeltaKey } from "../store/columns.ts";
import type { Engine } from "../store/engine.ts";
import { listed, part, rows, type Part } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";

type Row = Tables["delta"];

/** What came in, in the order of its last moments: names are kept once, and of each delta four numbers. */
export interface Deltas {
  readonly size: number;
  readonly events: number;
  /** Each different name, with what is known of its fault. */
  readonly names: readonly Named[];
  /** The n-th in time. */
  at(nth: number): OneDelta;
}

/** Before this moment some counts are of whole hours or days; null: all of them tell the second. */
export function coarseBefore({ names }: Deltas, since: number): number | null {
  const coarse = Math.max(0, ...names.map(({ fault }) => fault.coarseTo * 1_000));
  return coarse > since ? coarse : null;
}

export interface OneDelta {
  /** Of `names`. */
  readonly name: number;
  readonly at: number;
  readonly second: number;
  readonly count: number;
  /** It holds the first event of its fault. */
  readonly isFirst: boolean;
}

export interface Named extends DeltaKey {
  readonly fault: FaultOf;
}

export interface FaultOf {
  readonly rootId: string;
  readonly errorClass: string;
  readonly template: string;
  readonly firstSeen: number;
  readonly resolvedAt: number | null;
  readonly isNextOnly: boolean;
  /** Before these its deltas stand for whole hours and days, in seconds. */
  readonly coarseTo: number;
}

/** More would not fit beside what the server does meanwhile. */
const MOST_DELTAS = 3_000_000;
const PAGE = 5_000;
const FAULTS_AT_ONCE = 100;

/** Reads page by page, and lets others have their turn in between. */
export async function readDeltas(
  db: Engine["reader"],
  given: { readonly projects: readonly string[]; readonly since: number; readonly turn: () => Promise<void> },
): Promise<Deltas> {
  const kept = keeper();
  for (const projectId of given.projects)
    for (let after = ""; ;) {
      const faults = await rows<FaultRow>(
        db,
      )`select fault_id, merged_into, error_class, template, first_seen, resolved_at, resolved_next, hours_to, days_to
        from fault where project_id = ${projectId} and fault_id > ${after} and last_seen >= ${given.since} order by fault_id limit ${FAULTS_AT_ONCE}`;
      const last = faults.at(-1);
      if (!last) break;
      after = last.fault_id;
      await readOf(db, projectId, faults, given, kept);
    }
  return kept.sorted();
}

type FaultRow = Pick<
  Tables["fault"],
  | "fault_id"
  | "merged_into"
  | "error_class"
  | "template"
  | "first_seen"
  | "resolved_at"
  | "resolved_next"
  | "hours_to"
  | "days_to"
>;

async function readOf(
  db: Engine["reader"],
  projectId: string,
  faults: readonly FaultRow[],
  { since, turn }: { readonly since: number; readonly turn: () => Promise<void> },
  kept: ReturnType<typeof keeper>,
): Promise<void> {
  const of = new Map(
    faults.map((row): [string, FaultOf] => [
      row.fault_id,
      {
        rootId: row.merged_into ?? row.fault_id,
        errorClass: row.error_class,
        template: row.template,
        firstSeen: row.first_seen,
        resolvedAt: row.resolved_at,
        isNextOnly: row.resolved_next === 1,
        coarseTo: Math.max(row.hours_to, row.days_to),
      },
    ]),
  );
  const ids = faults.map(({ fault_id: id }) => id);
  const second = Math.floor(since / 1_000);
  let after: Part = part`1 = 1`;
  for (;;) {
    const page = await rows<Row>(
      db,
    )`select * from delta where project_id = ${projectId} and fault_id in (${listed(ids)})
      and second >= ${second} and ${after}
      order by fault_id, second, release, environment, level, source, trust, target, origin limit ${PAGE}`;
    for (const row of page) {
      const fault = of.get(row.fault_id);
      if (fault && row.last_at >= since) kept.add(row, fault);
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = part`(fault_id, second, release, environment, level, source, trust, target, origin) >
      (${last.fault_id}, ${last.second}, ${last.release}, ${last.environment}, ${last.level}, ${last.source}, ${last.trust}, ${last.target}, ${last.origin})`;
    await turn();
  }
}

function keeper() {
  const names: Named[] = [];
  const nthOf = new Map<string, number>();
  const nths: number[] = [];
  const lasts: number[] = [];
  const seconds: number[] = [];
  const counts: number[] = [];
  const firsts = new Set<number>();
  let events = 0;
  return {
    add(row: Row, fault: FaultOf): void {
      if (nths.length >= MOST_DELTAS)
        throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
          detail: `More than ${MOST_DELTAS} rows came in since then; a rehearsal takes so many.`,
          hint: "Ask for a shorter time, such as --since 7d.",
        });
      const text = `${row.project_id}\u0000${row.fault_id}\u0000${row.release}\u0000${row.environment}\u0000${row.level}\u0000${row.source}\u0000${row.trust}\u0000${row.target}\u0000${row.origin}`;
      let nth = nthOf.get(text);
      if (nth === undefined) {
        nth = names.length;
        nthOf.set(text, nth);
        const { project_id, fault_id, release, environment, level, source, trust, target, origin } = row;
        names.push({ project_id, fault_id, release, environment, level, source, trust, target, origin, fault });
      }
      if (row.first_at === fault.firstSeen) firsts.add(nths.length);
      nths.push(nth);
      lasts.push(row.last_at);
      seconds.push(row.second);
      counts.push(row.count);
      events += row.count;
    },
    sorted(): Deltas {
      const order = Uint32Array.from(nths, (_, at) => at).toSorted(
        (a, b) => (lasts[a] ?? 0) - (lasts[b] ?? 0) || a - b,
      );
      return {
        size: nths.length,
        events,
        names,
        at(nth) {
          const place = order[nth] ?? 0;
          return {
            name: nths[place] ?? 0,
            at: lasts[place] ?? 0,
            second: seconds[place] ?? 0,
            count: counts[place] ?? 0,
            isFirst: firsts.has(place),
          };
        },
      };
    },
  };
}
