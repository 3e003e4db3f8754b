import { boundedText } from "../kit/bounded.ts";

/** A release as build tools announce it. Dates are as they sent them. */
export interface Release {
  readonly version: string;
  readonly createdAt: number;
  readonly dateReleased: string | null;
  readonly projectIds: readonly string[];
  readonly deploys: readonly Deploy[];
}

export interface Deploy {
  readonly environment: string;
  readonly name: string | null;
  readonly url: string | null;
  readonly dateStarted: string | null;
  readonly dateFinished: string | null;
}

export interface Registry {
  /** Adds it, or adds to it. */
  put(
    version: string,
    more: { projectIds?: readonly string[]; dateReleased?: string | null; deploy?: Deploy },
  ): Release;
  get(version: string): Release | null;
  list(): readonly Release[];
  remove(version: string): void;
}

export const VERSION_MAX = 200;
const RELEASES_MAX = 1_000;
const DEPLOYS_MAX = 20;

/**
 * What build tools announced since this server started, the newest last. It is there so that a tool reads
 * back what it wrote; a release needs no announcement here, it begins with its first event or source map.
 */
export function createRegistry(now: () => number): Registry {
  const releases = new Map<string, Release>();
  return {
    put(version, { projectIds = [], dateReleased = null, deploy }) {
      const label = boundedText(version, VERSION_MAX);
      const there = releases.get(label);
      const release: Release = {
        version: label,
        createdAt: there?.createdAt ?? now(),
        dateReleased: dateReleased ?? there?.dateReleased ?? null,
        projectIds: [...new Set([...(there?.projectIds ?? []), ...projectIds])],
        deploys: [...(there?.deploys ?? []), ...(deploy === undefined ? [] : [deploy])].slice(-DEPLOYS_MAX),
      };
      releases.delete(label);
      releases.set(label, release);
      if (releases.size > RELEASES_MAX) for (const oldest of releases.keys()) if (releases.delete(oldest)) break;
      return release;
    },
    get: (version) => releases.get(version) ?? null,
    list: () => [...releases.values()],
    remove: (version) => void releases.delete(version),
  };
}
