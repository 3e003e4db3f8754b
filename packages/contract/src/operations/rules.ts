import { z } from "zod";
import { Millis, ProjectId, Uuid } from "../ids.ts";
import { RuleCondition } from "../rule-condition.ts";
import { ById, Nothing, operation } from "./operation.ts";

export const NewGroupingRule = z.strictObject({
  project: ProjectId.default("default"),
  when: RuleCondition.refine(
    (condition) => Object.values(condition).some((pattern) => /[^*]/.test(pattern ?? "")),
    "at least one condition says more than *, or the rule would make one fault of every event",
  ),
  /** All events that fit are one fault of this name; `{class}` and `{function}` stand for the event's own. */
  group_as: z.string().min(1).max(200),
});
export const GroupingRule = z.strictObject({
  id: Uuid,
  project_id: ProjectId,
  when: RuleCondition,
  group_as: z.string(),
  created_at: Millis,
});
export type GroupingRule = z.infer<typeof GroupingRule>;

export const RULES = {
  list_rules: operation({
    method: "GET",
    path: "/v1/grouping-rules",
    output: z.strictObject({ rules: z.array(GroupingRule) }),
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "the oldest rule that fits an event decides",
  }),
  add_rule: operation({
    method: "POST",
    path: "/v1/grouping-rules",
    body: NewGroupingRule,
    output: z.strictObject({ rule: GroupingRule }),
    status: 201,
    who: "operator",
    within: "project",
    effect: "decide",
    summary: "decides for events that come from now on",
  }),
  remove_rule: operation({
    method: "DELETE",
    path: "/v1/grouping-rules/:id",
    params: ById,
    output: Nothing,
    status: 204,
    who: "operator",
    within: "rule",
    effect: "decide",
    summary: "events that come from now on are grouped without it",
  }),
} as const;
