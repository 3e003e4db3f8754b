import { z } from "zod";
import type { Asked } from "../forge.ts";
import type { ForgeStanding } from "../standing.ts";
import type { GiteaAsk } from "./ask.ts";
import type { MyLogin } from "./login.ts";

const Version = z.object({ version: z.string() });

/**
 * Gitea has no route that says what a token may, but refuses what it may not with all that it may: something is asked
 * that none of ours needs. A token that may do that too is too broad, and Gitea then says nothing of the rest.
 */
export async function readStanding(
  ask: GiteaAsk,
  myLogin: MyLogin,
  signal: AbortSignal,
): Promise<Asked<ForgeStanding>> {
  const login = await myLogin(signal);
  if (!login.ok) return login;
  const version = await ask({ path: "/version" }, Version, signal);
  if (!version.ok) return version;
  const beyond = await ask({ path: "/admin/cron", query: { limit: 1 } }, z.unknown(), signal);
  const permissions = beyond.ok ? { all: "write" } : scopesIn(beyond.refusal.message);
  return { ok: true, value: { version: version.value.version, login: login.value, permissions, hook: null } };
}

/** `… token scope=write:issue,read:user`; whoever may be asked and is refused for another reason may all. */
function scopesIn(message: string): Record<string, string> | null {
  const said = /token scope=(?<scopes>[a-z:,-]+)/.exec(message)?.groups?.["scopes"];
  if (said === undefined) return /site administrator|be the site admin/i.test(message) ? { admin: "read" } : null;
  return Object.fromEntries(
    said.split(",").map((scope) => {
      const [access = "", name] = scope.split(":");
      return name === undefined ? [access, "write"] : [name, access];
    }),
  );
}
