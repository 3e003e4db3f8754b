import type { Streams } from "./handler.ts";

export function createStreams(): Streams {
  const open = new Map<string, Set<AbortController>>();
  return {
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
