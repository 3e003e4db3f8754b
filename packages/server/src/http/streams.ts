import type { Notice } from "@prunella/contract";
import type { Kernel } from "@prunella/kernel";
import type { Streams } from "./handler.ts";

/** Longer than a page takes from its first question to its stream, also over a slow line. */
const RECENT_MS = 10_000;
/** As many as one turn of a stream tells; a page that has more to hear fetches its lists anyway. */
const MAX_RECENT = 200;

export function createStreams(notices: Pick<Kernel["notices"], "subscribe">, now: () => number): Streams {
  const open = new Map<string, Set<AbortController>>();
  const recent = new Map<string, { readonly notice: Notice; readonly at: number }>();
  notices.subscribe(({ topic, id, version }) => {
    const key = `${topic} ${id}`;
    // The newest stands last.
    recent.delete(key);
    recent.set(key, { notice: { topic, id, version }, at: now() });
    if (recent.size > MAX_RECENT) for (const oldest of recent.keys()) return void recent.delete(oldest);
  });
  return {
    recent: () => [...recent.values()].filter(({ at }) => now() - at < RECENT_MS).map(({ notice }) => notice),
    open(session) {
      const controller = new AbortController();
      const mine = open.get(session) ?? new Set();
      open.set(session, mine.add(controller));
      return {
        signal: controller.signal,
        forget() {
          mine.delete(controller);
          if (mine.size === 0) open.delete(session);
        },
      };
    },
    end(session) {
      for (const controller of open.get(session) ?? []) controller.abort();
      open.delete(session);
    },
  };
}
