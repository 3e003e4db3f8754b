import { PrunellaError } from "@prunella/contract";
import { connect } from "./client.ts";
import { commandLine } from "./command-line.ts";
import type { Common } from "./command-options.ts";
import { nearest } from "@prunella/contract/nearest";

/** The trigger that is meant, and whose it is: only where several projects have one of this name must it be said. */
export async function findTrigger(
  common: Common,
  typed: string,
  project: string | undefined,
): Promise<{ readonly project: string; readonly trigger: string }> {
  // Whose it is was said: the operation itself says when it is not there.
  if (project !== undefined) return { project, trigger: typed };
  const ask = connect(common);
  const all: { readonly id: string; readonly project_id: string }[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await ask("list_triggers", { limit: 500, cursor });
    all.push(...page.triggers);
    if (page.next === null) break;
    cursor = page.next;
  }
  const found = all.filter(({ id }) => id === typed);
  const [only] = found;
  if (found.length === 1 && only) return { project: only.project_id, trigger: only.id };
  if (found.length > 1)
    throw new PrunellaError("PRUNELLA_AMBIGUOUS", {
      detail: `Several projects have a trigger ${typed}: ${found.map((each) => each.project_id).join(", ")}.`,
      hint: "Say which with --project.",
    });
  const meant = nearest(
    typed,
    all.map(({ id }) => id),
  );
  throw new PrunellaError("PRUNELLA_NOT_FOUND", {
    detail: `There is no trigger ${typed}.`,
    hint: meant === null ? `What there is: ${commandLine(common, "triggers")}` : `Did you mean ${meant}?`,
  });
}
