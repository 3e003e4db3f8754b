import type { RetentionPolicy } from "@prunella/contract";
import type { PROJECT_SETTINGS } from "@prunella/contract/operations";
import type { Kernel } from "@prunella/kernel";
import type { Context, Handlers } from "../handler.ts";
import { toProject } from "./projects.ts";

export const projectSettings: Handlers<typeof PROJECT_SETTINGS> = {
  rename_project: async (input, context) =>
    answer(context, await context.kernel.projects.rename({ ...input, by: context.by })),
  delete_project: async (input, context) =>
    answer(context, await context.kernel.projects.delete({ ...input, by: context.by })),
  keep_project: async (input, context) =>
    answer(context, await context.kernel.projects.keep({ ...input, by: context.by })),
  add_project_key: async (input, context) =>
    answer(context, await context.kernel.projects.addKey({ ...input, by: context.by })),
  rotate_project_key: async ({ project, overlap_ms: overlapMs }, context) =>
    answer(context, await context.kernel.projects.rotateKey({ project, overlapMs, by: context.by })),
  revoke_project_key: async (input, context) =>
    answer(context, await context.kernel.projects.revokeKey({ ...input, by: context.by })),
  get_retention: async ({ project }, { kernel }) => kernel.retention.get(project),
  set_retention: async ({ project, change, reset }, { kernel, by }) =>
    kernel.retention.set({ project, change: given(change), reset, by }),
};

type Row = Awaited<ReturnType<Kernel["projects"]["get"]>>;

async function answer({ kernel, dsnOf }: Pick<Context, "kernel" | "dsnOf">, row: Row) {
  const counts = await kernel.projects.faultCounts();
  return { project: toProject(row, counts.get(row.project_id) ?? 0, dsnOf) };
}

/** Without keys that were left out. */
function given(change: { readonly [K in keyof RetentionPolicy]?: number | undefined }): Partial<RetentionPolicy> {
  const kept: Partial<RetentionPolicy> = {};
  for (const [key, value] of Object.entries(change)) if (value !== undefined) Object.assign(kept, { [key]: value });
  return kept;
}
