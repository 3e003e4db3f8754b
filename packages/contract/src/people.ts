import { z } from "zod";
import { Millis, ProjectId, Uuid } from "./ids.ts";

/** Each may what those before it may. */
export const ROLES = ["viewer", "operator", "owner"] as const;
/** `viewer` reads; `operator` decides and acts; `owner` also has people, keys and deletion. */
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

/** What a person is called; also what they type to sign in. Compared in lower case. */
export const PersonName = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?$/,
    "a person's name is 1 to 40 of a-z, 0-9, ., _ and -, such as ada or ada.lovelace",
  );
/** Nothing is sent to it; it is compared with what other providers say. */
export const Mail = z
  .string()
  .max(254)
  .regex(/^[^\s@]{1,64}@[^\s@]{1,180}\.[^\s@.]{2,63}$/, "a mail address, such as ada@example.org");

/** `project` null: in every project, and over what belongs to none. */
export const RoleIn = z.strictObject({ project: ProjectId.nullable(), role: Role });
export type RoleIn = z.infer<typeof RoleIn>;

export const Person = z.strictObject({
  /** What the ledger calls them. */
  id: Uuid,
  name: PersonName,
  email: Mail.nullable(),
  /** `invited`: has not signed in yet. `removed`: only the name is kept, for what they once did. */
  state: z.enum(["invited", "active", "removed"]),
  roles: z.array(RoleIn),
  created_at: Millis,
});
export type Person = z.infer<typeof Person>;

/** What every personal token begins with, so that scanners know one. */
export const TOKEN_PREFIX = "prunella_token_";

/** The effects of operations, in their order; a personal token is made for some of them. */
export const EFFECTS = ["read", "propose", "decide", "act"] as const;
