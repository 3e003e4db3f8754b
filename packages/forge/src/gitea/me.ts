import { z } from "zod";
import { as } from "../asked.ts";
import type { Forge } from "../forge.ts";
import type { GiteaAsk } from "./ask.ts";

const User = z.object({ login: z.string() });

/** Whose the token is, asked once. */
export function createMe(ask: GiteaAsk): Forge["me"] {
  let login: string | null = null;
  return async (signal) => {
    if (login !== null) return { ok: true, value: login };
    const asked = as(await ask({ path: "/user" }, User, signal), (user) => user.login);
    if (asked.ok) login = asked.value;
    return asked;
  };
}
