import { z } from "zod";

/** Lower-case slug that a person chose: `default`, `shop-api`. First column of every primary key. */
export const ProjectId = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, "a project id is 1 to 40 of a-z, 0-9 and -, such as shop-api");
/** UUIDv7 (RFC 9562) in lower case, made by the application. */
export const Uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
/** An event's id as SDKs write it: 32 lower-case hex digits. */
export const EventId = z.string().regex(/^[0-9a-f]{32}$/);
/** What a remedy acts on. Pattern of the Kora contract (FORMATS section 5). */
export const TargetId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "a target is 1 to 64 of A-Z, a-z, 0-9, _ and -");
/** Trigger names: `restart-shop-api`. */
export const TriggerId = z.string().regex(/^[a-z0-9][A-Za-z0-9_-]{0,79}$/);
/** Epoch milliseconds, UTC, integer. */
export const Millis = z.int().min(0);
/** SHA-256 in lower-case hex. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
