import { PrunellaError } from "@prunella/contract";
import type { Core } from "../core.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { columnText } from "../store/columns.ts";
import { rows } from "../store/rows.ts";

/** What a plugin keeps: a namespace of its own in each project, up to the quota that it asked for and was granted. */
export interface StateOf {
  readonly projectId: string;
  readonly pluginId: string;
  /** In bytes. */
  readonly quota: number;
}

const MAX_NAME = 200;
const MAX_VALUE = 1_048_576;

export function createPluginState({ db, writer, clock }: Core) {
  return {
    async get({ projectId, pluginId }: StateOf, name: string): Promise<string | null> {
      const [row] = await rows<{ value: string }>(
        db,
      )`select value from plugin_state where project_id = ${projectId} and plugin_id = ${pluginId} and name = ${name}`;
      return row?.value ?? null;
    },

    /** `value`: JSON text, scrubbed by whoever calls. @throws PRUNELLA_PLUGIN_QUOTA where it would not fit; what was there stays */
    async put(of: StateOf, name: string, value: string): Promise<void> {
      const { projectId, pluginId, quota } = of;
      if (name === "" || name.length > MAX_NAME || columnText(name) !== name)
        throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
          detail: `A key is 1 to ${MAX_NAME} characters without control characters.`,
        });
      const bytes = Buffer.byteLength(name) + Buffer.byteLength(value);
      if (value.length > MAX_VALUE)
        throw new PrunellaError("PRUNELLA_PLUGIN_QUOTA", { detail: `A value is at most ${MAX_VALUE} characters.` });
      await writer.run(async (tx) => {
        const others = (await usedBy(tx, of, name)).bytes;
        if (others + bytes > quota)
          throw new PrunellaError("PRUNELLA_PLUGIN_QUOTA", {
            detail: `It keeps ${others} bytes beside this, and ${bytes} more are over its ${quota}.`,
            hint: "Delete keys, or ask for a larger quotaMb in the manifest.",
          });
        const values = { value, bytes, updated_at: clock.now() };
        await tx.db
          .insertInto("plugin_state")
          .values({ project_id: projectId, plugin_id: pluginId, name, ...values })
          .onConflict((conflict) => conflict.columns(["project_id", "plugin_id", "name"]).doUpdateSet(values))
          .execute();
      });
    },

    async delete({ projectId, pluginId }: StateOf, name: string): Promise<boolean> {
      const gone = await writer.run(
        (tx) =>
          rows(
            tx.db,
          )`delete from plugin_state where project_id = ${projectId} and plugin_id = ${pluginId} and name = ${name} returning 1`,
      );
      return gone.length > 0;
    },

    async list({ projectId, pluginId }: StateOf, prefix: string, limit: number): Promise<string[]> {
      const found = await rows<{ name: string }>(db)`
        select name from plugin_state where project_id = ${projectId} and plugin_id = ${pluginId} and name >= ${prefix}
          and substr(name, 1, ${prefix.length}) = ${prefix} order by name limit ${limit}`;
      return found.map(({ name }) => name);
    },

    used: (of: Pick<StateOf, "projectId" | "pluginId">) => usedBy({ db }, of, null),

    /** All of it, in every project: what a person takes along when they remove it. */
    export: (pluginId: string) => exportState(db, pluginId),
  };
}

export interface ExportedState {
  readonly project: string;
  readonly name: string;
  readonly value: string;
}

export async function exportState(db: Engine["reader"], pluginId: string): Promise<ExportedState[]> {
  return rows<ExportedState>(
    db,
  )`select project_id as project, name, value from plugin_state where plugin_id = ${pluginId} order by project_id, name`;
}

async function usedBy(
  { db }: Pick<Tx, "db">,
  { projectId, pluginId }: Pick<StateOf, "projectId" | "pluginId">,
  but: string | null,
): Promise<{ bytes: number; keys: number }> {
  const [row] = await rows<{ bytes: number; keys: number }>(db)`
    select cast(coalesce(sum(bytes), 0) as bigint) as bytes, count(*) as keys from plugin_state
    where project_id = ${projectId} and plugin_id = ${pluginId} and name <> ${but ?? ""}`;
  return { bytes: Number(row?.bytes ?? 0), keys: Number(row?.keys ?? 0) };
}
