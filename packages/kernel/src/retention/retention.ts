import type { RetentionConfig } from "@prunella/contract";
import { seenEvents } from "../intake/seen.ts";
import type { Tidying } from "../nodes/housekeeping.ts";
import { deletedProjects, endedKeys } from "./deleted-projects.ts";
import { expiredFaults } from "./expired-faults.ts";
import { faultsDue } from "./faults-due.ts";
import { oldEvaluations, oldTriggerHours } from "./trigger-hours.ts";
import { createOwnPolicies } from "./own-policy.ts";
import { retentionOf } from "./policy.ts";
import { projectCap } from "./project-cap.ts";
import { unusedSourceMaps } from "./unused-source-maps.ts";

/** Everything that ages, in the order in which it is looked at. */
export function createRetention(config: RetentionConfig): readonly Tidying[] {
  const { of: policyOf, look } = createOwnPolicies(retentionOf(config));
  return [
    look,
    endedKeys,
    deletedProjects(),
    seenEvents(),
    oldTriggerHours(),
    oldEvaluations(),
    faultsDue(policyOf),
    expiredFaults(policyOf),
    unusedSourceMaps(policyOf),
    projectCap(policyOf),
  ];
}
