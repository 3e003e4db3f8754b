import type { RetentionConfig } from "@prunella/contract";
import { seenEvents } from "../intake/seen.ts";
import type { Tidying } from "../nodes/housekeeping.ts";
import { expiredFaults } from "./expired-faults.ts";
import { faultsDue } from "./faults-due.ts";
import { oldTriggerHours } from "./trigger-hours.ts";
import { retentionOf } from "./policy.ts";
import { projectCap } from "./project-cap.ts";
import { unusedSourceMaps } from "./unused-source-maps.ts";

/** Everything that ages, in the order in which it is looked at. */
export function createRetention(config: RetentionConfig): readonly Tidying[] {
  const policyOf = retentionOf(config);
  return [
    seenEvents(),
    oldTriggerHours(),
    faultsDue(policyOf),
    expiredFaults(policyOf),
    unusedSourceMaps(policyOf),
    projectCap(policyOf),
  ];
}
