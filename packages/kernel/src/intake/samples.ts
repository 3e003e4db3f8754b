import { sql, type RawBuilder } from "kysely";
import type { Tx } from "../store/engine.ts";
import { columnText, keyOf, type Incoming } from "./fold.ts";

/** How many full bodies are kept from the beginning of a fault, and how many from its end. */
const KEPT = 5;

interface Sample {
  readonly incoming: Incoming;
  readonly slot: string;
  /** Whether a later event takes the slot over. */
  readonly replaces: boolean;
}

/**
 * Keeps full bodies of the first five events, the last five, and the first of each release; never
 * of all. `before` is each fingerprint's count before this buffer. Returns the bytes written, by project.
 */
export async function keepSamples(
  tx: Tx,
  events: readonly Incoming[],
  faultIdOf: (event: Incoming) => string,
  before: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  const byKey = Map.groupBy(events, keyOf);
  const replacing: Sample[] = [];
  const keeping: Sample[] = [];
  for (const [key, group] of byKey) {
    const start = before.get(key) ?? 0;
    for (const { incoming, slot, replaces } of chooseSamples(group, start))
      (replaces ? replacing : keeping).push({ incoming, slot, replaces });
  }
  const bytes = new Map(events.map((event) => [event.projectId, 0]));
  await write(tx, keeping, faultIdOf, bytes, sql`on conflict do nothing`);
  await write(
    tx,
    replacing,
    faultIdOf,
    bytes,
    sql`on conflict (project_id, fault_id, slot) do update set event_id = excluded.event_id, received_at = excluded.received_at, body = excluded.body, redactions = excluded.redactions`,
  );
  return bytes;
}

function* chooseSamples(group: readonly Incoming[], start: number): Generator<Sample> {
  const releases = new Set<string>();
  for (const [at, incoming] of group.entries()) {
    const ordinal = start + at;
    const release = columnText(incoming.scrubbed.event.value.release);
    if (ordinal < KEPT) yield { incoming, slot: `first:${ordinal}`, replaces: false };
    else if (at >= group.length - KEPT) yield { incoming, slot: `last:${ordinal % KEPT}`, replaces: true };
    if (release !== "" && ordinal >= KEPT && !releases.has(release))
      yield { incoming, slot: `release:${release}`, replaces: false };
    releases.add(release);
  }
}

/**
 * One statement a sample, not one batch: bodies are large and few, and a batch would encode each of
 * them a second time. Sorted, so that two servers lock rows in one order.
 */
async function write(
  tx: Tx,
  samples: readonly Sample[],
  faultIdOf: (event: Incoming) => string,
  bytes: Map<string, number>,
  onConflict: RawBuilder<unknown>,
): Promise<void> {
  const rows = samples
    .map(({ incoming, slot }) => ({ incoming, slot, key: `${incoming.projectId} ${faultIdOf(incoming)} ${slot}` }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  for (const { incoming, slot } of rows) {
    const event = incoming.scrubbed.event.value;
    const body = JSON.stringify(event);
    bytes.set(incoming.projectId, (bytes.get(incoming.projectId) ?? 0) + body.length);
    await sql`insert into event_sample (project_id, fault_id, slot, event_id, received_at, body, redactions) values (
      ${incoming.projectId}, ${faultIdOf(incoming)}, ${slot}, ${event.id}, ${incoming.receivedAt}, ${body},
      ${JSON.stringify(incoming.scrubbed.redactions)}) ${onConflict}`.execute(tx.db);
  }
}
