import type { Notice } from "@prunella/contract";

export interface Notices {
  /** Says that something changed; pages fetch it again. Called after the commit, never inside one. */
  publish(notice: Notice): void;
  subscribe(listener: (notice: Notice) => void): () => void;
}

export function createNotices(): Notices {
  const listeners = new Set<(notice: Notice) => void>();
  return {
    publish: (notice) => listeners.forEach((listener) => listener(notice)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
