import type { Notice } from "@prunella/contract";
import type { Clock, Log } from "../ports.ts";
import type { Channel } from "../store/engine.ts";

/** One batch for other processes: their limit is 8,000 bytes on PostgreSQL. */
const BATCH_MS = 20;
const BATCH_NOTICES = 50;
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
  /** The newest of each topic and id. */
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
    const batch = [...waiting.values()];
    waiting = new Map();
    for (let at = 0; at < batch.length; at += BATCH_NOTICES) {
      const notices = batch
        .slice(at, at + BATCH_NOTICES)
        .map(({ topic, id, version, about }) => [topic, id, version, about]);
      await channel?.send(JSON.stringify({ node: nodeId, notices })).catch(() => {
        if (!hasTold) log.warn("other servers could not be told of a change; they look again by themselves");
        hasTold = true;
      });
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
};
const isTopic = (value: unknown): value is Notice["topic"] => typeof value === "string" && Object.hasOwn(TOPICS, value);

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
