import { z } from "zod";
import { DrillRun } from "../drill.ts";
import { Trigger } from "../healing.ts";
import { Millis, ProjectId, TriggerId } from "../ids.ts";
import { Rehearsal, TriggerTest } from "../rehearsal.ts";
import { ById, operation } from "./operation.ts";

const Policy = z.array(Trigger).max(2_000);

export const REHEARSING = {
  rehearse: operation({
    method: "POST",
    path: "/v1/rehearsals",
    body: z.strictObject({
      project: ProjectId.optional(),
      policy: Policy,
      /** null: the triggers that stand now. */
      against: Policy.nullable().default(null),
      since: Millis,
    }),
    max_body: 8_388_608,
    output: z.strictObject({ rehearsal: Rehearsal }),
    status: 201,
    who: "operator",
    within: "project",
    effect: "propose",
    summary:
      "plays what came in through the decisions of a policy; nothing is written and nothing is done; one at a time",
  }),
  drill: operation({
    method: "POST",
    path: "/v1/drills",
    body: z.strictObject({ project: ProjectId.default("default"), trigger: TriggerId }),
    output: z.strictObject({ drill: DrillRun }),
    status: 201,
    who: "operator",
    within: "project",
    effect: "decide",
    summary:
      "a made-up failure goes the whole way to the gate's answer and is taken back; nothing acts, counts or asks anybody",
  }),
  read_rehearsal: operation({
    method: "GET",
    path: "/v1/rehearsals/:id",
    params: ById,
    query: z.strictObject({ project: ProjectId.optional() }),
    output: z.strictObject({ rehearsal: Rehearsal }),
    status: 200,
    who: "operator",
    within: "project",
    effect: "read",
    summary: "how far it has come, and what came of it, beside what really happened; with its project where it had one",
  }),
  test_trigger: operation({
    method: "GET",
    path: "/v1/triggers/:trigger/test",
    params: z.strictObject({ trigger: TriggerId }),
    query: z.strictObject({
      project: ProjectId.default("default"),
      /** Seven days when nothing is said. */
      since: z.coerce.number<string | number>().int().min(0).optional(),
    }),
    output: z.strictObject({ test: TriggerTest }),
    status: 200,
    who: "operator",
    within: "project",
    effect: "read",
    summary:
      "when its condition held on what came in: times, targets and counts; nothing is written and nothing is done; it may take a minute, and one at a time beside rehearsals",
  }),
} as const;
