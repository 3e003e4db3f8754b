import { SEEDS, WrittenTrigger, type Config, type Trigger } from "@prunella/contract";
import { SYSTEM, type Kernel } from "@prunella/kernel";

/** The triggers of a configuration, those that come with Prunella included. */
export function triggersOf({ triggers, seeds }: Pick<Config, "triggers" | "seeds">): Trigger[] {
  const seeded = seeds.map(({ name, project, target }) => WrittenTrigger.parse({ ...SEEDS[name](target), project }));
  return [...triggers, ...seeded];
}

/** Naming a project in the configuration makes it. */
export async function putTriggers(kernel: Kernel, config: Pick<Config, "triggers" | "seeds">) {
  const triggers = triggersOf(config);
  const known = new Set((await kernel.projects.list()).map((row) => row.project_id));
  for (const id of new Set(triggers.map((trigger) => trigger.project_id)))
    if (!known.has(id)) await kernel.projects.add({ id, by: SYSTEM });
  return kernel.triggers.configure(triggers);
}
