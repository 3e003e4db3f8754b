import type { Notice } from "@prunella/contract";
import type { Clock, Log } from "../ports.ts";
import type { Channel } from "../store/engine.ts";

/** What is told to other processes together. */
const BATCH_MS = 20;
/** One text may have 8,000 bytes on PostgreSQL. */
const BATCH_BYTES = 7_000;
const MAX_WAITING = 1_000;

/** Whom a change concerns, beside what pages are told of it. */
export interface Told extends Notice {
  /** The target; absent: whoever listens may look. */
  readonly about?: string | undefined;
}

export interface Notices {
  /** Says that something changed; who shows it fetches it again. Called after the commit, never inside one. */
  publish(notice: Told): void;
  subscribe(listener: (notice: Told) => void): () => void;
  /** Called when notices of other processes may have been lost: whatever is waited for is looked at again. */
  onGap(listener: () => void): () => void;
  close(): Promise<void>;
}

/**
 * Notices reach every listener of this process at once, and those of other processes on the same
 * database over its channel. A lost one is no loss of truth: whoever waits looks again by itself.
 */
export function createNotices(deps: { channel: Channel | null; nodeId: string; clock: Clock; log: Log }): Notices {
  const { channel, nodeId, clock, log } = deps;
  const listeners = new Set<(notice: Told) => void>();
  const gapListeners = new Set<() => void>();
  /** The newest of each topic and id: of what changed twice in one moment the others are told once. */
  let waiting = new Map<string, Told>();
  let cancelSend: (() => void) | null = null;
  let hasTold = false;

  const tell = (notice: Told) => listeners.forEach((listener) => listener(notice));
  const stop = channel?.listen(
    (text) => readBatch(text, nodeId).forEach(tell),
    () => gapListeners.forEach((listener) => listener()),
  );

  async function send(): Promise<void> {
    cancelSend = null;
    const batches = batchesOf(nodeId, [...waiting.values()]);
    waiting = new Map();
    for (const batch of batches) {
      try {
        await channel?.send(batch);
        hasTold = false;
      } catch {
        if (!hasTold) log.warn("other servers could not be told of a change; they look again by themselves");
        hasTold = true;
      }
    }
  }

  return {
    publish(notice) {
      tell(notice);
      if (channel === null || waiting.size >= MAX_WAITING) return;
      waiting.set(`${notice.topic} ${notice.id}`, notice);
      cancelSend ??= clock.after(BATCH_MS, () => void send());
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onGap(listener) {
      gapListeners.add(listener);
      return () => gapListeners.delete(listener);
    },
    async close() {
      cancelSend?.();
      if (waiting.size > 0) await send();
      await stop?.();
    },
  };
}

const TOPICS: Readonly<Record<Notice["topic"], true>> = {
  faults: true,
  attempts: true,
  escalations: true,
  triggers: true,
  ledger: true,
  supervised: true,
  rules: true,
  messages: true,
  probes: true,
  heartbeats: true,
  plugins: true,
};
const isTopic = (value: unknown): value is Notice["topic"] => typeof value === "string" && Object.hasOwn(TOPICS, value);

function batchesOf(nodeId: string, notices: readonly Told[]): string[] {
  const batches: string[][] = [];
  let bytes = BATCH_BYTES;
  for (const { topic, id, version, about } of notices) {
    const text = JSON.stringify([topic, id, version, about]);
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > BATCH_BYTES) {
      batches.push([]);
      bytes = Buffer.byteLength(text) + 1;
    }
    batches.at(-1)?.push(text);
  }
  return batches.map((batch) => `{"node":${JSON.stringify(nodeId)},"notices":[${batch.join(",")}]}`);
}

/** Notices of another process; our own come back too and are left out. */
function readBatch(text: string, nodeId: string): Told[] {
  let batch: unknown;
  try {
    batch = JSON.parse(text);
  } catch {
    return [];
  }
  if (typeof batch !== "object" || batch === null || !("node" in batch) || !("notices" in batch)) return [];
  if (batch.node === nodeId || !Array.isArray(batch.notices)) return [];
  return batch.notices.flatMap((one: unknown) => {
    if (!Array.isArray(one)) return [];
    const [topic, id, version, about]: unknown[] = one;
    if (!isTopic(topic) || typeof id !== "string" || typeof version !== "number") return [];
    return [{ topic, id, version, about: typeof about === "string" ? about : undefined }];
  });
}
