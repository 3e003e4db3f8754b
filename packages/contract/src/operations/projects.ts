import { z } from "zod";
import { EventId, Millis, ProjectId } from "../ids.ts";
import { operation } from "./operation.ts";

export const NewProject = z.strictObject({ id: ProjectId, title: z.string().min(1).max(80).optional() });
export const ProjectKey = z.strictObject({
  public_key: z.string(),
  dsn: z.string(),
  created_at: Millis,
  /** Refused from then on; null: it is taken until somebody revokes it. */
  ends_at: Millis.nullable(),
});
export type ProjectKey = z.infer<typeof ProjectKey>;

export const Project = z.strictObject({
  id: ProjectId,
  title: z.string(),
  dsn: z.string(),
  dsn_id: z.string(),
  created_at: Millis,
  fault_count: z.int().min(0),
  /** Newest first; the first is the one of `dsn`. */
  keys: z.array(ProjectKey),
  /** Somebody deleted it, and it goes then; null: it stays. */
  deletes_at: Millis.nullable(),
});
export type Project = z.infer<typeof Project>;

export const PROJECTS = {
  list_projects: operation({
    method: "GET",
    path: "/v1/projects",
    output: z.strictObject({ projects: z.array(Project) }),
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "all projects with their DSNs",
  }),
  add_project: operation({
    method: "POST",
    path: "/v1/projects",
    body: NewProject,
    output: z.strictObject({ project: Project }),
    status: 201,
    who: "operator",
    within: "all",
    effect: "decide",
    summary: "a new project has a DSN of its own",
  }),
  send_test_event: operation({
    method: "POST",
    path: "/v1/test-event",
    body: z.strictObject({ project: ProjectId.default("default") }),
    output: z.strictObject({ event_id: EventId }),
    status: 202,
    who: "operator",
    within: "project",
    effect: "propose",
    summary: "a recognisable event of trust `authenticated`",
  }),
} as const;
