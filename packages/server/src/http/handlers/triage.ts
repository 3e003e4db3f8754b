import { PrunellaError, type Triage } from "@prunella/contract";
import type { TRIAGE } from "@prunella/contract/operations";
import type { Kernel } from "@prunella/kernel";
import type { Context, Handlers } from "../handler.ts";
import { assertThere } from "../may.ts";

type Answer = Awaited<ReturnType<Handlers<typeof TRIAGE>["triage_faults"]>>["results"][number];

/** Ids come as people type them. */
async function say({ kernel, by, caller }: Context, typed: string, triage: Triage) {
  const said = named(triage, caller?.person?.name ?? null);
  return kernel.faults.triage(await kernel.faults.resolveId(typed), said, by);
}

/** Whoever takes a fault on need not type their name; as in a search, "me" is the name of who says it. */
const named = (triage: Triage, me: string | null): Triage =>
  triage.action === "assign" && me !== null && /^\s*me\s*$/i.test(triage.assignee ?? "")
    ? { ...triage, assignee: me }
    : triage;

/** Of many, each by its own project: what somebody may not do to one says nothing of the others. */
function assertMay({ caller }: Context, project: string): void {
  if (caller !== null) assertThere(caller, "operator", project, "fault");
}

/** As many share a commit; what comes in goes on between them. */
const TOGETHER = 50;

/** Each is whole and has its own answer, in the order that they were given. */
async function each(
  ids: readonly string[],
  run: (id: string) => ReturnType<Kernel["faults"]["triage"]>,
): Promise<Answer[]> {
  const one = async (id: string): Promise<Answer> => {
    try {
      const { fault, change } = await run(id);
      return { id, fault, change, error: null };
    } catch (error) {
      // A defect of ours fails the call; what is wrong with one fault is said of that one.
      if (!(error instanceof PrunellaError) || error.code === "PRUNELLA_INTERNAL") throw error;
      return { id, fault: null, change: null, error: { code: error.code, message: error.message } };
    }
  };
  const all = [...new Set(ids)];
  const results: Answer[] = [];
  for (let at = 0; at < all.length; at += TOGETHER)
    results.push(...(await Promise.all(all.slice(at, at + TOGETHER).map(one))));
  return results;
}

export const triage: Handlers<typeof TRIAGE> = {
  resolve_fault: ({ id, ...rest }, context) => say(context, id, { action: "resolve", ...rest }),
  mute_fault: ({ id }, context) => say(context, id, { action: "mute" }),
  snooze_fault: ({ id, ...rest }, context) => say(context, id, { action: "snooze", ...rest }),
  reopen_fault: ({ id }, context) => say(context, id, { action: "reopen" }),
  assign_fault: ({ id, ...rest }, context) => say(context, id, { action: "assign", ...rest }),
  note_fault: ({ id, ...rest }, context) => say(context, id, { action: "note", ...rest }),
  triage_faults: async ({ ids, triage: said }, context) => ({
    results: await each(ids, async (id) => {
      assertMay(context, await context.kernel.faults.projectOf(id));
      return say(context, id, said);
    }),
  }),
  undo_triage: async ({ changes }, context) => ({
    results: await each(changes, async (change) => {
      assertMay(context, await context.kernel.faults.projectOfChange(change));
      return context.kernel.faults.undo(change, context.by);
    }),
  }),
};
