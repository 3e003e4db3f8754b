import type { Actor } from "@prunella/contract";
import { appendLedger, lockHead } from "../ledger/append.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";
import type { Tx } from "../store/engine.ts";
import { readDisabled, type PluginTableRow } from "./row.ts";
import { settleGrants } from "./trust.ts";

/**
 * Off beats whatever it is trusted with, now and after any update, until somebody turns it on again. In one unit with
 * the gate's grant: nobody sees it trusted and disabled, and acts by the first.
 */
export async function switchPlugin(
  tx: Tx,
  given: {
    readonly now: number;
    readonly plugin: PluginTableRow;
    readonly on: boolean;
    readonly reason: string;
    readonly by: Actor;
  },
): Promise<boolean> {
  const { now, plugin, on, reason, by } = given;
  await lockHead(tx);
  const { name, origin } = plugin;
  const before = await readDisabled(tx.db, plugin);
  if ((before === null) === on) return false;
  if (on) await tx.db.deleteFrom("plugin_disabled").where("name", "=", name).where("origin", "=", origin).execute();
  else
    await tx.db
      .insertInto("plugin_disabled")
      .values({ name, origin, since: now, reason, by_actor: canonicalJson(by) })
      .execute();
  await appendLedger(tx, { v: 1, at: now, type: "plugin_switched", plugin: plugin.plugin_id, on, by });
  await settleGrants(tx, now, plugin, by);
  return true;
}
