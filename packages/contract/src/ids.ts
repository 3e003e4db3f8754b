import { z } from "zod";

/** Lower-case slug that a person chose: `default`, `shop-api`. First column of every primary key. */
export const ProjectId = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, "a project id is 1 to 40 of a-z, 0-9 and -, such as shop-api");
/** UUIDv7 (RFC 9562) in lower case, made by the application. */
export const Uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
/** An event's id as SDKs write it: 32 lower-case hex digits. */
export const EventId = z.string().regex(/^[0-9a-f]{32}$/);
/** What a supervised program is called; its target is `program:<name>`. */
export const ProgramName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, "a program's name is 1 to 64 of A-Z, a-z, 0-9, _ and -");
/**
 * What a remedy acts on, with its kind: `program:shop`, `unit:nginx.service`, `machine:app/id`,
 * `repo:owner/name`. Compared code unit by code unit: a look-alike is another target.
 */
export const Target = z
  .string()
  .max(200)
  .regex(
    /^[a-z][a-z0-9-]{0,30}:[A-Za-z0-9._@:/#-]+$/,
    "a target is <kind>:<id> of at most 200 of A-Z a-z 0-9 . _ @ : / # -, such as program:shop",
  );
/** What a person calls a target: a program by its name, anything else with its kind. */
export const shownTarget = (target: string): string => (target.startsWith("program:") ? target.slice(8) : target);
/** Names of actions, decisions and the like: `restart`, `file_issue`. */
export const Slug = z.string().regex(/^[a-z][a-z0-9_]{0,47}$/, "a name is 1 to 48 of a-z, 0-9 and _, such as restart");
/** Who: a trigger, a grant, a person. Never a name or an address, only an id. */
export const SubjectId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$/);
/** Trigger names: `restart-shop-api`. */
export const TriggerId = z.string().regex(/^[a-z0-9][A-Za-z0-9_-]{0,79}$/);
/** Epoch milliseconds, UTC, integer. */
export const Millis = z.int().min(0);
/** SHA-256 in lower-case hex. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
