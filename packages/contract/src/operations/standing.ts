import { z } from "zod";
import { ActionWindow } from "../action-window.ts";
import { Millis, ProjectId, Target, TriggerId } from "../ids.ts";
import { Maintenance, Pause } from "../standing.ts";
import { ById, operation } from "./operation.ts";

/** In a few words, for whoever reads it later. */
const Reason = z.string().trim().min(1).max(200);

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
} as const;
