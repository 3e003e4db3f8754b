import { LEDGER_ENTRIES } from "@prunella/contract";
import { PluginInvocation } from "@prunella/contract/plugins";
import { z } from "zod";
import type { Engine } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { ArgvSummary } from "./invocations.ts";

/** An entry of the ledger that says how a run of a plugin began or ended, with what else is still known of it. */
export interface PluginStep {
  readonly index: number;
  readonly entry: z.infer<typeof Entry>;
  /** null: taken out since. */
  readonly name: string | null;
  readonly namespace: string | null;
  readonly version: string | null;
  readonly origin: string | null;
  /** null: nothing of it is kept any more, which is so after 30 days. */
  readonly digest: string | null;
  readonly detail: string | null;
  readonly argv: ArgvSummary | null;
  readonly calls: PluginInvocation["calls"];
}

const Entry = z.discriminatedUnion("type", [
  LEDGER_ENTRIES.plugin_invoked,
  LEDGER_ENTRIES.plugin_completed,
  LEDGER_ENTRIES.plugin_failed,
]);

interface Row {
  readonly idx: number;
  readonly entry: string;
}
interface Kept {
  readonly invocation_id: string;
  readonly digest: string;
  readonly command: string;
  readonly detail: string | null;
  readonly argv_summary: string | null;
  readonly calls: string;
}

const Summary = z.object({ argc: z.int(), byte_length: z.int(), sha256: z.string() });

/** From an index on, oldest first. */
export async function pluginSteps(
  db: Engine["reader"],
  from: number,
  limit: number,
): Promise<{ readonly steps: readonly (PluginStep & { readonly command: string })[]; readonly next: number | null }> {
  // By each type's own index, so that a page costs what it holds, however long the ledger is.
  const found = await rows<Row>(db)`
    select idx, entry from (
      select * from (select idx, entry from ledger where type = 'plugin_invoked' and idx >= ${from} order by idx limit ${limit}) as a
      union all select * from (select idx, entry from ledger where type = 'plugin_completed' and idx >= ${from} order by idx limit ${limit}) as b
      union all select * from (select idx, entry from ledger where type = 'plugin_failed' and idx >= ${from} order by idx limit ${limit}) as c
    ) as runs order by idx limit ${limit}`;
  const steps: (PluginStep & { readonly command: string })[] = [];
  for (const { idx, entry: text } of found) {
    const entry = Entry.parse(JSON.parse(text));
    const [kept] = await rows<Kept>(db)`
      select invocation_id, digest, command, detail, argv_summary, calls from plugin_invocation where invocation_id = ${entry.invocation}`;
    const begun = entry.type === "plugin_invoked" ? entry : await begunAt(db, entry.invoked);
    const digest = kept?.digest ?? (begun === null ? null : `sha256:${begun.artifact_sha256}`);
    const [plugin] = await rows<{ name: string; namespace: string; origin: string }>(
      db,
    )`select name, namespace, origin from plugin where plugin_id = ${entry.plugin}`;
    const [artifact] = await rows<{ version: string }>(
      db,
    )`select version from plugin_artifact where plugin_id = ${entry.plugin} and digest = ${digest ?? ""}`;
    steps.push({
      index: Number(idx),
      entry,
      command: kept?.command ?? begun?.command ?? ("command" in entry ? entry.command : ""),
      name: plugin?.name ?? null,
      namespace: plugin?.namespace ?? null,
      origin: plugin?.origin ?? null,
      version: artifact?.version ?? null,
      digest,
      detail: kept?.detail ?? null,
      argv: kept?.argv_summary == null ? null : Summary.parse(JSON.parse(kept.argv_summary)),
      calls: kept === undefined ? [] : PluginInvocation.shape.calls.parse(JSON.parse(kept.calls)),
    });
  }
  const last = found.at(-1);
  return { steps, next: last === undefined || found.length < limit ? null : Number(last.idx) + 1 };
}

async function begunAt(
  db: Engine["reader"],
  index: number | null,
): Promise<z.infer<typeof LEDGER_ENTRIES.plugin_invoked> | null> {
  if (index === null) return null;
  const [row] = await rows<{ entry: string }>(db)`select entry from ledger where idx = ${index}`;
  const read = LEDGER_ENTRIES.plugin_invoked.safeParse(row === undefined ? null : JSON.parse(row.entry));
  return read.success ? read.data : null;
}
