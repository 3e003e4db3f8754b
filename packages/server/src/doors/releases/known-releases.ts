import type { Deploy } from "@prunella/kernel";
import type { Reached } from "../door.ts";

/** One version in all projects that have it: build tools think of an organisation's releases. */
export interface KnownRelease {
  readonly version: string;
  readonly createdAt: number;
  readonly dateReleased: string | null;
  readonly projectIds: readonly string[];
  readonly deploys: readonly Deploy[];
}

/** What was announced, and what has source maps, which needs no announcement. The newest first. */
export async function knownReleases({ releases, sourceMaps }: Reached, version?: string): Promise<KnownRelease[]> {
  const all: KnownRelease[] = (await releases.list(version)).map((each) => ({
    version: each.version,
    createdAt: each.created_at,
    dateReleased: each.date_released,
    projectIds: [each.project_id],
    deploys: each.deploys,
  }));
  for (const { release, created_at, project_id } of await sourceMaps.list())
    if (release !== null && (version === undefined || release === version))
      all.push({
        version: release,
        createdAt: created_at,
        dateReleased: null,
        projectIds: [project_id],
        deploys: [],
      });
  return [...Map.groupBy(all, (each) => each.version).values()]
    .map((same) => same.reduce(together))
    .sort((a, b) => b.createdAt - a.createdAt);
}

function together(one: KnownRelease, other: KnownRelease): KnownRelease {
  const deploys = new Map([...one.deploys, ...other.deploys].map((deploy) => [JSON.stringify(deploy), deploy]));
  return {
    version: one.version,
    createdAt: Math.min(one.createdAt, other.createdAt),
    dateReleased: one.dateReleased ?? other.dateReleased,
    projectIds: [...new Set([...one.projectIds, ...other.projectIds])],
    // A deploy of an organisation's release stands with each project.
    deploys: [...deploys.values()],
  };
}
