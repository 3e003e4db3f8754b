import { z } from "zod";
import { ActionWindow } from "../action-window.ts";
import { Millis, ProjectId, Target, TriggerId } from "../ids.ts";
import { AwayItem, Maintenance, Override, Pause, Sprint } from "../standing.ts";
import { ById, operation } from "./operation.ts";

/** In a few words, for whoever reads it later. */
const Reason = z.string().trim().min(1).max(200);

/** `since` left out: since the last review, or for seven days. */
const AwayQuery = z.strictObject({
  project: ProjectId.optional(),
  since: z.coerce.number<string | number>().int().min(0).optional(),
});
export const AwayPage = z.strictObject({
  since: Millis,
  now: Millis,
  /** When somebody last said that all is reviewed. */
  reviewed_at: Millis.nullable(),
  items: z.array(AwayItem),
});
export type AwayPage = z.infer<typeof AwayPage>;
export const SprintPage = z.strictObject({ sprints: z.array(Sprint) });
export type SprintPage = z.infer<typeof SprintPage>;

export const STANDING = {
  list_pauses: operation({
    method: "GET",
    path: "/v1/pauses",
    query: z.strictObject({ project: ProjectId.optional() }),
    output: z.strictObject({ pauses: z.array(Pause) }),
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "why policy stands still, each reason with its owner",
  }),
  pause: operation({
    method: "POST",
    path: "/v1/pauses",
    body: z.strictObject({
      project: ProjectId,
      trigger: TriggerId.nullable().default(null),
      reason: Reason,
      until: Millis.nullable().default(null),
    }),
    output: z.strictObject({ pause: Pause }),
    status: 201,
    who: "operator",
    within: "project",
    effect: "decide",
    summary: "a named reason to stand still, for a project or one trigger; what runs may finish, permits are void",
  }),
  lift_pause: operation({
    method: "POST",
    path: "/v1/pauses/:id/lift",
    params: ById,
    output: z.strictObject({ pause: Pause }),
    status: 200,
    who: "operator",
    within: "pause",
    effect: "decide",
    summary: "lifts this reason; others stay, and what was held back by it is judged again",
  }),
  list_maintenance: operation({
    method: "GET",
    path: "/v1/maintenance",
    output: z.strictObject({ windows: z.array(Maintenance) }),
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "windows in which somebody works on targets",
  }),
  add_maintenance: operation({
    method: "POST",
    path: "/v1/maintenance",
    body: z.strictObject({
      project: ProjectId.optional(),
      target: Target.nullable().default(null),
      window: ActionWindow,
      reason: Reason,
    }),
    output: z.strictObject({ window: Maintenance }),
    status: 201,
    who: "operator",
    within: "project",
    effect: "decide",
    summary: "while it is open policy does nothing about these targets and asks nobody; without a project of all",
  }),
  end_maintenance: operation({
    method: "POST",
    path: "/v1/maintenance/:id/end",
    params: ById,
    output: z.strictObject({ window: Maintenance }),
    status: 200,
    who: "operator",
    within: "maintenance",
    effect: "decide",
    summary: "ends it for good; what was held back by it is judged again",
  }),
  override_budget: operation({
    method: "POST",
    path: "/v1/overrides",
    body: z.strictObject({
      project: ProjectId,
      trigger: TriggerId,
      extra: z.int().min(1).max(10),
      for_ms: z
        .int()
        .min(60_000)
        .max(7 * 86_400_000),
      reason: Reason,
    }),
    output: z.strictObject({ override: Override }),
    status: 201,
    who: "operator",
    within: "project",
    effect: "decide",
    summary: "a person widens a trigger's own budgets, for so many attempts and so long; the ledger says who",
  }),
  list_overrides: operation({
    method: "GET",
    path: "/v1/overrides",
    query: z.strictObject({ project: ProjectId.optional() }),
    output: z.strictObject({ overrides: z.array(Override) }),
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "budgets that a person widened and that are not used up yet",
  }),
  list_sprints: operation({
    method: "GET",
    path: "/v1/sprints",
    query: z.strictObject({ status: z.enum(["open", "all"]).default("open") }),
    output: SprintPage,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "causes that are to be repaired, each with its evidence",
  }),
  read_sprint: operation({
    method: "GET",
    path: "/v1/sprints/:id",
    params: ById,
    output: z.strictObject({ sprint: Sprint }),
    status: 200,
    who: "viewer",
    within: "sprint",
    effect: "read",
    summary: "one brief",
  }),
  close_sprint: operation({
    method: "POST",
    path: "/v1/sprints/:id/close",
    params: ById,
    body: z.strictObject({ reason: Reason }),
    output: z.strictObject({ sprint: Sprint }),
    status: 200,
    who: "operator",
    within: "sprint",
    effect: "decide",
    summary: "the cause is repaired, or will not be; the same fault may open another",
  }),
  read_away: operation({
    method: "GET",
    path: "/v1/away",
    query: AwayQuery,
    output: AwayPage,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "what was tried, exhausted and not solved, and nothing else",
  }),
  review_away: operation({
    method: "POST",
    path: "/v1/away/reviewed",
    body: AwayQuery,
    output: AwayPage,
    status: 200,
    who: "operator",
    within: "project",
    effect: "decide",
    summary: "all of it is reviewed: recorded, with who said so; closes nothing",
  }),
} as const;
