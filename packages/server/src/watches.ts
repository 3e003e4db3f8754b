import { PrunellaError, type Config } from "@prunella/contract";
import type { Kernel } from "@prunella/kernel";
import { nearest } from "./nearest.ts";
import { readCredential } from "./platform/hands/credential.ts";
import { triggersOf } from "./triggers.ts";

export type Watches = Pick<Config, "probes" | "heartbeats" | "supervise" | "triggers" | "seeds">;

/**
 * Throws when one of them is wrong; what it gives makes the probes and heartbeats of this data folder those of its
 * configuration. Relative paths of keys begin at `base`.
 */
export async function prepareWatches(kernel: Kernel, config: Watches, base: string): Promise<() => Promise<void>> {
  const known = (await kernel.projects.list()).map((row) => row.project_id);
  checkProjects(config, known);
  const puts = [
    kernel.probes.prepare(config.probes),
    kernel.heartbeats.prepare(config.heartbeats, (name) => readCredential(name, base)),
  ];
  return async () => {
    for (const put of puts) await put();
  };
}

/** A misspelt project would take failures where nobody looks. Naming one for a program or a trigger makes it. */
function checkProjects(config: Watches, there: readonly string[]): void {
  const { probes, heartbeats, supervise } = config;
  const named = [...supervise.map(({ project }) => project), ...triggersOf(config).map((each) => each.project_id)];
  const known = [...new Set([...there, ...named])];
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
