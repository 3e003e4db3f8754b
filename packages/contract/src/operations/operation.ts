import { z } from "zod";

/**
 * What calling an operation does. `read` changes nothing. `propose` says that something has happened;
 * Prunella judges what follows. `decide` is a person's choice. `act` cannot be taken back: an effect
 * on the outside, or deletion for good.
 */
export type Effect = "read" | "propose" | "decide" | "act";

/**
 * Who may call. `viewer`, `operator` and `owner`: whoever has at least that role where it happens; the data
 * folder's token, and whom a link of it signed in, are owners everywhere. `signed_in`: any of them. `account`: a
 * person with a name, from their own browser. `token`: the data folder's token alone, which supervisors have.
 */
export type Who = "anyone" | "signed_in" | "viewer" | "operator" | "owner" | "account" | "token";

/**
 * Where a call happens, so that roles of one project count there and nowhere else. `all`: it belongs to no project,
 * and takes a role in all of them. `project`: the field of that name; a list without it holds what the caller may
 * see, and anything else without it concerns all. `each`: it names many things, and each is answered by where it
 * lies. Otherwise in the project of the thing that `id` names.
 */
export type Within =
  | "all"
  | "project"
  | "each"
  | "fault"
  | "escalation"
  | "approval"
  | "rule"
  | "source_map"
  | "pause"
  | "maintenance"
  | "sprint";

/**
 * One operation of the operator API: routes, clients, docs/api.md and the OpenAPI document are made
 * from it. A caller gives one flat object; where each field travels follows from its schema.
 */
export interface Operation {
  readonly method: "GET" | "POST" | "DELETE";
  /** `:name` stands for a field of `params`. */
  readonly path: `/v1/${string}`;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** Bytes of the body, where it may be larger than {@link MAX_BODY}. */
  readonly max_body?: number;
  /** {@link Nothing} goes with status 204. Of a stream: what each message holds. */
  readonly output: z.ZodType;
  readonly streams?: true;
  readonly status: 200 | 201 | 202 | 204;
  readonly who: Who;
  readonly within: Within;
  readonly effect: Effect;
  /** One line of docs/api.md. */
  readonly summary: string;
}

/** Bodies are small; a crash with its tail of stderr is the largest. */
export const MAX_BODY = 262_144;

/** There is no body. */
export const Nothing = z.void();

/** Keeps the exact schemas in the type, from which callers and handlers get theirs. */
export const operation = <const O extends Operation>(given: O): O => given;

type Part = "params" | "query" | "body";
type Given<O, P extends Part> = O extends { readonly [K in P]: infer S extends z.ZodType } ? z.input<S> : object;
type Parsed<O, P extends Part> = O extends { readonly [K in P]: infer S extends z.ZodType } ? z.output<S> : object;

/**
 * What a caller gives: fields with a default may be left out. One operation at a time: of them all at once it
 * would be every params with every query with every body, more than a compiler counts to.
 */
export type InputOf<O> = O extends unknown ? Given<O, "params"> & Given<O, "query"> & Given<O, "body"> : never;
/** What the handler gets. */
export type ParsedOf<O> = Parsed<O, "params"> & Parsed<O, "query"> & Parsed<O, "body">;
export type OutputOf<O extends Operation> = z.output<O["output"]>;

/** An id as people type it: shortened to a unique beginning or end where the operation says so. */
export const ById = z.strictObject({ id: z.string().min(1).max(200) });
