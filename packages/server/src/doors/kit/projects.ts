import { PrunellaError } from "@prunella/contract";
import type { Kernel } from "@prunella/kernel";

export interface Project {
  readonly id: string;
  /** Whether a public key is one of its DSNs, now. */
  takes(key: string): boolean;
}

export interface Projects {
  /** @throws PRUNELLA_INGEST_PROJECT_UNKNOWN */
  find(number: string): Promise<Project>;
}

/**
 * Who changes a key or deletes a project finds it obeyed at every server within this time. A number that
 * nobody has costs the database one look in it, however often it is asked for.
 */
const LOOK_AGAIN_MS = 1_000;

/** Projects by the number of their DSN, from memory. */
export function createProjects(kernel: { projects: Pick<Kernel["projects"], "list"> }, now: () => number): Projects {
  let known: ReadonlyMap<string, Project> = new Map();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    const rows = await kernel.projects.list();
    known = new Map(
      rows.map((row) => {
        const others = new Map(row.keys.map((key) => [key.public_key, key.ends_at ?? Number.POSITIVE_INFINITY]));
        const takes = (key: string): boolean => key === row.public_key || now() < (others.get(key) ?? 0);
        return [row.dsn_id, { id: row.project_id, takes }];
      }),
    );
    lookedAt = now();
  }

  return {
    async find(number) {
      if (now() - lookedAt >= LOOK_AGAIN_MS || (looking !== null && !known.has(number))) {
        looking ??= look().finally(() => (looking = null));
        // While the database is away, what was known holds: whether the event can be kept is said elsewhere.
        await looking.catch((error: unknown) => {
          if (!known.has(number)) throw error;
        });
      }
      const project = known.get(number);
      if (project) return project;
      throw new PrunellaError("PRUNELLA_INGEST_PROJECT_UNKNOWN", {
        detail: `There is no project number ${number}.`,
        hint: "Copy the DSN from `prunella projects list`.",
      });
    },
  };
}

/** The key is public (it ships in web pages), so comparing it in constant time would protect nothing. */
export function assertKey(project: Project, key: string): void {
  if (!project.takes(key))
    throw new PrunellaError("PRUNELLA_INGEST_KEY_WRONG", { hint: "Copy the DSN from `prunella projects list`." });
}
