import { sql, type RawBuilder } from "kysely";
import type { Clock } from "../ports.ts";
import type { Tx } from "../store/engine.ts";
import type { Writer } from "../store/writer.ts";
import { columnText, keyOf, type Incoming } from "./fold.ts";

/** How many full bodies are kept from the beginning of a fault, and how many from its end. */
const KEPT = 5;

/** A body that is to be kept, and in which place of its fault. */
export interface Sample {
  readonly incoming: Incoming;
  readonly faultId: string;
  readonly slot: string;
}

export interface Chosen {
  /** The first five: written in the transaction that counts them. */
  readonly first: readonly Sample[];
  /** The last five and the first of each release: the newest is wanted, so they may wait a moment. */
  readonly later: readonly Sample[];
}

/**
 * Which bodies to keep: of the first five events, the last five and the first of each release, never
 * of all. `before` is each fingerprint's count before this buffer.
 */
export function chooseSamples(
  events: readonly Incoming[],
  faultIdOf: (event: Incoming) => string,
  before: ReadonlyMap<string, number>,
): Chosen {
  const first: Sample[] = [];
  const later: Sample[] = [];
  for (const [key, group] of Map.groupBy(events, keyOf)) {
    const start = before.get(key) ?? 0;
    const releases = new Set<string>();
    for (const [at, incoming] of group.entries()) {
      const ordinal = start + at;
      const release = columnText(incoming.scrubbed.event.value.release);
      const keep = (slot: string) => ({ incoming, faultId: faultIdOf(incoming), slot });
      if (ordinal < KEPT) first.push(keep(`first:${ordinal}`));
      else if (at >= group.length - KEPT) later.push(keep(`last:${ordinal % KEPT}`));
      // One of the first five stays anyway, whatever its release.
      if (ordinal >= KEPT && release !== "" && !releases.has(release)) later.push(keep(`release:${release}`));
      releases.add(release);
    }
  }
  return { first, later };
}

/** Writes bodies in the transaction that counts them; returns the bytes by project. */
export async function writeSamples(tx: Tx, samples: readonly Sample[]): Promise<Map<string, number>> {
  const bytes = new Map<string, number>();
  for (const sample of inOrder(samples)) {
    const { projectId } = sample.incoming;
    bytes.set(projectId, (bytes.get(projectId) ?? 0) + (await write(tx, sample, sql`on conflict do nothing`)));
  }
  return bytes;
}

/** One statement a sample: bodies are large and few, and a batch would encode each of them a second time. */
async function write(tx: Tx, { incoming, faultId, slot }: Sample, onConflict: RawBuilder<unknown>): Promise<number> {
  const event = incoming.scrubbed.event.value;
  const body = JSON.stringify(event);
  await sql`insert into event_sample (project_id, fault_id, slot, event_id, received_at, body, redactions) values (
    ${incoming.projectId}, ${faultId}, ${slot}, ${event.id}, ${incoming.receivedAt}, ${body},
    ${JSON.stringify(incoming.scrubbed.redactions)}) ${onConflict}`.execute(tx.db);
  return body.length;
}

const nameOf = ({ incoming, faultId, slot }: Sample): string => `${incoming.projectId} ${faultId} ${slot}`;

/** Sorted, so that two servers lock rows in one order. */
function inOrder(samples: readonly Sample[]): Sample[] {
  return samples.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

export interface SampleKeeper {
  keep(samples: readonly Sample[]): void;
  /** Writes what waits. */
  flush(): Promise<void>;
}

/** In a storm the newest body of a fault changes with every event; once in this time is enough to read it. */
const FLUSH_MS = 1_000;
/** Bodies that wait in memory, some ten kilobytes each. */
const MAX_WAITING = 200;
/** Releases that are remembered as kept; forgetting costs one write that changes nothing. */
const MAX_RELEASES = 20_000;

/**
 * Holds the bodies whose place a newer one is about to take, and writes what is left once a second.
 * An end without warning loses at most a second of such bodies, and no count.
 */
export function createSampleKeeper(deps: { writer: Writer; clock: Pick<Clock, "after"> }): SampleKeeper {
  let waiting = new Map<string, Sample>();
  const releases = new Set<string>();
  let cancel: (() => void) | null = null;

  async function flush(): Promise<void> {
    cancel?.();
    cancel = null;
    if (waiting.size === 0) return;
    const taken = inOrder([...waiting.values()]);
    waiting = new Map();
    await deps.writer.run(async (tx) => {
      for (const sample of taken) await write(tx, sample, sample.slot.startsWith("last:") ? REPLACE : KEEP);
    });
  }

  return {
    keep(samples) {
      for (const sample of samples) {
        const name = nameOf(sample);
        if (!sample.slot.startsWith("last:")) {
          if (releases.has(name)) continue;
          if (releases.size >= MAX_RELEASES) releases.clear();
          releases.add(name);
        }
        waiting.set(name, sample);
      }
      if (waiting.size === 0) return;
      // Bodies are kept for reading; a failed write loses some, and the next second brings new ones.
      if (waiting.size >= MAX_WAITING) flush().catch(() => undefined);
      else cancel ??= deps.clock.after(FLUSH_MS, () => void flush().catch(() => undefined));
    },
    flush,
  };
}

const KEEP = sql`on conflict do nothing`;
const REPLACE = sql`on conflict (project_id, fault_id, slot) do update set event_id = excluded.event_id,
  received_at = excluded.received_at, body = excluded.body, redactions = excluded.redactions`;
