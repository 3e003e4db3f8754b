import { z } from "zod";
import { as } from "../asked.ts";
import type { Asked } from "../forge.ts";
import type { GiteaAsk } from "./ask.ts";

/** The name under which we write. */
export type MyLogin = (signal: AbortSignal) => Promise<Asked<string>>;

const User = z.object({ login: z.string() });

/** Asked of the host once for each token. */
export function createMyLogin(ask: GiteaAsk, token: () => string): MyLogin {
  let login: string | null = null;
  let of: string | null = null;
  return async (signal) => {
    const now = tokenNow(token);
    if (login !== null && of === now) return { ok: true, value: login };
    const asked = as(await ask({ path: "/user" }, User, signal), (user) => user.login);
    if (asked.ok) [login, of] = [asked.value, now];
    return asked;
  };
}

/** Another token may be another user's. */
function tokenNow(token: () => string): string | null {
  try {
    return token();
  } catch {
    return null;
  }
}
