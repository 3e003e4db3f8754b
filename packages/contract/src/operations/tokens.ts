import { z } from "zod";
import { Millis, ProjectId, Uuid } from "../ids.ts";
import { EFFECTS, PersonName } from "../people.ts";
import { Nothing, operation } from "./operation.ts";

export const PersonalToken = z.strictObject({
  id: Uuid,
  person: z.strictObject({ id: Uuid, name: PersonName }),
  title: z.string(),
  /** The effects that calls with it may have. */
  effects: z.array(z.enum(EFFECTS)),
  /** null: wherever its person has a role. */
  project: ProjectId.nullable(),
  created_at: Millis,
  /** null: never. */
  expires_at: Millis.nullable(),
  /** To about five minutes. */
  used_at: Millis.nullable(),
});
export type PersonalToken = z.infer<typeof PersonalToken>;

export const NewToken = z.strictObject({
  title: z.string().min(1).max(80),
  effects: z
    .array(z.enum(EFFECTS))
    .min(1)
    .refine((effects) => new Set(effects).size === effects.length, "each effect once")
    .default(["read"]),
  project: ProjectId.optional(),
  /** null: it does not expire. */
  days: z.int().min(1).max(3_650).nullable().default(90),
  /** Id or name; only with the data folder's token, which belongs to nobody. */
  person: z.string().min(1).max(80).optional(),
});

/** A session of a browser. */
export const SessionRow = z.strictObject({
  id: Uuid,
  /** null: whoever a link of the data folder's holder signed in. */
  person: z.strictObject({ id: Uuid, name: PersonName }).nullable(),
  way: z.enum(["link", "invitation", "password", "passkey", "oidc"]),
  /** Browser and system in two words, as it said when it signed in. */
  browser: z.string(),
  address: z.string(),
  created_at: Millis,
  /** To about five minutes. */
  seen_at: Millis,
  expires_at: Millis,
  /** The one that asks. */
  current: z.boolean(),
});
export type SessionRow = z.infer<typeof SessionRow>;

export const TOKENS = {
  list_tokens: operation({
    method: "GET",
    path: "/v1/tokens",
    output: z.strictObject({ tokens: z.array(PersonalToken), next: z.null() }),
    status: 200,
    who: "signed_in",
    within: "all",
    effect: "read",
    summary: "one's own personal tokens; everybody's for the data folder's token",
  }),
  create_token: operation({
    method: "POST",
    path: "/v1/tokens",
    body: NewToken,
    output: z.strictObject({ token: PersonalToken, secret: z.string() }),
    status: 201,
    who: "signed_in",
    within: "all",
    effect: "decide",
    summary: "the secret is told this once; a token that asks gives no more than it has",
  }),
  revoke_token: operation({
    method: "DELETE",
    path: "/v1/tokens/:id",
    params: z.strictObject({ id: Uuid }),
    output: Nothing,
    status: 204,
    who: "signed_in",
    within: "all",
    effect: "decide",
    summary: "it is worth nothing any more",
  }),
  list_sessions: operation({
    method: "GET",
    path: "/v1/sessions",
    output: z.strictObject({ sessions: z.array(SessionRow), next: z.null() }),
    status: 200,
    who: "signed_in",
    within: "all",
    effect: "read",
    summary: "where one is signed in; everybody's for the data folder's token",
  }),
  end_session: operation({
    method: "DELETE",
    path: "/v1/sessions/:id",
    params: z.strictObject({ id: Uuid }),
    output: Nothing,
    status: 204,
    who: "signed_in",
    within: "all",
    effect: "decide",
    summary: "that browser is signed out",
  }),
  end_sessions: operation({
    method: "POST",
    path: "/v1/sessions/end",
    output: z.strictObject({ ended: z.int().min(0) }),
    status: 200,
    who: "signed_in",
    within: "all",
    effect: "decide",
    summary: "all of one's other browsers are signed out; everybody's for the data folder's token",
  }),
} as const;
