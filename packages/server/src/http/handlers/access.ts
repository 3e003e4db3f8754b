import { SESSION_COOKIE, type ACCESS } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";

const ATTRIBUTES = "Path=/; HttpOnly; SameSite=Strict";

export const access: Handlers<typeof ACCESS> = {
  async sign_in({ code }, { kernel, headers, now, url }) {
    const { token, expiresAt } = await kernel.access.signIn(code);
    const maxAge = Math.floor((expiresAt - now()) / 1000);
    const secure = url().startsWith("https:") ? "; Secure" : "";
    headers.set("set-cookie", `${SESSION_COOKIE}=${token}; ${ATTRIBUTES}; Max-Age=${maxAge}${secure}`);
  },
  async sign_out(_input, { kernel, caller, headers }) {
    if (caller?.kind === "session") await kernel.access.signOut(caller.session);
    headers.set("set-cookie", `${SESSION_COOKIE}=; ${ATTRIBUTES}; Max-Age=0`);
  },
  make_sign_in_link: async (_input, { kernel, url }) => ({
    url: `${url()}/sign-in#code=${await kernel.access.mint()}`,
  }),
};
