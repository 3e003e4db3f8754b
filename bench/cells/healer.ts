import { crashToMessage } from "../healer/message.ts";
import { simulatedSeeds } from "../healer/simulated.ts";
import { eventsBesideTriggers } from "../healer/triggers.ts";
import { watchedShares } from "../healer/watched.ts";
import type { Cell, Results } from "./cell.ts";

/** What watching and telling cost, beside the decisions that `loaded` measures and the policies of `rehearse`. */
export const healer: Cell = {
  name: "healer",
  what: "probes and heartbeats, 10,000 triggers beside 1,000 events a second, a crash and its message, simulated seeds",
  async run(bench) {
    let results: Results = {};
    for (const part of [watchedShares, eventsBesideTriggers, crashToMessage, simulatedSeeds])
      results = { ...results, ...(await part(bench)) };
    return results;
  },
};
