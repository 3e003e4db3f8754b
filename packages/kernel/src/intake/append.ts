import { describeFault, Scrubbed, scrubLabel } from "@prunella/scrub";
import { PrunellaError } from "@prunella/contract";
import { sql } from "kysely";
import type { NewId } from "../ids.ts";
import { columnText, DELTA_KEY, DELTA_SUM } from "../store/columns.ts";
import { asHex, batch, larger, smaller } from "../store/dialect.ts";
import type { Tx } from "../store/engine.ts";
import { fold, keyOf, type Fold, type Incoming } from "./fold.ts";
import type { NewKey } from "../grouping/finder.ts";
import { resolveFaults } from "./resolve.ts";
import { chooseSamples, writeSamples, type Sample } from "./samples.ts";

/** What one append did: how many events were new, and how many had been counted before. */
export interface Appended {
  readonly counted: number;
  readonly duplicates: number;
  /** By project: faults that were new, and bytes of kept bodies. */
  readonly added: ReadonlyMap<string, { newFaults: number; storedBytes: number }>;
  /** Names of all fingerprints that were met, and those that were new. */
  readonly known: readonly string[];
  readonly keys: readonly NewKey[];
  /** Bodies to keep that may wait a moment. */
  readonly samples: readonly Sample[];
}

/**
 * Step 1 of the way of the data: dedupes, folds and counts a buffer of events inside one unit.
 * After its commit every event in it is durable and counted exactly once.
 */
export async function append(tx: Tx, events: readonly Incoming[], newId: NewId): Promise<Appended> {
  assertScrubbed(events);
  const { faultIds, added: keys } = await resolveFaults(tx, events, newId);
  const fresh = await keepUnseen(tx, events, faultIds);
  const added = new Map<string, { newFaults: number; storedBytes: number }>();
  let samples: readonly Sample[] = [];
  if (fresh.length > 0) {
    const folds = fold(fresh, (event) => faultIdOf(faultIds, event));
    const ordinals = await countByFingerprint(tx, fresh);
    await addDeltas(tx, folds);
    await queueForDigest(tx, folds, newId, new Set(keys.filter((key) => key.isFirst).map((key) => key.faultId)));
    const { first, later } = chooseSamples(fresh, (event) => faultIdOf(faultIds, event), ordinals);
    for (const [projectId, storedBytes] of await writeSamples(tx, first))
      added.set(projectId, { newFaults: 0, storedBytes });
    for (const [key, ordinal] of ordinals) {
      const [projectId = ""] = key.split("\u0000");
      const project = added.get(projectId);
      if (project && ordinal === 0) project.newFaults += 1;
    }
    samples = later;
  }
  return {
    counted: fresh.length,
    duplicates: events.length - fresh.length,
    added,
    samples,
    known: [...faultIds.keys()],
    keys,
  };
}

function assertScrubbed(events: readonly Incoming[]): void {
  for (const { scrubbed } of events) {
    if (!Scrubbed.is(scrubbed.event))
      throw new PrunellaError("PRUNELLA_UNSCRUBBED", {
        detail: "An event reached the store without passing the scrubber.",
      });
  }
}

function faultIdOf(faultIds: ReadonlyMap<string, string>, event: Incoming): string {
  const id = faultIds.get(keyOf(event));
  if (id === undefined) throw new Error("an event's fingerprint has no fault");
  return id;
}

/** A resent event counts once: its id is remembered for a bounded window. */
async function keepUnseen(
  tx: Tx,
  events: readonly Incoming[],
  faultIds: ReadonlyMap<string, string>,
): Promise<Incoming[]> {
  const rows = events
    .map((event) => [
      event.projectId,
      event.scrubbed.event.value.id,
      faultIdOf(faultIds, event).replaceAll("-", ""),
      Math.floor(event.receivedAt / 1000),
    ])
    .toSorted((a, b) => (`${a[0]}${a[1]}` < `${b[0]}${b[1]}` ? -1 : 1));
  const given = batch(tx.kind, { project_id: "text", event_id: "hex", fault_id: "hex", seen_at: "int" }, rows);
  const inserted = await sql<{ project_id: string; event: string }>`
    insert into event_seen (project_id, event_id, fault_id, seen_at)
    select project_id, event_id, fault_id, seen_at from ${given} as given where true on conflict do nothing
    returning project_id, ${asHex(tx.kind, "event_id")} as event`.execute(tx.db);
  const unseen = new Set(inserted.rows.map((row) => `${row.project_id}\u0000${row.event}`));
  // The same id twice within one buffer is a resend as well: the first one takes the place.
  return events.filter((event) => unseen.delete(`${event.projectId}\u0000${event.scrubbed.event.value.id}`));
}

/** Adds to each fingerprint's running number and returns the number before this buffer. */
async function countByFingerprint(tx: Tx, events: readonly Incoming[]): Promise<Map<string, number>> {
  const counts = new Map<string, { event: Incoming; count: number }>();
  for (const event of events) {
    const key = keyOf(event);
    const known = counts.get(key);
    if (known) known.count += 1;
    else counts.set(key, { event, count: 1 });
  }
  const rows = [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { event, count }]) => [event.projectId, event.fingerprints.strict, count]);
  const given = batch(tx.kind, { project_id: "text", fingerprint: "text", count: "int" }, rows);
  const updated = await sql<{ project_id: string; fingerprint: string; seen: number }>`
    update fault_key set seen = fault_key.seen + given.count from ${given} as given
    where given.project_id = fault_key.project_id and given.fingerprint = fault_key.fingerprint
    returning fault_key.project_id, fault_key.fingerprint, fault_key.seen`.execute(tx.db);
  return new Map(
    updated.rows.map((row) => {
      const key = `${row.project_id}\u0000${row.fingerprint}`;
      return [key, row.seen - (counts.get(key)?.count ?? 0)];
    }),
  );
}

async function addDeltas(tx: Tx, folds: readonly Fold[]): Promise<void> {
  const columns = { ...DELTA_KEY, ...DELTA_SUM, second: "int" } as const;
  const given = batch(
    tx.kind,
    columns,
    folds.map((one) => [...deltaCells(one), one.second]),
  );
  await sql`
    insert into delta (${refs(columns)}) select ${refs(columns)} from ${given} as given where true
    on conflict (project_id, fault_id, second, release, environment, level, source, trust, target, origin) do update set
      count = delta.count + excluded.count,
      first_at = ${smaller(tx.kind, sql`delta.first_at`, sql`excluded.first_at`)},
      last_at = ${larger(tx.kind, sql`delta.last_at`, sql`excluded.last_at`)}`.execute(tx.db);
}

const refs = (columns: object) => sql.join(Object.keys(columns).map((name) => sql.ref(name)));

/** In the order of DELTA_KEY and DELTA_SUM. */
const deltaCells = (one: Fold) => [
  one.projectId,
  one.faultId,
  one.release,
  one.environment,
  one.level,
  one.source,
  one.trust,
  one.target,
  one.origin,
  one.count,
  one.firstAt,
  one.lastAt,
];

const UNNAMED = { title: "", culprit: "", errorClass: "", template: "" };
/** Characters that a trigger's condition may compare. */
const MOST_COMPARED = 300;

/** A fault is named and explained by the event that opens it; later ones only count. */
async function queueForDigest(
  tx: Tx,
  folds: readonly Fold[],
  newId: NewId,
  opened: ReadonlySet<string>,
): Promise<void> {
  const rows = folds.map((f) => {
    const event = f.sample.scrubbed.event.value;
    const isOpening = opened.has(f.faultId);
    const { title, culprit, errorClass, template } = isOpening ? describeFault(event) : UNNAMED;
    return [
      newId(),
      ...deltaCells(f),
      event.id,
      scrubLabel(title, 300).value,
      scrubLabel(culprit, 200).value,
      columnText(errorClass, MOST_COMPARED),
      columnText(template, MOST_COMPARED),
      isOpening ? JSON.stringify(f.sample.fingerprints) : "",
      f.users.size === 0 ? "" : JSON.stringify([...f.users]),
    ];
  });
  const columns = {
    queue_id: "text",
    ...DELTA_KEY,
    ...DELTA_SUM,
    event_id: "text",
    title: "text",
    culprit: "text",
    error_class: "text",
    template: "text",
    fingerprints: "text",
    users: "text",
  } as const;
  await sql`insert into digest_queue (${refs(columns)}) select ${refs(columns)} from ${batch(tx.kind, columns, rows)} as given where true`.execute(
    tx.db,
  );
}
