import { z } from "zod";
import { Millis, ProjectId, Uuid } from "../ids.ts";
import { ById, Nothing, operation } from "./operation.ts";

/** Found again by debug id, or by release and file. `file` may begin with `~` for any host. */
export const NewSourceMap = z.strictObject({
  project: ProjectId.default("default"),
  /** A UUID, with or without hyphens; else the map's own `debugId` counts. */
  debug_id: z
    .string()
    .regex(/^[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$/, "a debug id is a UUID")
    .optional(),
  release: z.string().min(1).max(200).optional(),
  file: z.string().min(1).max(512).optional(),
  /** The map itself, or its JSON text. */
  map: z.union([z.string(), z.record(z.string(), z.unknown())]),
});
export type NewSourceMap = z.infer<typeof NewSourceMap>;
export const SourceMapRow = z.strictObject({
  id: Uuid,
  project_id: ProjectId,
  debug_id: z.string().nullable(),
  release: z.string().nullable(),
  file: z.string().nullable(),
  bytes: z.int().min(0),
  created_at: Millis,
});
export type SourceMapRow = z.infer<typeof SourceMapRow>;

export const SOURCE_MAPS = {
  list_source_maps: operation({
    method: "GET",
    path: "/v1/source-maps",
    query: z.strictObject({ project: ProjectId.optional() }),
    output: z.strictObject({ source_maps: z.array(SourceMapRow) }),
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "newest first",
  }),
  add_source_map: operation({
    method: "POST",
    path: "/v1/source-maps",
    body: NewSourceMap,
    // A source map of 32 MiB and what says where it belongs.
    max_body: 34_603_008,
    output: z.strictObject({ source_map: SourceMapRow }),
    status: 201,
    who: "operator",
    within: "project",
    effect: "decide",
    summary: "events that come from now on are looked up in it",
  }),
  remove_source_map: operation({
    method: "DELETE",
    path: "/v1/source-maps/:id",
    params: ById,
    output: Nothing,
    status: 204,
    who: "operator",
    within: "source_map",
    effect: "decide",
    summary: "what was shown with it stays",
  }),
} as const;
