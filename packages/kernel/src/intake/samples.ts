import { sql } from "kysely";
import { batch } from "../store/dialect.ts";
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
 * of all. `before` is each fingerprint's count before this buffer.
 */
export async function keepSamples(
  tx: Tx,
  events: readonly Incoming[],
  faultIdOf: (event: Incoming) => string,
  before: ReadonlyMap<string, number>,
): Promise<void> {
  const byKey = Map.groupBy(events, keyOf);
  const replacing: Sample[] = [];
  const keeping: Sample[] = [];
  for (const [key, group] of byKey) {
    const start = before.get(key) ?? 0;
    for (const { incoming, slot, replaces } of chooseSamples(group, start)) (replaces ? replacing : keeping).push({ incoming, slot, replaces });
  }
  await write(tx, keeping, faultIdOf, sql`on conflict do nothing`);
  await write(
    tx, replacing, faultIdOf,
    sql`on conflict (project_id, fault_id, slot) do update set event_id = excluded.event_id, received_at = excluded.received_at, body = excluded.body, redactions = excluded.redactions`,
  );
}

function* chooseSamples(group: readonly Incoming[], start: number): Generator<Sample> {
  const releases = new Set<string>();
  for (const [at, incoming] of group.entries()) {
    const ordinal = start + at;
    const release = columnText(incoming.scrubbed.event.value.release);
    if (ordinal < KEPT) yield { incoming, slot: `first:${ordinal}`, replaces: false };
    else if (at >= group.length - KEPT) yield { incoming, slot: `last:${ordinal % KEPT}`, replaces: true };
    if (release !== "" && ordinal >= KEPT && !releases.has(release)) yield { incoming, slot: `release:${release}`, replaces: false };
    releases.add(release);
  }
}

async function write(tx: Tx, samples: readonly Sample[], faultIdOf: (event: Incoming) => string, onConflict: ReturnType<typeof sql>): Promise<void> {
  if (samples.length === 0) return;
  const rows = samples
    .map(({ incoming, slot }) => [
      incoming.projectId, faultIdOf(incoming), slot, incoming.scrubbed.event.value.id, incoming.receivedAt,
      JSON.stringify(incoming.scrubbed.event.value), JSON.stringify(incoming.scrubbed.redactions),
    ])
    .toSorted((a, b) => (`${a[0]}${a[1]}${a[2]}` < `${b[0]}${b[1]}${b[2]}` ? -1 : 1));
  const given = batch(
    tx.kind,
    { project_id: "text", fault_id: "text", slot: "text", event_id: "text", received_at: "int", body: "text", redactions: "text" },
    rows,
  );
  await sql`insert into event_sample (project_id, fault_id, slot, event_id, received_at, body, redactions)
    select project_id, fault_id, slot, event_id, received_at, body, redactions from ${given} as given where true ${onConflict}`.execute(tx.db);
}
