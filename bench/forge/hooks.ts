import { createHmac, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { createFakehub } from "@prunella/forge/fakehub";
import { openServer } from "../../test/end-to-end/server-fixture.ts";
import { temporaryFolder } from "../folder.ts";
import { percentile } from "../percentile.ts";

const REPO = "acme/shop";
const AT_ONCE = 4;
const SECRET = "a secret of the measurement";

/** Milliseconds from a signed delivery to the answer at the real door; every failure told is new and is written first. */
export async function webhookAnswers(of: {
  readonly many: number;
  /** null: the embedded database. */
  readonly storeUrl: string | null;
  /** The host says nothing of who we are, so that the door has to give up waiting for it. */
  readonly isHostSilent: boolean;
}): Promise<{ readonly p95: number; readonly most: number; readonly statuses: ReadonlySet<number> }> {
  using folder = temporaryFolder("bench-hooks");
  const file = (name: string, text: string) => {
    writeFileSync(join(folder.path, name), text);
    return { file: join(folder.path, name) };
  };
  await using host = of.isHostSilent ? await silent() : await fakehub(folder.path);
  await using house = await openServer({
    ...(of.storeUrl === null ? {} : { store: { url: of.storeUrl } }),
    forge: {
      base_url: host.url,
      token: file("token", host.token),
      webhook_secret: file("hook", SECRET),
      watched: { repos: [REPO] },
    },
  });
  const took: number[] = [];
  const statuses = new Set<number>();
  const deliver = async (nth: number): Promise<void> => {
    const body = JSON.stringify(failedRun(nth));
    const headers = {
      "content-type": "application/json",
      "x-github-event": "workflow_run",
      "x-github-delivery": randomUUID(),
      "x-hub-signature-256": `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`,
    };
    const began = performance.now();
    const answer = await fetch(`${house.server.url}/forge/github`, { method: "POST", body, headers });
    took.push(performance.now() - began);
    statuses.add(answer.status);
    await answer.text();
  };
  for (let sent = 0; sent < of.many; sent += AT_ONCE)
    await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => deliver(sent + at)));
  return { p95: percentile(took, 0.95), most: Math.max(...took), statuses };
}

const failedRun = (nth: number) => ({
  action: "completed",
  workflow_run: {
    id: nth,
    name: `tests of part ${nth}`,
    event: "push",
    status: "completed",
    conclusion: "failure",
    head_branch: "main",
    head_sha: nth.toString(16).padStart(40, "0"),
    html_url: `http://fakehub.invalid/${REPO}/actions/runs/${nth}`,
    head_repository: { full_name: REPO },
    actor: { login: "ada" },
    triggering_actor: { login: "ada" },
    pull_requests: [],
  },
  repository: { name: "shop", full_name: REPO, owner: { login: "acme" }, fork: false },
  sender: { login: "ada", type: "User" },
});

interface Host extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
}

async function fakehub(folder: string): Promise<Host> {
  const hub = createFakehub({ folder, clock: { now: Date.now } });
  hub.addRepo(REPO, {});
  const token = "a-token-of-the-measurement";
  const expiresAt = Number.MAX_SAFE_INTEGER;
  hub.state.tokens.set(token, { login: "prunella-bot", repos: new Set([REPO]), permissions: {}, expiresAt });
  const { promise, resolve } = Promise.withResolvers<number>();
  const options = { fetch: hub.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false };
  const server = serve(options, ({ port }) => resolve(port));
  return {
    url: `http://127.0.0.1:${await promise}`,
    token,
    [Symbol.asyncDispose]: () => new Promise((closed) => void server.close(() => closed())),
  };
}

/** Takes connections and says nothing. */
async function silent(): Promise<Host> {
  const sockets = new Set<{ destroy(): unknown }>();
  const server = createServer((socket) => void sockets.add(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    token: "a-token-of-the-measurement",
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
