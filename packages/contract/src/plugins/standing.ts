import { z } from "zod";
import { Actor, HeldBy, Refusal } from "../healing.ts";
import { Millis, ProjectId, Uuid } from "../ids.ts";
import { Digest, PluginGrant, PluginSource, Signature } from "./artifact.ts";
import { Fields, Json } from "./fields.ts";
import { PluginName } from "./names.ts";
import { PluginProblem } from "./problems.ts";
import { PluginRequest } from "./requests.ts";
import { Risk } from "./scopes.ts";

/**
 * `ready`: granted all that it requires in this project. `waiting`: it runs nothing before that. `disabled`: somebody
 * said so. `shadowed`: a command of Prunella itself has its namespace by now.
 */
export const PluginStanding = z.enum(["ready", "waiting", "disabled", "shadowed"]);
export type PluginStanding = z.infer<typeof PluginStanding>;

export const PluginRow = z.strictObject({
  id: Uuid,
  name: PluginName,
  namespace: PluginName,
  version: z.string(),
  description: z.string(),
  kind: z.string(),
  /** A name alone may be that of several. */
  origin: z.string(),
  source: PluginSource,
  digest: Digest,
  signature: Signature,
  /**
   * Where it runs when that is not here, and what its digest stands for: the code that runs there is its host's, and
   * held to none. null: it runs here.
   */
  outside: z.strictObject({ at: z.string(), pinned: z.array(z.string()) }).nullable(),
  standing: PluginStanding,
  disabled: z.strictObject({ since: Millis, reason: z.string(), by: Actor }).nullable(),
  commands: z.array(
    z.strictObject({
      name: z.string(),
      summary: z.string(),
      risk: Risk,
      input: Fields,
      confirms: z.boolean(),
      phrase: z.string().nullable(),
    }),
  ),
  installed_at: Millis,
  updated_at: Millis,
});
export type PluginRow = z.infer<typeof PluginRow>;

export const PluginAsked = z.strictObject({
  ...PluginRequest.shape,
  granted: PluginGrant.nullable(),
  /** Resources that it asks for and nobody granted; empty: it has them all. */
  missing: z.array(z.string()),
  /** Calls of the last 30 days. */
  used: z.int().min(0),
  refused: z.int().min(0),
  last_used_at: Millis.nullable(),
});
export type PluginAsked = z.infer<typeof PluginAsked>;

/** `parked`: it waits for a person. */
export const InvocationState = z.enum(["admitted", "parked", "running", "completed", "failed", "blocked"]);

/** Who invoked what, what it used, and what came of it. */
export const PluginInvocation = z.strictObject({
  id: Uuid,
  project_id: ProjectId,
  plugin: z.string(),
  digest: Digest,
  command: z.string(),
  via: z.enum(["cli", "console", "api", "event"]),
  by: Actor,
  state: InvocationState,
  admitted_at: Millis,
  ended_at: Millis.nullable(),
  /** By scope: how many calls were allowed and refused, and which systems outside were reached. */
  calls: z.array(
    z.strictObject({
      scope: z.string(),
      allowed: z.int().min(0),
      refused: z.int().min(0),
      systems: z.array(z.string()),
    }),
  ),
  refusal: Refusal.nullable(),
  detail: z.string().nullable(),
  progress: z.string().nullable(),
  /** What held it; null: nothing of it ran, or it runs elsewhere. */
  engine: HeldBy.nullable(),
  /** Index in the ledger; null: nothing of it ran. */
  audit_log_id: z.int().min(0).nullable(),
});
export type PluginInvocation = z.infer<typeof PluginInvocation>;

/** One call of a plugin to its host, for whoever writes it: the newest of a server, while that runs. */
export const PluginCall = z.strictObject({
  /** Goes up, over restarts too. */
  seq: z.int().min(0),
  at: Millis,
  invocation: Uuid,
  method: z.string(),
  /** null: it could not be read. */
  scope: z.string().nullable(),
  resource: z.string().nullable(),
  /** `allowed`: it was carried out, well or not. */
  verdict: z.enum(["allowed", "denied", "needs_approval", "budget", "expired", "invalid"]),
  /** Why not, or what went wrong; null: it did what was asked. */
  detail: z.string().nullable(),
  /** The command line that would allow it. */
  mend: z.string().nullable(),
});
export type PluginCall = z.infer<typeof PluginCall>;

export const PluginDetail = z.strictObject({
  plugin: PluginRow,
  asked: z.array(PluginAsked),
  artifacts: z.array(
    z.strictObject({
      digest: Digest,
      version: z.string(),
      source: PluginSource,
      added_at: Millis,
      is_current: z.boolean(),
    }),
  ),
  state: z.strictObject({ bytes: z.int().min(0), quota: z.int().min(0), keys: z.int().min(0) }),
  invocations: z.array(PluginInvocation),
});
export type PluginDetail = z.infer<typeof PluginDetail>;

/** What a source holds, one of its plugins each. */
export const Found = z.strictObject({
  file: z.string(),
  /** null: its manifest is no manifest. */
  name: z.string().nullable(),
  version: z.string().nullable(),
  description: z.string().nullable(),
  /** Of all its files but its signature: what a signature is over. null: its manifest is no manifest. */
  treeDigest: Digest.nullable(),
  signature: Signature.nullable(),
  asks: z.array(PluginRequest),
  problems: z.array(PluginProblem),
});
export type Found = z.infer<typeof Found>;

/**
 * `changed`: at least a byte of its bundle is another than was installed, and it does not run. `outside`: nothing of it
 * lies here; what runs is its host's.
 */
export const Verified = z.strictObject({
  name: PluginName,
  origin: z.string(),
  version: z.string(),
  digest: Digest,
  state: z.enum(["whole", "missing", "changed", "outside"]),
  signature: Signature,
  /** Why it will not run on the server's machine; null where nothing of the machine stands against it. */
  notice: z.string().nullable(),
});
export type Verified = z.infer<typeof Verified>;

/** What came of asking for a command. */
export const InvocationResult = z.strictObject({
  /**
   * `needs_confirmation`: nothing was done; ask again with `confirmed` when a person has seen the arguments.
   * `parked`: a person is asked in the inbox, and it goes on or ends by what they say.
   */
  status: z.enum(["success", "blocked", "failed", "needs_confirmation", "parked"]),
  /** null: nothing was written down. */
  invocation: Uuid.nullable(),
  /** What the command gave, after the scrubber; null where it gave nothing. */
  output: Json,
  /** Why not, in one sentence; null on success. */
  detail: z.string().nullable(),
  refusal: z.string().nullable(),
  /** Of `parked`: the question. */
  escalation: Uuid.nullable(),
  /** The command line that would allow it; null: there is none. */
  mend: z.string().nullable(),
  calls: PluginInvocation.shape.calls,
});
export type InvocationResult = z.infer<typeof InvocationResult>;

/** What was written outside about something, once. */
export const Filing = z.strictObject({
  filing_id: z.uuid(),
  project_id: ProjectId,
  /** `owner/name` at the host of repositories. */
  place: z.string(),
  /** What it is about, in the words of whoever filed it. */
  name: z.string(),
  fault_id: z.uuid().nullable(),
  /** What its fault is called, or it itself as it was filed; null: neither is known. */
  title: z.string().nullable(),
  /** null: nobody knows yet whether it is there. */
  number: z.int().nullable(),
  url: z.string().nullable(),
  first_at: Millis,
  filed_at: Millis.nullable(),
  /** How often it was wanted before it was there. */
  asked: z.int().min(0),
  /** It is written as soon as its host takes it. */
  waits: z.boolean(),
  /** Why the host will never have it; null: it did not say so. */
  refused: z.string().nullable(),
});
export type Filing = z.infer<typeof Filing>;

/** What waits to be filed, and when it is likely to be over. */
export const FilingBacklog = z.strictObject({
  waiting: z.int().min(0),
  /** Until then the host is asked nothing, by its own word; null: it may be asked now. */
  until: Millis.nullable(),
  reason: z.string().nullable(),
  /** About when, by what its host takes in an hour; null: nothing waits. */
  ends_at: Millis.nullable(),
});
export type FilingBacklog = z.infer<typeof FilingBacklog>;
