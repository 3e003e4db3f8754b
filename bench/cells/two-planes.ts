import { percentile } from "../percentile.ts";
import { runTwoPlanes } from "../two-planes.ts";
import { round, type Cell } from "./cell.ts";

/** What the operator and a crashed program feel while the doors are fed the worst. */
export const twoPlanes: Cell = {
  name: "two-planes",
  what: "32 connections with the dearest envelopes; operator API, healing and kill switch meanwhile",
  async run(bench) {
    const { calm, asked, wrong, healed, unhealed, killMs, isKilled } = await runTwoPlanes(bench.isQuick ? 5 : 20);
    if (wrong.length > 0) bench.fail(`two-planes: not answered 200: ${wrong.slice(0, 5).join(", ")}`);
    if (unhealed > 0) bench.fail(`two-planes: ${unhealed} crashes were not healed`);
    if (!isKilled) bench.fail("two-planes: the kill switch did not act");
    return {
      operator_p99_ms_calm: round(percentile(calm, 0.99)),
      operator_p50_ms_under_hostile: round(percentile(asked, 0.5)),
      operator_p99_ms_under_hostile: round(percentile(asked, 0.99)),
      heal_under_flood_ms: round(percentile(healed, 1), 0),
      kill_ms_under_hostile: round(killMs),
    };
  },
};
