import type { Store } from "./store.ts";
import type { World } from "./world.ts";

/** Laws that rows alone tell: an answered event counts once, and an episode is one question. */
export function checkCounts(store: Store, events: World["events"], violated: World["violated"]): void {
  const [row] = store.read("select coalesce(sum(count), 0) as n from delta");
  const n = Number(row?.["n"]);
  if (n < events.answered.size) violated(`${events.answered.size} events were answered, and ${n} are counted`);
  if (n > events.sent.size) violated(`${events.sent.size} events were sent, and ${n} are counted`);
  for (const { target } of store.read(
    "select target from escalation_attempts where status = 'open' group by asker, trigger_id, target having count(*) > 1",
  ))
    violated(`two questions about ${String(target)} are open`);
}
