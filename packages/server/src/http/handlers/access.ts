import type { ACCESS } from "@prunella/contract/operations";
import { cookieOf, readSession, splitSession } from "../auth.ts";
import type { Handlers } from "../handler.ts";

const ATTRIBUTES = "Path=/; HttpOnly; SameSite=Strict";

export const access: Handlers<typeof ACCESS> = {
  async sign_in({ code }, { kernel, headers, now, request, streams, url }) {
    const { token, expiresAt } = await kernel.access.signIn(code);
    // The browser has a new one now; nobody is left who would sign out of the former.
    const former = readSession(request);
    if (former !== null) {
      await kernel.access.signOut(former);
      streams.end(former);
    }
    const { cookie, page_key } = splitSession(token);
    const maxAge = Math.floor((expiresAt - now()) / 1000);
    headers.set("set-cookie", `${cookieOf(url(), cookie)}; ${ATTRIBUTES}; Max-Age=${maxAge}`);
    return { page_key };
  },
  async sign_out(_input, { kernel, caller, headers, url, streams }) {
    if (caller?.kind === "session") {
      await kernel.access.signOut(caller.session);
      streams.end(caller.session);
    }
    headers.set("set-cookie", `${cookieOf(url(), "")}; ${ATTRIBUTES}; Max-Age=0`);
  },
  make_sign_in_link: async (_input, { kernel, url }) => ({
    url: `${url()}/sign-in#code=${await kernel.access.mint()}`,
  }),
};
