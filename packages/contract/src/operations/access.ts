import { z } from "zod";
import { Nothing, operation } from "./operation.ts";

/** The cookie of a signed-in browser. */
export const SESSION_COOKIE = "prunella_session";

export const SignIn = z.strictObject({
  /** Of a sign-in link. */
  code: z.string().min(1).max(200),
});
export const SignInLink = z.strictObject({ url: z.string() });

export const ACCESS = {
  sign_in: operation({
    method: "POST",
    path: "/v1/session",
    body: SignIn,
    output: Nothing,
    status: 204,
    who: "anyone",
    effect: "decide",
    summary: "the session cookie; the code is used up",
  }),
  sign_out: operation({
    method: "DELETE",
    path: "/v1/session",
    output: Nothing,
    status: 204,
    who: "operator",
    effect: "decide",
    summary: "the session ends",
  }),
  make_sign_in_link: operation({
    method: "POST",
    path: "/v1/sign-in-links",
    output: SignInLink,
    status: 201,
    who: "token",
    effect: "decide",
    summary: "signs a browser in once, within 15 minutes",
  }),
} as const;
