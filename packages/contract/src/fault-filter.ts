import { z } from "zod";
import { FaultStatus } from "./fault.ts";
import { Level, Source } from "./event.ts";
import { ProjectId } from "./ids.ts";

/** `trend`: much seen lately; each event counts half for every twelve hours that have passed. All of them have the most first. */
export const FaultSort = z.enum(["last_seen", "first_seen", "count", "trend", "users"]);
export type FaultSort = z.infer<typeof FaultSort>;

const Value = z.string().min(1).max(200);
/** `24h`, `7d`, `2026-11-01`, `2026-11-01T08:00Z`. */
const Moment = z.string().min(1).max(40);

/** Which faults, and in which order. What is left out does not count. */
export const FaultFilter = z.strictObject({
  /** Words and conditions, as in docs/guides/search.md. What it says of the state goes before `status`. */
  q: z.string().max(1_000).optional(),
  /** `active`: everything but muted and resolved. */
  status: z.union([FaultStatus, z.literal("all"), z.literal("active")]).default("active"),
  project: ProjectId.optional(),
  level: Level.optional(),
  environment: Value.optional(),
  release: Value.optional(),
  source: Source.optional(),
  target: Value.optional(),
  since: Moment.optional(),
  before: Moment.optional(),
  sort: FaultSort.default("last_seen"),
});
export type FaultFilter = z.infer<typeof FaultFilter>;
