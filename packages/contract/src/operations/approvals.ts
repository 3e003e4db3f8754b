import { z } from "zod";
import { ProjectId, Slug, Target, TriggerId, Uuid } from "../ids.ts";
import { Approval } from "../standing.ts";
import { ById, operation } from "./operation.ts";

export const APPROVALS = {
  list_approvals: operation({
    method: "GET",
    path: "/v1/approvals",
    query: z.strictObject({ status: z.enum(["waiting", "all"]).default("waiting") }),
    output: z.strictObject({ approvals: z.array(Approval) }),
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "what people said yes to before anybody asked, and what came of it",
  }),
  approve: operation({
    method: "POST",
    path: "/v1/approvals",
    body: z.strictObject({
      /** Of whoever may have to say it twice: the second time is then no second approval. */
      id: Uuid.optional(),
      project: ProjectId.default("default"),
      trigger: TriggerId.nullable().default(null),
      action: Slug,
      target: Target,
      for_ms: z.int().min(60_000).optional(),
      reason: z.string().trim().min(1).max(200),
    }),
    output: z.strictObject({ approval: Approval }),
    status: 201,
    who: "operator",
    within: "project",
    effect: "decide",
    summary:
      "yes to what would be done now, for the first question about exactly that: the open one, or the next within an hour, a day at most",
  }),
  withdraw_approval: operation({
    method: "POST",
    path: "/v1/approvals/:id/withdraw",
    params: ById,
    output: z.strictObject({ approval: Approval }),
    status: 200,
    who: "operator",
    within: "approval",
    effect: "decide",
    summary: "it answers nothing any more; one that was used or is over says so",
  }),
} as const;
