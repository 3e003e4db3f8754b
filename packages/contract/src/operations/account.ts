import { z } from "zod";
import { Millis, Uuid } from "../ids.ts";
import { Mail, PersonName } from "../people.ts";
import { SignedIn } from "./access.ts";
import { Nothing, operation } from "./operation.ts";

/** Base64url, as browsers give out what is binary. */
const Binary = z
  .string()
  .max(65_536)
  .regex(/^[A-Za-z0-9_-]*$/, "base64url");
/** What a browser is asked, in the words of WebAuthn (`PublicKeyCredentialCreationOptionsJSON` and the like). */
export const PasskeyOptions = z.strictObject({ options: z.record(z.string(), z.unknown()) });

const credential = {
  id: Binary,
  rawId: Binary,
  type: z.literal("public-key"),
  clientExtensionResults: z.object({}),
};
/** What it answers when it has made a passkey. */
export const MadePasskey = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: Binary,
    attestationObject: Binary,
    transports: z.array(z.string().max(32)).max(16).default([]),
  }),
});
/** And when one has signed. */
export const UsedPasskey = z.object({
  ...credential,
  response: z.object({ clientDataJSON: Binary, authenticatorData: Binary, signature: Binary }),
});

export const PasswordSignIn = z.strictObject({
  name: z.string().min(1).max(40),
  password: z.string().min(1).max(1_024),
  /** Six digits by time, or a recovery code. */
  code: z.string().min(1).max(40),
});

export const Account = z.strictObject({
  person: z.strictObject({ id: Uuid, name: PersonName, email: Mail.nullable() }),
  has_password: z.boolean(),
  /** Codes by time go with the password; it signs nobody in without them. */
  has_codes: z.boolean(),
  recovery_codes: z.int().min(0),
  passkeys: z.array(
    z.strictObject({ id: z.string(), title: z.string(), created_at: Millis, used_at: Millis.nullable() }),
  ),
  /** Where passkeys work: browsers bind them to a name. null: this server is not reached by one. */
  passkey_origin: z.string().nullable(),
});
export type Account = z.infer<typeof Account>;

export const NewPassword = z.strictObject({
  password: z.string().min(1).max(1_024),
  /** The one that goes, where there is one. */
  current: z.string().max(1_024).optional(),
});

export const ACCOUNT = {
  sign_in_by_password: operation({
    method: "POST",
    path: "/v1/session/password",
    body: PasswordSignIn,
    output: SignedIn,
    status: 200,
    who: "anyone",
    within: "all",
    effect: "decide",
    summary: "as `sign_in`; which of the three is wrong is not said, and tries are limited",
  }),
  begin_passkey_sign_in: operation({
    method: "POST",
    path: "/v1/session/passkey/options",
    output: PasskeyOptions,
    status: 200,
    who: "anyone",
    within: "all",
    effect: "decide",
    summary: "what the browser is to sign, within five minutes",
  }),
  sign_in_by_passkey: operation({
    method: "POST",
    path: "/v1/session/passkey",
    body: z.strictObject({ used: UsedPasskey }),
    output: SignedIn,
    status: 200,
    who: "anyone",
    within: "all",
    effect: "decide",
    summary: "as `sign_in`",
  }),
  begin_oidc: operation({
    method: "POST",
    path: "/v1/session/oidc",
    output: z.strictObject({ url: z.string() }),
    status: 200,
    who: "anyone",
    within: "all",
    effect: "decide",
    summary: "where the browser goes to sign in elsewhere; it comes back to `/oidc/callback`",
  }),
  get_account: operation({
    method: "GET",
    path: "/v1/account",
    output: Account,
    status: 200,
    who: "account",
    within: "all",
    effect: "read",
    summary: "how one signs in oneself",
  }),
  set_password: operation({
    method: "POST",
    path: "/v1/account/password",
    body: NewPassword,
    output: Nothing,
    status: 204,
    who: "account",
    within: "all",
    effect: "decide",
    summary: "one's other sessions end",
  }),
  begin_codes: operation({
    method: "POST",
    path: "/v1/account/codes",
    body: z.strictObject({ password: z.string().min(1).max(1_024) }),
    output: z.strictObject({ secret: z.string(), url: z.string() }),
    status: 200,
    who: "account",
    within: "all",
    effect: "decide",
    summary: "a secret for an app that shows six digits; it counts once a code of it was given",
  }),
  confirm_codes: operation({
    method: "POST",
    path: "/v1/account/codes/confirm",
    body: z.strictObject({ code: z.string().min(6).max(10) }),
    output: z.strictObject({ recovery_codes: z.array(z.string()) }),
    status: 200,
    who: "account",
    within: "all",
    effect: "decide",
    summary: "recovery codes, each good once instead of six digits; told this once",
  }),
  begin_passkey: operation({
    method: "POST",
    path: "/v1/account/passkeys/options",
    output: PasskeyOptions,
    status: 200,
    who: "account",
    within: "all",
    effect: "decide",
    summary: "what the browser makes a passkey of, within five minutes",
  }),
  add_passkey: operation({
    method: "POST",
    path: "/v1/account/passkeys",
    body: z.strictObject({ title: z.string().min(1).max(80), made: MadePasskey }),
    output: Nothing,
    status: 204,
    who: "account",
    within: "all",
    effect: "decide",
    summary: "signs one in from now on",
  }),
  remove_passkey: operation({
    method: "DELETE",
    path: "/v1/account/passkeys/:id",
    params: z.strictObject({ id: Binary }),
    output: Nothing,
    status: 204,
    who: "account",
    within: "all",
    effect: "decide",
    summary: "signs nobody in any more",
  }),
} as const;
