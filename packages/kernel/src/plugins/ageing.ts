import { shareOf, type Tidying } from "../nodes/housekeeping.ts";
import { rows } from "../store/rows.ts";

/** What is shown is what was used in 30 days; an invocation stays for so long as well. The ledger keeps both for ever. */
const KEPT_MS = 30 * 86_400_000;

/** A few milliseconds of the thread. */
const STEP_ROWS = 500;

export const oldInvocations: Tidying = {
  name: "old_invocations",
  async step(tx, now, share = 1) {
    const limit = shareOf(STEP_ROWS, share);
    const ended = await rows(tx.db)`delete from plugin_invocation where (project_id, invocation_id) in (
      select project_id, invocation_id from plugin_invocation where ended_at < ${now - KEPT_MS} and ended_at is not null order by ended_at limit ${limit}) returning 1`;
    const hours = await rows(tx.db)`delete from plugin_use where (project_id, plugin_id, scope, hour) in (
      select project_id, plugin_id, scope, hour from plugin_use where hour < ${now - KEPT_MS} order by hour limit ${limit}) returning 1`;
    const seen = await rows(tx.db)`delete from delivery_seen where (project_id, delivery_sha256) in (
      select project_id, delivery_sha256 from delivery_seen where until < ${now} order by until limit ${limit}) returning 1`;
    return [ended, hours, seen].some((gone) => gone.length === limit);
  },
};
