import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { createFakehub, type Fakehub } from "@prunella/forge/fakehub";
import { startGitea, type Gitea } from "../gitea/gitea.ts";
import { openServer, type ServerFixture } from "./server-fixture.ts";

/** What a host signs its webhooks with, in all of these houses. */
export const HOOK_SECRET = "It's a Secret to Everybody";

/** Writes a secret into a folder, as a configuration names it. */
export const secretsIn =
  (folder: string) =>
  (name: string, text: string): { readonly file: string } => {
    writeFileSync(join(folder, name), text);
    return { file: join(folder, name) };
  };

/** Something that answers requests, at an address of this machine. */
export const listenTo = (
  answer: (request: Request) => Response | Promise<Response>,
): Promise<{ readonly url: string; close(): void }> =>
  new Promise((resolve) => {
    const server = serve(
      { fetch: answer, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false },
      ({ port }: AddressInfo) =>
        resolve({
          url: `http://127.0.0.1:${port}`,
          close() {
            if ("closeAllConnections" in server) server.closeAllConnections();
            server.close();
          },
        }),
    );
  });

interface House extends AsyncDisposable {
  readonly house: ServerFixture;
  readonly folder: string;
}

export interface HubHouse extends House {
  readonly hub: Fakehub;
}

/**
 * A server whose host is the double of GitHub, with these repositories. `forge`: what else stands there, made from
 * what the double is like by then; who asks may be left to it.
 */
export async function openHubHouse(given: {
  readonly repos: readonly string[];
  readonly isPrivate?: (repo: string) => boolean;
  readonly forge: (hub: Fakehub, secret: ReturnType<typeof secretsIn>) => object;
  readonly config?: object;
}): Promise<HubHouse> {
  await using opening = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "prunella-hub-"));
  opening.defer(() => rmSync(folder, { recursive: true, force: true }));
  const secret = secretsIn(folder);
  const hub = createFakehub({ folder, clock: { now: () => Date.now() } });
  for (const name of given.repos)
    hub.addRepo(name, { "README.md": "# A repository\n" }).isPrivate = given.isPrivate?.(name) ?? false;
  const { url, close } = await listenTo(hub.fetch);
  opening.defer(close);
  const forge = { base_url: url, webhook_secret: secret("hook", HOOK_SECRET), ...given.forge(hub, secret) };
  const house = opening.use(await openServer({ forge, ...given.config }));
  const all = opening.move();
  return { house, folder, hub, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

export interface GiteaHouse extends House {
  readonly gitea: Gitea;
  /** Tells the server what happens in a repository of acme. */
  hook(repo: string, events: readonly string[]): Promise<void>;
  /** Of a repository of acme, whatever their state. */
  issues(repo: string): Promise<{ number: number; title: string; body: string; state: string }[]>;
}

/** A server whose host is a real Gitea, where a bot may write to these repositories of acme. Nothing is a double. */
export async function openGiteaHouse(given: {
  readonly repos: readonly string[];
  readonly forge?: object;
  readonly config?: object;
}): Promise<GiteaHouse> {
  await using opening = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "prunella-gitea-"));
  opening.defer(() => rmSync(folder, { recursive: true, force: true }));
  const secret = secretsIn(folder);
  const gitea = opening.use(await startGitea());
  const bot = await gitea.addUser("prunella-bot", ["write:issue", "read:repository", "read:user"]);
  await gitea.addUser("acme", ["all"]);
  for (const repo of given.repos) {
    await gitea.addRepo("acme", repo);
    await gitea.api("PUT", `/repos/acme/${repo}/collaborators/prunella-bot`, { permission: "write" });
  }
  const forge = {
    kind: "gitea",
    base_url: gitea.url,
    token: secret("token", bot.token),
    webhook_secret: secret("hook", HOOK_SECRET),
    ...given.forge,
  };
  const house = opening.use(await openServer({ forge, ...given.config }));
  const all = opening.move();
  return {
    house,
    folder,
    gitea,
    async hook(repo, events) {
      const config = { url: `${house.server.url}/forge/gitea`, content_type: "json", secret: HOOK_SECRET };
      const hook = { type: "gitea", active: true, events, config };
      const { status, json } = await gitea.api("POST", `/repos/acme/${repo}/hooks`, hook);
      if (status >= 300) throw new Error(JSON.stringify(json));
    },
    async issues(repo) {
      const { json } = await gitea.api("GET", `/repos/acme/${repo}/issues?state=all&type=issues&limit=50`);
      if (!Array.isArray(json)) throw new Error("the host gave no list");
      return json;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
