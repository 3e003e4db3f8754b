import { Level, Trust } from "@prunella/contract";
import type { Engine } from "../store/engine.ts";
import type { Counted, Seen } from "./condition.ts";
import { severity } from "../gate/severity.ts";

/**
 * Whether so many events as a condition asks for came in within its window: of the event's fault, or of its
 * target where the condition names that and nothing of a fault. What stands beside the count narrows what is
 * counted. From sums by the second, so the second at the far end counts as a whole.
 */
export async function countedSince(
  db: Engine["reader"],
  given: {
    readonly row: Seen & { readonly project_id: string };
    readonly counted: Counted;
    readonly now: number;
    readonly allowsPublic: boolean;
  },
): Promise<boolean> {
  const { row, counted, now } = given;
  const { at_least: enough, within_ms: withinMs } = counted.count;
  const { level } = counted;
  const trusts = Trust.options.filter((trust) => trust !== "public" || given.allowsPublic);
  let found = db
    .selectFrom("delta")
    .select("count")
    .where("project_id", "=", row.project_id)
    .where("second", ">", Math.floor((now - withinMs) / 1000))
    .where("trust", "in", trusts);
  const isOfTarget = counted.target !== undefined && !isOfFault(counted);
  found = isOfTarget
    ? found.where("target", "=", counted.target ?? "").where("target", "<>", "")
    : found.where("fault_id", "=", row.fault_id);
  if (!isOfTarget && counted.target !== undefined) found = found.where("target", "=", counted.target);
  for (const [column, value] of [
    ["source", counted.source],
    ["environment", counted.environment],
    ["release", counted.release],
    ["origin", counted.probe ?? counted.heartbeat],
  ] as const)
    if (value !== undefined) found = found.where(column, "=", value);
  if (level !== undefined)
    found = found.where(
      "level",
      "in",
      Level.options.filter((one) => severity(one) >= severity(level)),
    );
  // Each row stands for one event or more, so no more of them are needed.
  const latest = await found.orderBy("second", "desc").limit(enough).execute();
  return latest.reduce((sum, { count }) => sum + Number(count), 0) >= enough;
}

export const isOfFault = ({ fault, class: errorClass, message, message_begins: begins, is }: Counted): boolean =>
  fault !== undefined || errorClass !== undefined || message !== undefined || begins !== undefined || is !== undefined;
