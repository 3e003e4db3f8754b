import type { ACCESS } from "@prunella/contract/operations";
import { PrunellaError } from "@prunella/contract";
import { cookieOf, readSession, splitSession } from "../auth.ts";
import type { Context, Handlers } from "../handler.ts";

const ATTRIBUTES = "Path=/; HttpOnly; SameSite=Strict";

/** Hands a new session to the browser: half as its cookie, half to the page. */
export async function admit(
  { token, expiresAt }: { readonly token: string; readonly expiresAt: number },
  { kernel, headers, now, request, streams, url }: Context,
): Promise<{ page_key: string }> {
  // The browser has a new one now; nobody is left who would sign out of the former.
  const former = readSession(request);
  if (former !== null) {
    const known = await kernel.access.whoHas(former);
    await kernel.access.signOut(former);
    if (known !== null) streams.end(known.sessionId);
  }
  const { cookie, page_key } = splitSession(token);
  const maxAge = Math.floor((expiresAt - now()) / 1000);
  headers.set("set-cookie", `${cookieOf(url(), cookie)}; ${ATTRIBUTES}; Max-Age=${maxAge}`);
  return { page_key };
}

export const access: Handlers<typeof ACCESS> = {
  sign_in: async ({ code }, context) =>
    admit(await context.kernel.access.signIn(code, context.whence, context.linkSignIn), context),
  accept_invitation: async ({ code }, context) =>
    admit(await context.kernel.access.acceptInvitation(code, context.whence), context),
  list_sign_in_ways: async (_input, { kernel, linkSignIn, waysIn }) => ({
    link: linkSignIn,
    people: await kernel.access.hasPeople(),
    oidc: waysIn.oidc?.title ?? null,
    passkey_origin: waysIn.passkeys.place()?.origin ?? null,
  }),
  async sign_out(_input, { kernel, caller, headers, url, streams }) {
    if (caller?.kind === "session") {
      await kernel.access.signOut(caller.session);
      streams.end(caller.sessionId);
    }
    headers.set("set-cookie", `${cookieOf(url(), "")}; ${ATTRIBUTES}; Max-Age=0`);
  },
  async make_sign_in_link(_input, { kernel, url, linkSignIn }) {
    if (!linkSignIn)
      throw new PrunellaError("PRUNELLA_CONFLICT", {
        detail: "Signing in by link is switched off (server.link_sign_in).",
        hint: "Invite somebody, here one who is called ada: prunella people add ada --role owner",
      });
    return { url: `${url()}/sign-in#code=${await kernel.access.mint()}` };
  },
};
