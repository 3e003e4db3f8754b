import { z } from "zod";
import { Millis, ProjectId } from "../ids.ts";
import { FaultRow } from "./faults.ts";
import { operation } from "./operation.ts";

const Count = z.int().min(0);

/** A version of a program: seen in events, announced by a build tool, or both. */
export const ReleaseRow = z.strictObject({
  project_id: ProjectId,
  version: z.string(),
  /** Its first event or its announcement, whichever came first. */
  known_since: Millis,
  first_event: Millis.nullable(),
  last_event: Millis.nullable(),
  events: Count,
  /** Faults that were first seen in it. */
  new_faults: Count,
  /** Resolved faults that it brought back. */
  regressed_faults: Count,
  /** As the build tool said it; null when none did. */
  date_released: z.string().nullable(),
  /** Where it runs, the newest last. */
  deployed_to: z.array(z.string()),
});
export type ReleaseRow = z.infer<typeof ReleaseRow>;

export const ReleaseDetail = z.strictObject({
  release: ReleaseRow,
  /** What was known before it; null when nothing was. */
  before: z.string().nullable(),
  /** At most 100, the newest activity first. */
  new_faults: z.array(FaultRow),
  regressed_faults: z.array(FaultRow),
});
export type ReleaseDetail = z.infer<typeof ReleaseDetail>;

export const RELEASES = {
  list_releases: operation({
    method: "GET",
    path: "/v1/releases",
    query: z.strictObject({
      project: ProjectId.optional(),
      limit: z.coerce.number<string | number>().int().min(1).max(200).default(50),
    }),
    output: z.strictObject({ releases: z.array(ReleaseRow) }),
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "the newest first",
  }),
  get_release: operation({
    method: "GET",
    path: "/v1/projects/:project/releases/:version",
    params: z.strictObject({ project: ProjectId, version: z.string().min(1).max(200) }),
    output: ReleaseDetail,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "what is new in it and what came back with it",
  }),
} as const;
