import { PrunellaError, type Config } from "@prunella/contract";
import type { Kernel } from "@prunella/kernel";
import { nearest } from "./nearest.ts";
import { readCredential } from "./platform/hands/credential.ts";

export type Watches = Pick<Config, "probes" | "heartbeats" | "supervise">;

/**
 * From now on the probes and heartbeats of this data folder are those of its configuration; none when one of
 * them is wrong. Relative paths of keys begin at `base`.
 */
export async function putWatches(kernel: Kernel, config: Watches, base: string): Promise<void> {
  const known = (await kernel.projects.list()).map((row) => row.project_id);
  checkProjects(config, known);
  const puts = [
    kernel.probes.prepare(config.probes),
    kernel.heartbeats.prepare(config.heartbeats, (name) => readCredential(name, base)),
  ];
  for (const put of puts) await put();
}

/** A misspelt project would take failures where nobody looks. Naming one for a program makes it. */
function checkProjects({ probes, heartbeats, supervise }: Watches, there: readonly string[]): void {
  const known = [...new Set([...there, ...supervise.map((program) => program.project)])];
  const mistakes = Object.entries({ probes, heartbeats }).flatMap(([key, watches]) =>
    watches.flatMap(({ project, name }, at) => {
      const detail = `${key}.${at} (${name}).project: there is no project ${project}${nearest(project, known, "projects")}.`;
      return known.includes(project) ? [] : [{ project, detail }];
    }),
  );
  const [first] = mistakes;
  if (first !== undefined)
    throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
      detail: mistakes.map(({ detail }) => detail).join("\n"),
      hint: `When it is meant so, add it: prunella projects add ${first.project}`,
    });
}
