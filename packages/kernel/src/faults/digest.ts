import type { FaultStatus, Level } from "@prunella/contract";
import { sql, type RawBuilder } from "kysely";
import type { NewId } from "../ids.ts";
import { batch, larger, skipLocked, smaller } from "../store/dialect.ts";
import { tellAll } from "../notify/tell.ts";
import type { Clock } from "../ports.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { knownSince, noteReleases } from "../releases/seen.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";
import { hasDoubled, markDue } from "../search/due.ts";
import { addFacets, createKnownFacets, type Facet, type KnownFacets } from "../search/facets.ts";
import { HOUR_MS } from "../ledger/tally.ts";
import { readGeneration } from "../store/generation.ts";
import type { Writer } from "../store/writer.ts";
import type { TriggerCache } from "../triggers/cache.ts";
import { severity } from "../gate/severity.ts";
import { askTriggers, type SeenRow } from "../triggers/ask.ts";
import type { Evaluation } from "../triggers/work.ts";
import { facetsOf, countUsers } from "./seen-with.ts";
import { sumTrends, trendOf } from "./trend.ts";

export type Queued = Tables["digest_queue"];

interface Digested {
  /** Faults that changed, with their new version. */
  readonly faults: readonly { id: string; version: number }[];
  /** Rows taken; when it equals the limit there may be more. */
  readonly taken: number;
  /** What was new of what they were seen with. */
  readonly facets: readonly Facet[];
  /** What triggers ask the gate because of it. */
  readonly held: readonly Evaluation[];
}

const DIGEST_LIMIT = 500;

/** When a fault that has not been looked at for what has aged is, after an event. */
const FIRST_LOOK_MS = 24 * HOUR_MS;

/** Triggers were changed while the digest began: it is to be done again with what they are now. */
export class StaleTriggers extends Error {}

/**
 * Step 2: opens, counts and regresses faults from what was appended, and queues the evaluation of
 * every trigger whose condition holds. One unit; the rows it took are gone when it commits.
 */
async function digest(
  tx: Tx,
  deps: { now: number; triggers: TriggerCache; known: KnownFacets } & Pick<
    DigestDeps,
    "newId" | "isHeard" | "onCounted"
  >,
): Promise<Digested> {
  const { rows: taken } = await sql<Queued>`
    delete from digest_queue where queue_id in (select queue_id from digest_queue order by queue_id limit ${DIGEST_LIMIT} ${skipLocked(tx.kind)})
    returning *`.execute(tx.db);
  if (taken.length === 0) return { faults: [], taken: 0, facets: [], held: [] };
  return { ...(await digestRows(tx, taken, deps)), taken: taken.length };
}

/** The same of rows that were taken already. */
async function digestRows(
  tx: Tx,
  taken: readonly Queued[],
  deps: Parameters<typeof digest>[1],
): Promise<Omit<Digested, "taken">> {
  // Whoever registered a trigger before these events came in finds it obeyed.
  if ((await readGeneration(tx.db, "triggers")) !== deps.triggers.generation())
    throw new StaleTriggers("triggers were changed");
  const queued = taken.toSorted((a, b) => (a.queue_id < b.queue_id ? -1 : 1));
  await noteReleases(tx, queued);
  const changed = await countFaults(tx, queued, deps.now + FIRST_LOOK_MS);
  const roots = new Map(changed.map((row) => [row.id, row.mergedInto ?? row.id]));
  const merged = await countMerged(tx, queued, roots);
  const back = await bringBack(
    tx,
    [...changed, ...merged],
    Map.groupBy(queued, (row) => roots.get(row.fault_id) ?? row.fault_id),
  );
  if (deps.isHeard()) await tellOf(tx, deps.now, changed, back);
  deps.onCounted?.(
    tx,
    deps.now,
    changed.map(({ id, projectId, version, mergedInto }) => ({
      id,
      projectId,
      isNew: version === 1 && mergedInto === null,
    })),
  );
  const facets = deps.known.unknown(facetsOf(queued));
  await addFacets(tx, facets);
  await countUsers(tx, facets, roots);
  await markDue(
    tx,
    changed
      .filter(({ count, added }) => hasDoubled(count - added, count))
      .map(({ projectId, id: faultId }) => ({ projectId, faultId })),
  );
  const held = await askTriggers(tx, seenBy(queued, changed, back), deps);
  return { faults: [...changed, ...merged], facets, held };
}

/** What was queued, with what is known of its fault, as conditions see it. */
function seenBy(queued: readonly Queued[], changed: readonly Changed[], back: readonly Counted[]): SeenRow[] {
  const faults = new Map(changed.map((fault) => [fault.id, fault]));
  const regressed = new Set(back.map(({ id }) => id));
  return queued.map((row) => {
    const fault = faults.get(row.fault_id);
    const rootId = fault?.mergedInto ?? row.fault_id;
    return {
      ...row,
      root_id: rootId,
      error_class: fault?.errorClass ?? "",
      template: fault?.template ?? "",
      isNew: fault?.version === 1 && fault.mergedInto === null,
      isRegressed: regressed.has(rootId),
    };
  });
}

interface Changed extends Counted {
  /** How many events came to it now. */
  readonly added: number;
}

async function countFaults(tx: Tx, queued: readonly Queued[], tidyAt: number): Promise<Changed[]> {
  const groups = [...Map.groupBy(queued, (row) => `${row.project_id}\u0000${row.fault_id}`)].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const rows = groups.map(([, group]) => {
    // Only the row that opened the fault carries its name; on many servers it may come second.
    const opening = group.find((row) => row.fingerprints !== "") ?? group[0];
    if (!opening) throw new Error("a group has at least one row");
    return [
      opening.project_id,
      opening.fault_id,
      worst(group),
      opening.title,
      opening.culprit,
      opening.error_class,
      opening.template,
      opening.fingerprints,
      sumOf(group),
      Math.min(...group.map((row) => row.first_at)),
      Math.max(...group.map((row) => row.last_at)),
      opening.release,
    ];
  });
  const columns = {
    project_id: "text",
    fault_id: "text",
    level: "text",
    title: "text",
    culprit: "text",
    error_class: "text",
    template: "text",
    fingerprints: "text",
    count: "int",
    first_seen: "int",
    last_seen: "int",
    first_release: "text",
  } as const;
  const { rows: changed } = await sql<CountedRow>`
    insert into fault (project_id, fault_id, status, level, title, culprit, error_class, template, fingerprints, count, first_seen, last_seen, first_release, resolved_at, version, tidy_at, trend)
    select project_id, fault_id, 'open', level, title, culprit, error_class, template, fingerprints, count, first_seen, last_seen, first_release, null, 1, cast(${tidyAt} as bigint),
      ${trendOf(sql`count`, sql`last_seen`)} from ${batch(tx.kind, columns, rows)} as given where true
    on conflict (project_id, fault_id) do update set
      count = fault.count + excluded.count, level = excluded.level,
      title = case when fault.fingerprints = '' then excluded.title else fault.title end,
      culprit = case when fault.fingerprints = '' then excluded.culprit else fault.culprit end,
      error_class = case when fault.fingerprints = '' then excluded.error_class else fault.error_class end,
      template = case when fault.fingerprints = '' then excluded.template else fault.template end,
      fingerprints = case when fault.fingerprints = '' then excluded.fingerprints else fault.fingerprints end,
      first_seen = ${smaller(tx.kind, sql`fault.first_seen`, sql`excluded.first_seen`)},
      last_seen = ${larger(tx.kind, sql`fault.last_seen`, sql`excluded.last_seen`)},
      first_release = case when fault.fingerprints = '' then excluded.first_release else fault.first_release end,
      ${standingAfter("excluded.last_seen", "fault.count + fault.merged_count + excluded.count")},
      version = fault.version + 1, tidy_at = coalesce(fault.tidy_at, excluded.tidy_at), thinned = 0,
      trend = ${sumTrends(tx.kind, sql`fault.trend`, sql`excluded.trend`)}
    returning ${COUNTED}`.execute(tx.db);
  const addedTo = new Map(groups.map(([, group]) => [group[0]?.fault_id ?? "", sumOf(group)]));
  return changed.map((row) => ({ ...toCounted(row), added: addedTo.get(row.fault_id) ?? 0 }));
}

/** What events do to what people said: a resolved fault is back, and a snooze until so many events is over. */
function standingAfter(lastSeen: string, count: string): RawBuilder<unknown> {
  const isOver = `fault.status = 'muted' and ${count} >= fault.snoozed_count`;
  return sql.raw(`status = case
        when fault.status = 'resolved' and fault.resolved_next = 0 and ${lastSeen} > fault.resolved_at then 'regressed'
        when ${isOver} then 'open' else fault.status end,
      snoozed_until = case when ${isOver} then null else fault.snoozed_until end,
      snoozed_count = case when ${isOver} then null else fault.snoozed_count end`);
}

interface Counted {
  readonly id: string;
  readonly projectId: string;
  readonly version: number;
  /** Of its own; events of faults that were merged into it stand beside it. */
  readonly count: number;
  readonly mergedInto: string | null;
  readonly status: FaultStatus;
  readonly level: Level;
  readonly resolvedAt: number | null;
  /** Only a release that was not known then brings it back; null when any event does. */
  readonly waitsSince: number | null;
  readonly regressedIn: string | null;
  readonly errorClass: string;
  readonly template: string;
}

const COUNTED = sql.raw(
  "project_id, fault_id, version, count, merged_into, status, level, resolved_at, resolved_next, regressed_in, error_class, template",
);
type CountedRow = Pick<
  Tables["fault"],
  | "project_id"
  | "fault_id"
  | "version"
  | "count"
  | "merged_into"
  | "status"
  | "level"
  | "resolved_at"
  | "resolved_next"
  | "regressed_in"
  | "error_class"
  | "template"
>;

const toCounted = (row: CountedRow): Counted => ({
  id: row.fault_id,
  projectId: row.project_id,
  version: row.version,
  count: row.count,
  mergedInto: row.merged_into,
  status: row.status,
  level: row.level,
  resolvedAt: row.resolved_at,
  waitsSince: row.status === "resolved" && row.resolved_next === 1 ? row.resolved_at : null,
  regressedIn: row.regressed_in,
  errorClass: row.error_class,
  template: row.template,
});

/** A fault that others were merged into shows their events as its own, and regresses with them. */
async function countMerged(tx: Tx, queued: readonly Queued[], roots: ReadonlyMap<string, string>): Promise<Counted[]> {
  const strays = queued.filter((row) => roots.get(row.fault_id) !== row.fault_id);
  const changed: Counted[] = [];
  for (const [root, rows] of [...Map.groupBy(strays, (row) => roots.get(row.fault_id) ?? "")].toSorted()) {
    const count = sumOf(rows);
    const last = Math.max(...rows.map((row) => row.last_at));
    const { rows: updated } = await sql<CountedRow>`update fault set
      trend = ${sumTrends(tx.kind, sql`trend`, trendOf(sql`${count}`, sql`${last}`))},
      merged_count = merged_count + ${count}, last_seen = ${larger(tx.kind, sql`last_seen`, sql`${last}`)}, version = version + 1,
      ${standingAfter(String(last), `fault.count + fault.merged_count + ${count}`)}
      where project_id = ${rows[0]?.project_id ?? ""} and fault_id = ${root} returning ${COUNTED}`.execute(tx.db);
    changed.push(...updated.map(toCounted));
  }
  return changed;
}

/**
 * Seldom anything to do: brings back faults that only a newer release may, and notes in which release a
 * fault is back. `seen`: the events of each fault, its own and those of faults that were merged into it.
 */
async function bringBack(
  tx: Tx,
  changed: readonly Counted[],
  seen: ReadonlyMap<string, readonly Queued[]>,
): Promise<Counted[]> {
  const back: Counted[] = [];
  for (const fault of changed) {
    const { id, projectId, status, waitsSince, regressedIn } = fault;
    const events = seen.get(id) ?? [];
    if (waitsSince !== null) {
      const since = await knownSince(tx, projectId, [...new Set(events.map(({ release }) => release))]);
      const newer = events.find(({ release }) => release !== "" && (since.get(release) ?? 0) > waitsSince);
      if (newer === undefined) continue;
      await regress(tx, projectId, id, newer.release);
      back.push(fault);
    } else if (status === "regressed" && regressedIn === null) {
      const latest = events.toSorted((a, b) => b.last_at - a.last_at)[0];
      await regress(tx, projectId, id, latest?.release ?? "");
      back.push(fault);
    }
  }
  return back;
}

/**
 * Faults that are new, and that are back. With the machine's power this unit may be lost, and is done again
 * then: each is told under the name of what happened, and nothing goes out before a commit that waits for
 * the disk, which keeps this one too.
 */
async function tellOf(tx: Tx, at: number, changed: readonly Counted[], back: readonly Counted[]): Promise<void> {
  const fresh = changed.filter(({ version, mergedInto }) => version === 1 && mergedInto === null);
  const told = ({ id: subject, projectId, level }: Counted) => ({ projectId, subject, level, at });
  await tellAll(tx, [
    ...fresh.map((fault) => ({ kind: "fault_new" as const, ...told(fault), once: fault.id })),
    ...back.map((fault) => ({
      kind: "fault_regressed" as const,
      ...told(fault),
      once: `${fault.id}.${fault.resolvedAt ?? 0}`,
    })),
  ]);
}

async function regress(tx: Tx, projectId: string, faultId: string, release: string): Promise<void> {
  await tx.db
    .updateTable("fault")
    .set({ status: "regressed", regressed_in: release })
    .where("project_id", "=", projectId)
    .where("fault_id", "=", faultId)
    .execute();
}
const sumOf = (rows: readonly Queued[]): number => rows.reduce((sum, row) => sum + row.count, 0);

function worst(rows: readonly Queued[]): Level {
  return rows.reduce<Level>((level, row) => (severity(row.level) > severity(level) ? row.level : level), "debug");
}

export interface CountedFault {
  readonly id: string;
  readonly projectId: string;
  /** These are its first events. */
  readonly isNew: boolean;
}

export interface DigestDeps {
  readonly engine: Engine;
  readonly writer: Writer;
  readonly clock: Pick<Clock, "now">;
  readonly newId: NewId;
  readonly triggers: TriggerCache;
  readonly publish: (topic: "faults", id: string, version: number) => void;
  /** Whether anybody is told of anything; a flood of new faults costs nothing more otherwise. */
  readonly isHeard: () => boolean;
  /** In the unit that counts them. */
  readonly onCounted?: ((tx: Tx, now: number, faults: readonly CountedFault[]) => void) | undefined;
  /** Faults may have become due to be written into the index. */
  readonly onDigested: () => void;
}

export interface Digest {
  /** Digests what was appended; resolves true when there may be more of it. `within` runs in the unit that digests, if there is one. */
  run(this: void, within?: (tx: Tx) => Promise<void>): Promise<boolean>;
  /**
   * What triggers would ask because of these rows, in a unit that whoever calls takes back. Rejects with
   * StaleTriggers where triggers were changed since `refresh`.
   */
  suppose(this: void, tx: Tx, queued: readonly Queued[]): Promise<readonly Evaluation[]>;
  refresh(this: void): Promise<void>;
  /** Rows that waited when it last ran, counted up to a bound: doors hold back while it lags. */
  backlog(this: void): number;
}

/** Counting further says nothing more. */
const MOST_BACKLOG = 20_000;

export function createDigest({
  engine,
  writer,
  clock,
  newId,
  triggers,
  publish,
  onDigested,
  isHeard,
  onCounted,
}: DigestDeps): Digest {
  let backlog = 0;
  const known = createKnownFacets();
  const countBacklog = async (): Promise<number> => {
    const [counted] = await rows<{ waiting: number }>(
      engine.reader,
    )`select count(*) as waiting from (select 1 from digest_queue limit ${MOST_BACKLOG}) as waiting_rows`;
    return Number(counted?.waiting ?? 0);
  };
  return {
    backlog: () => backlog,
    refresh: triggers.refresh,
    async suppose(tx, queued) {
      const now = clock.now();
      return (await digestRows(tx, queued, { now, newId, triggers, known, isHeard, onCounted })).held;
    },
    async run(within) {
      // A write that finds nothing to do would cost a commit.
      const [waiting] = await rows(engine.reader)`select 1 from digest_queue limit 1`;
      if (!waiting) {
        backlog = 0;
        return false;
      }
      await triggers.refresh();
      try {
        const done = await writer.derive(async (tx) => {
          const digested = await digest(tx, { now: clock.now(), newId, triggers, known, isHeard, onCounted });
          await within?.(tx);
          return digested;
        });
        known.committed(done.facets);
        if (done.taken > 0) onDigested();
        for (const { id, version } of done.faults) publish("faults", id, version);
        const isMore = done.taken === DIGEST_LIMIT;
        backlog = isMore ? await countBacklog() : 0;
        return isMore;
      } catch (error) {
        if (error instanceof StaleTriggers) return true;
        throw error;
      }
    },
  };
}
