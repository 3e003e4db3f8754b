import { z } from "zod";
import { RetentionChange, RetentionPolicy } from "../config-bounds.ts";
import { Millis, ProjectId } from "../ids.ts";
import { operation } from "./operation.ts";
import { Project } from "./projects.ts";

const HOUR_MS = 3_600_000;
const ofProject = z.strictObject({ project: ProjectId });
const Changed = z.strictObject({ project: Project });

export const RetentionUse = z.strictObject({
  /** What holds now. */
  policy: RetentionPolicy,
  /** What the configuration file says for this project. */
  configured: RetentionPolicy,
  /** Which keys people changed since. */
  changed: z.array(z.keyof(RetentionPolicy)),
  used: z.strictObject({
    bytes: z.int().min(0),
    faults: z.int().min(0),
    bodies: z.int().min(0),
    source_maps: z.int().min(0),
  }),
  /** What goes next by age, soonest first; null: when nothing of the kind is there. */
  next: z.strictObject({
    /** The closed fault that was quiet for longest goes then. */
    fault_at: Millis.nullable(),
    /** A body may go then; the first, the last and the telling ones stay. */
    body_at: Millis.nullable(),
    source_map_at: Millis.nullable(),
    /** Above the cap: the least telling goes now. */
    over_cap: z.boolean(),
  }),
});
export type RetentionUse = z.infer<typeof RetentionUse>;

export const PROJECT_SETTINGS = {
  rename_project: operation({
    method: "POST",
    path: "/v1/projects/:project/rename",
    params: ofProject,
    body: z.strictObject({ title: z.string().min(1).max(80) }),
    output: Changed,
    status: 200,
    who: "operator",
    within: "project",
    effect: "decide",
    summary: "another title; the id and the DSNs stay",
  }),
  delete_project: operation({
    method: "POST",
    path: "/v1/projects/:project/delete",
    params: ofProject,
    body: z.strictObject({
      /** The id once more: nobody deletes a project by a slip. */
      confirm: z.string().max(100),
    }),
    output: Changed,
    status: 200,
    who: "owner",
    within: "project",
    effect: "decide",
    summary: "its faults, bodies, rules and source maps go in 24 hours; until then `keep` takes it back",
  }),
  keep_project: operation({
    method: "POST",
    path: "/v1/projects/:project/keep",
    params: ofProject,
    output: Changed,
    status: 200,
    who: "owner",
    within: "project",
    effect: "decide",
    summary: "takes a deletion back while its 24 hours run",
  }),
  add_project_key: operation({
    method: "POST",
    path: "/v1/projects/:project/keys",
    params: ofProject,
    output: Changed,
    status: 201,
    who: "owner",
    within: "project",
    effect: "decide",
    summary: "a further DSN key, taken beside the others",
  }),
  rotate_project_key: operation({
    method: "POST",
    path: "/v1/projects/:project/keys/rotate",
    params: ofProject,
    body: z.strictObject({
      overlap_ms: z
        .int()
        .min(0)
        .max(90 * 24 * HOUR_MS)
        .default(24 * HOUR_MS),
    }),
    output: Changed,
    status: 200,
    who: "owner",
    within: "project",
    effect: "decide",
    summary: "a new key is handed out; all former ones are taken until the overlap is over",
  }),
  revoke_project_key: operation({
    method: "POST",
    path: "/v1/projects/:project/keys/revoke",
    params: ofProject,
    body: z.strictObject({ key: z.string().min(4).max(32) }),
    output: Changed,
    status: 200,
    who: "owner",
    within: "project",
    effect: "decide",
    summary: "what comes with this key is refused from now on; not the one that is handed out",
  }),
  get_retention: operation({
    method: "GET",
    path: "/v1/projects/:project/retention",
    params: ofProject,
    output: RetentionUse,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "what holds, what is used and what goes next",
  }),
  set_retention: operation({
    method: "POST",
    path: "/v1/projects/:project/retention",
    params: ofProject,
    body: z.strictObject({
      change: RetentionChange,
      /** Keys that are again as the configuration says. */
      reset: z.array(z.keyof(RetentionPolicy)).max(10).default([]),
    }),
    output: RetentionUse,
    status: 200,
    who: "owner",
    within: "project",
    effect: "decide",
    summary: "other times and another cap for this project; what is over them goes within a week",
  }),
} as const;
