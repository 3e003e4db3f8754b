import { z } from "zod";
import { as } from "../asked.ts";
import type { Asked } from "../forge.ts";
import type { GiteaAsk } from "./ask.ts";

/** The name under which we write. */
export type MyLogin = (signal: AbortSignal) => Promise<Asked<string>>;

const User = z.object({ login: z.string() });

/** Asked of the host once. */
export function createMyLogin(ask: GiteaAsk): MyLogin {
  let login: string | null = null;
  return async (signal) => {
    if (login !== null) return { ok: true, value: login };
    const asked = as(await ask({ path: "/user" }, User, signal), (user) => user.login);
    if (asked.ok) login = asked.value;
    return asked;
  };
}
