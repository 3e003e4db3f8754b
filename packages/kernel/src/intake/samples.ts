import { sql, type RawBuilder } from "kysely";
import type { Clock } from "../ports.ts";
import { columnText } from "../store/columns.ts";
import type { Tx } from "../store/engine.ts";
import type { Writer } from "../store/writer.ts";
import { keyOf, type Incoming } from "./fold.ts";
import {
  dropBody,
  frequencyOf,
  isPlenty,
  KEPT,
  KEPT_RELEASES,
  releaseOf,
  standingOf,
  worthKeeping,
  type FaultOf,
} from "./kept.ts";

/** A body that is to be kept, and in which place of its fault. */
export interface Sample {
  readonly incoming: Incoming;
  readonly faultId: string;
  readonly slot: string;
}

export interface Chosen {
  /** The first five: written in the transaction that counts them. */
  readonly first: readonly Sample[];
  /** The last five and the first of a few releases: the newest is wanted, so they may wait a moment. */
  readonly later: readonly Sample[];
}

/**
 * Which bodies to keep: of the first five events, the last five and the first of a few releases, never
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
    const ofReleases: Sample[] = [];
    for (const [at, incoming] of group.entries()) {
      const ordinal = start + at;
      const release = columnText(incoming.scrubbed.event.value.release);
      const keep = (slot: string) => ({ incoming, faultId: faultIdOf(incoming), slot });
      if (ordinal < KEPT) first.push(keep(`first:${ordinal}`));
      else if (at >= group.length - KEPT) later.push(keep(`last:${ordinal % KEPT}`));
      // One of the first five stays anyway, whatever its release.
      if (ordinal >= KEPT && release !== "" && !releases.has(release)) ofReleases.push(keep(`release:${release}`));
      releases.add(release);
    }
    // However many releases a buffer names, only so many of its bodies can find a place.
    later.push(...ofReleases.slice(0, KEPT_RELEASES), ...ofReleases.slice(KEPT_RELEASES).slice(-KEPT_RELEASES));
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
async function write(
  tx: Tx,
  { incoming, faultId, slot }: Sample,
  onConflict: RawBuilder<unknown>,
  body = bodyOf(incoming),
): Promise<number> {
  const bytes = Buffer.byteLength(body);
  await sql`insert into event_sample (project_id, fault_id, slot, event_id, received_at, bytes, body, redactions) values (
    ${incoming.projectId}, ${faultId}, ${slot}, ${incoming.scrubbed.event.value.id}, ${incoming.receivedAt}, ${bytes}, ${body},
    ${JSON.stringify(incoming.scrubbed.redactions)}) ${onConflict}`.execute(tx.db);
  return bytes;
}

const bodyOf = (incoming: Incoming): string => JSON.stringify(incoming.scrubbed.event.value);

/** Writes what is worth its place among the bodies that its fault has; returns by how many bytes they grew. */
async function settle(tx: Tx, of: FaultOf, offered: readonly Sample[]): Promise<number> {
  const standing = new Map((await standingOf(tx, of)).map((body) => [body.slot, body]));
  const asking = offered
    .filter(({ slot }) => releaseOf(slot) === null || !standing.has(slot))
    .map((sample) => ({ sample, body: bodyOf(sample.incoming) }));
  const bodies = new Map(standing);
  for (const { sample, body } of asking) {
    const { slot, incoming } = sample;
    bodies.set(slot, { slot, receivedAt: incoming.receivedAt, bytes: Buffer.byteLength(body) });
  }
  const all = [...bodies.values()];
  const kept = isPlenty(all) ? worthKeeping(all, await frequencyOf(tx, of)) : new Set(bodies.keys());
  let grown = 0;
  for (const { slot, bytes } of standing.values()) {
    if (kept.has(slot)) continue;
    await dropBody(tx, of, slot);
    grown -= bytes;
  }
  for (const { sample, body } of asking) {
    if (!kept.has(sample.slot)) continue;
    const before = standing.get(sample.slot)?.bytes ?? 0;
    grown += (await write(tx, sample, releaseOf(sample.slot) === null ? REPLACE : KEEP, body)) - before;
  }
  return grown;
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
/** Releases that are remembered as offered; forgetting costs one more offer. */
const MAX_RELEASES = 20_000;

/**
 * Holds the bodies whose place a newer one is about to take, and writes what is left once a second.
 * An end without warning loses at most a second of such bodies, and no count.
 */
export function createSampleKeeper(deps: {
  writer: Writer;
  clock: Pick<Clock, "after">;
  /** By how much the bodies of a project grew. */
  onGrown: (projectId: string, bytes: number) => void;
}): SampleKeeper {
  let waiting = new Map<string, Sample>();
  const releases = new Set<string>();
  let cancel: (() => void) | null = null;

  async function flush(): Promise<void> {
    cancel?.();
    cancel = null;
    if (waiting.size === 0) return;
    const taken = inOrder([...waiting.values()]);
    waiting = new Map();
    const grown = await deps.writer.derive(async (tx) => {
      const bytes = new Map<string, number>();
      for (const group of Map.groupBy(taken, ({ incoming, faultId }) => `${incoming.projectId} ${faultId}`).values()) {
        const [{ incoming, faultId } = { incoming: null, faultId: "" }] = group;
        if (incoming === null) continue;
        const { projectId } = incoming;
        bytes.set(projectId, (bytes.get(projectId) ?? 0) + (await settle(tx, { projectId, faultId }, group)));
      }
      return bytes;
    });
    for (const [projectId, bytes] of grown) if (bytes > 0) deps.onGrown(projectId, bytes);
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
  received_at = excluded.received_at, bytes = excluded.bytes, body = excluded.body, redactions = excluded.redactions`;
