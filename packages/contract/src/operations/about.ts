import { z } from "zod";
import { Millis, Uuid } from "../ids.ts";
import { PersonName, RoleIn } from "../people.ts";
import { operation } from "./operation.ts";

/** Errors come with the status that the catalogue gives their code. */
export const ApiError = z.object({
  error: z.object({
    /** Of docs/errors.md. */
    code: z.string(),
    message: z.string(),
    /** What to do next. */
    hint: z.string().nullable(),
  }),
});
export type ApiError = z.infer<typeof ApiError>;

export const Me = z.strictObject({
  /** `token`: the data folder's; `personal`: a person's own. */
  kind: z.enum(["session", "token", "personal"]),
  /** null: who holds the data folder, or whom a link of it signed in. */
  person: z.strictObject({ id: Uuid, name: PersonName }).nullable(),
  roles: z.array(RoleIn),
  version: z.string(),
  demo: z.boolean(),
  /** How the command is called where the server was started, such as `npx --no-install prunella`. */
  command: z.string(),
  started_at: Millis,
});
export type Me = z.infer<typeof Me>;

/** "This has changed, fetch it again." */
export const Notice = z.strictObject({
  topic: z.enum([
    "plugins",
    "faults",
    "attempts",
    "escalations",
    "triggers",
    "ledger",
    "supervised",
    "rules",
    "messages",
    "probes",
    "heartbeats",
  ]),
  id: z.string(),
  version: z.int(),
});
export type Notice = z.infer<typeof Notice>;

/** The configuration file was read again, and is in force. */
export const Reloaded = z.strictObject({
  audit_log_id: z.int().min(0),
  before_sha256: z.string().nullable(),
  after_sha256: z.string(),
  /** Keys of the file that are in force otherwise than before. */
  changed: z.array(z.string()),
  /** Keys that differ and are in force only after a restart. */
  needs_restart: z.array(z.string()),
  /** Ids of triggers that were registered or changed, and of those that are gone. */
  registered: z.array(z.string()),
  removed: z.array(z.string()),
});
export type Reloaded = z.infer<typeof Reloaded>;

export const ABOUT = {
  reload: operation({
    method: "POST",
    path: "/v1/reload",
    output: Reloaded,
    status: 200,
    who: "owner",
    within: "all",
    effect: "decide",
    summary: "reads the configuration file again: whole or, with every mistake told, not at all",
  }),
  get_me: operation({
    method: "GET",
    path: "/v1/me",
    output: Me,
    status: 200,
    who: "signed_in",
    within: "all",
    effect: "read",
    summary: "who calls, and what answers",
  }),
  follow_notices: operation({
    method: "GET",
    path: "/v1/stream",
    output: Notice,
    streams: true,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "server-sent events named `notice`, at most four times a second; fetch again what they name",
  }),
  get_openapi: operation({
    method: "GET",
    path: "/v1/openapi.json",
    output: z.record(z.string(), z.unknown()),
    status: 200,
    who: "signed_in",
    within: "all",
    effect: "read",
    summary: "this table as an OpenAPI 3.1 document",
  }),
} as const;
