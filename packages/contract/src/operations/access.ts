import { z } from "zod";
import { Nothing, operation } from "./operation.ts";

/** The cookie of a signed-in browser. Over HTTPS it also has the prefix that ties it to this host. */
export const SESSION_COOKIE = "prunella_session";
/**
 * The header that goes with the cookie. Cookies do not know ports: every program on the same host gets
 * them. What a page keeps in its own storage only its own origin can read, so both are asked for.
 */
export const PAGE_HEADER = "x-prunella-page";

export const SignIn = z.strictObject({
  /** Of a sign-in link. */
  code: z.string().min(1).max(200),
});
/** The page keeps its key and sends it with every call. */
export const SignedIn = z.strictObject({ page_key: z.string() });
export const SignInLink = z.strictObject({ url: z.string() });

/** Which ways in this server has. */
export const SignInWays = z.strictObject({
  /** One-time links of who holds the data folder. */
  link: z.boolean(),
  /** People with passwords and codes, or passkeys. */
  people: z.boolean(),
  /** The name on the button of another provider. */
  oidc: z.string().nullable(),
  /** As in the account. */
  passkey_origin: z.string().nullable(),
});

export const ACCESS = {
  sign_in: operation({
    method: "POST",
    path: "/v1/session",
    body: SignIn,
    output: SignedIn,
    status: 200,
    who: "anyone",
    within: "all",
    effect: "decide",
    summary:
      "the session cookie, and the key that goes with it in the header `x-prunella-page`; the code is used up, and a session that the browser had ends",
  }),
  accept_invitation: operation({
    method: "POST",
    path: "/v1/invitation",
    body: SignIn,
    output: SignedIn,
    status: 200,
    who: "anyone",
    within: "all",
    effect: "decide",
    summary: "signs the invited person in; the invitation is used up",
  }),
  list_sign_in_ways: operation({
    method: "GET",
    path: "/v1/sign-in-ways",
    output: SignInWays,
    status: 200,
    who: "anyone",
    within: "all",
    effect: "read",
    summary: "how one can sign in here",
  }),
  sign_out: operation({
    method: "DELETE",
    path: "/v1/session",
    output: Nothing,
    status: 204,
    who: "signed_in",
    within: "all",
    effect: "decide",
    summary: "the session ends",
  }),
  make_sign_in_link: operation({
    method: "POST",
    path: "/v1/sign-in-links",
    output: SignInLink,
    status: 201,
    who: "token",
    within: "all",
    effect: "decide",
    summary: "signs a browser in once, within 15 minutes",
  }),
} as const;
