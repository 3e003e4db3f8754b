import { PrunellaError } from "@prunella/contract";
import type { Kernel } from "@prunella/kernel";

export interface Project {
  readonly id: string;
  /** The public key of its DSN. */
  readonly key: string;
}

export interface Projects {
  /** @throws PRUNELLA_INGEST_PROJECT_UNKNOWN */
  find(number: string): Promise<Project>;
}

/** A number that nobody has costs the database one look in this time, however often it is asked for. */
const LOOK_AGAIN_MS = 1_000;

/** Projects by the number of their DSN, from memory. */
export function createProjects(kernel: { projects: Pick<Kernel["projects"], "list"> }, now: () => number): Projects {
  const known = new Map<string, Project>();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    for (const row of await kernel.projects.list()) known.set(row.dsn_id, { id: row.project_id, key: row.public_key });
    lookedAt = now();
  }

  return {
    async find(number) {
      if (!known.has(number) && (looking !== null || now() - lookedAt >= LOOK_AGAIN_MS)) {
        looking ??= look().finally(() => (looking = null));
        await looking;
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
  if (project.key !== key)
    throw new PrunellaError("PRUNELLA_INGEST_KEY_WRONG", { hint: "Copy the DSN from `prunella projects list`." });
}
