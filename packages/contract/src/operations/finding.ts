import { z } from "zod";
import { FaultFilter } from "../fault-filter.ts";
import { Millis, Uuid } from "../ids.ts";
import { ById, Nothing, operation } from "./operation.ts";

export const SuggestionQuery = z.strictObject({
  /** The search up to where the person types. */
  q: z.string().max(1_000).default(""),
  /** Whose values: all projects when left out. */
  project: FaultFilter.shape.project,
  limit: z.coerce.number<string | number>().int().min(1).max(50).default(12),
});
export const Suggestion = z.strictObject({
  /** Takes the place of what stands from `from` on. */
  text: z.string(),
  /** What a key means; empty for a value. */
  says: z.string(),
  /** How many faults were seen with the value; null where it is not counted. */
  faults: z.int().min(0).nullable(),
});
export type Suggestion = z.infer<typeof Suggestion>;
export const Suggestions = z.strictObject({ from: z.int().min(0), suggestions: z.array(Suggestion) });
export type Suggestions = z.infer<typeof Suggestions>;

const Name = z.string().trim().min(1).max(60);
export const NewView = z.strictObject({ name: Name, filter: FaultFilter });
export const View = z.strictObject({ id: Uuid, name: z.string(), filter: FaultFilter, created_at: Millis });
export type View = z.infer<typeof View>;

export const FINDING = {
  suggest_search: operation({
    method: "GET",
    path: "/v1/search-suggestions",
    query: SuggestionQuery,
    output: Suggestions,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "keys, and values that faults were seen with, which go on where a search ends",
  }),
  list_views: operation({
    method: "GET",
    path: "/v1/views",
    output: z.strictObject({ views: z.array(View) }),
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "searches that were given a name, by name",
  }),
  add_view: operation({
    method: "POST",
    path: "/v1/views",
    body: NewView,
    output: z.strictObject({ view: View }),
    status: 201,
    who: "operator",
    within: "all",
    effect: "decide",
    summary: "gives a search a name; takes the place of a view of that name",
  }),
  remove_view: operation({
    method: "DELETE",
    path: "/v1/views/:id",
    params: ById,
    output: Nothing,
    status: 204,
    who: "operator",
    within: "all",
    effect: "decide",
    summary: "forgets the name; the faults stay",
  }),
} as const;
