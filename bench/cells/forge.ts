import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { createFakehub } from "@prunella/forge/fakehub";
import { migrate } from "@prunella/kernel";
import { openSqlite } from "@prunella/server/platform";
import { denoBinary } from "../../packages/server/src/platform/sandbox/binaries.ts";
import { HOUR_MS, openLimited } from "../../packages/server/src/forge/backlog-fixture.ts";
import { trustHotfix } from "../../test/end-to-end/hotfix.ts";
import { openServer, type ServerFixture } from "../../test/end-to-end/server-fixture.ts";
import { hasGitea, startGitea } from "../../test/gitea/gitea.ts";
import { aCrash } from "../../test/kernel-fixture.ts";
import { hasPostgres, startCluster } from "../../test/postgres-cluster.ts";
import { temporaryFolder } from "../folder.ts";
import { webhookAnswers } from "../forge/hooks.ts";
import { percentile } from "../percentile.ts";
import { round, type Bench, type Cell, type Results } from "./cell.ts";

const REPO = "acme/shop";
const EACH_MS = 500;
const FLOOD = 100_000;
const FLOOD_BATCH = 500;
const PATIENCE_MS = 600_000;
const BACKLOG = 10_000;
/** What GitHub makes of contents in an hour, about (GitHub, "Rate limits for the REST API"). */
const PER_HOUR = 500;

/** A host of repositories with one repository, and who we are there. */
interface Host extends AsyncDisposable {
  readonly kind: "github" | "gitea";
  readonly url: string;
  readonly token: string;
  /** Issues and comments that are there. */
  count(): Promise<{ readonly issues: number; readonly comments: number }>;
}

/** From a failure to its issue, at a double of GitHub and at a real Gitea, and what a flood of one failure makes. */
export const forge: Cell = {
  name: "forge",
  what: "forge: a failure becomes an issue, a flood of one failure becomes one",
  async run(bench) {
    if (denoBinary() === null) return { forge_filed_fakehub_p95_ms: null };
    return {
      ...(await at(bench, "fakehub", fakehub)),
      ...(hasGitea() ? await at(bench, "gitea", gitea) : {}),
      ...(await backlog(bench)),
      ...(await webhooks(bench)),
    };
  },
};

async function at(bench: Bench, name: string, open: () => Promise<Host>): Promise<Results> {
  await using host = await open();
  using folder = temporaryFolder("bench-forge");
  const file = (of: string, text: string) => {
    writeFileSync(join(folder.path, of), text);
    return { file: join(folder.path, of) };
  };
  await using house = await openServer({
    forge: {
      kind: host.kind,
      base_url: host.url,
      token: file("token", host.token),
      webhook_secret: file("hook", "a secret of the measurement"),
    },
    plugins: { settings: { "daemon-hotfix": { repo: REPO, allowlistRepos: [REPO] } } },
  });
  await trustHotfix(house);
  const took = await filed(bench, house, bench.isQuick ? 20 : 60);
  const before = await host.count();
  bench.say(`  ${name}: ${took.length} filed, ${FLOOD.toLocaleString("en")} equal failures …`);
  const seconds = await flood(house, bench.isQuick ? FLOOD / 10 : FLOOD);
  const [filings] = [await house.server.kernel.filings.list({ projects: null, limit: 200 })];
  const after = await host.count();
  if (after.issues !== before.issues + 1)
    bench.fail(`a flood of one failure made ${after.issues - before.issues} issues`);
  if (filings.filter(({ number }) => number !== null).length !== after.issues)
    bench.fail("what was filed is not there");
  return {
    [`forge_filed_${name}_p50_ms`]: round(percentile(took, 0.5)),
    [`forge_filed_${name}_p95_ms`]: round(percentile(took, 0.95)),
    [`forge_flood_${name}_seconds`]: round(seconds),
    [`forge_flood_${name}_issues`]: after.issues - before.issues,
    [`forge_flood_${name}_comments`]: after.comments - before.comments,
  };
}

const crash = (type: string) =>
  aCrash("shop", { errors: [{ type, value: "no cart", module: null, handled: false, mechanism: null, frames: [] }] });

/** Milliseconds from each report to what the row says of its filing. */
async function filed(bench: Bench, { server: { kernel } }: ServerFixture, many: number): Promise<number[]> {
  const reported = new Map<string, number>();
  for (let each = 0; each < many; each += 1) {
    const type = `Failure${String.fromCharCode(65 + (each % 26), 65 + Math.floor(each / 26))}`;
    reported.set(type, Date.now());
    await kernel.report("default", [crash(type)]);
    await new Promise((resolve) => setTimeout(resolve, EACH_MS));
  }
  const ready = await until(async () => {
    const found = await kernel.filings.list({ projects: null, limit: 200 });
    const done = found.filter(({ number }) => number !== null);
    return done.length >= many ? done : null;
  });
  if (ready === null) bench.fail("not everything was filed");
  const { faults } = await kernel.faults.list({ status: "all", limit: 100 });
  const titles = new Map(faults.map(({ id, title }) => [id, title]));
  const took: number[] = [];
  for (const { fault_id: id, filed_at: filedAt } of ready ?? []) {
    const began = reported.get(/^Failure\w+/.exec(titles.get(id ?? "") ?? "")?.[0] ?? "");
    if (began !== undefined && filedAt !== null) took.push(filedAt - began);
  }
  return took;
}

/** Seconds until all of them were taken in and the one issue is there. */
async function flood({ server: { kernel } }: ServerFixture, many: number): Promise<number> {
  const before = (await kernel.filings.list({ projects: null, limit: 200 })).length;
  const began = performance.now();
  for (let sent = 0; sent < many; sent += FLOOD_BATCH)
    await kernel.report(
      "default",
      Array.from({ length: FLOOD_BATCH }, () => crash("FloodOfOne")),
    );
  await kernel.settle();
  await until(async () => ((await kernel.filings.list({ projects: null, limit: 200 })).length > before ? true : null));
  // A second one would come within the time that an event may wait.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  return (performance.now() - began - 2_000) / 1_000;
}

async function until<T>(look: () => Promise<T | null>, eachMs = 100): Promise<T | null> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, eachMs));
  }
  return null;
}

/** More failures than the double takes in a day at its second limit, with a restart in between; its hours pass at once. */
async function backlog(bench: Bench): Promise<Results> {
  const many = bench.isQuick ? BACKLOG / 10 : BACKLOG;
  using folder = temporaryFolder("bench-backlog");
  const engine = openSqlite(join(folder.path, "prunella.db"));
  await migrate(engine);
  await using all = await openLimited({ engine, [Symbol.asyncDispose]: () => engine.close() }, PER_HOUR);
  const names = new Set(Array.from({ length: many }, (_, each) => `failure ${each}`));
  const began = all.clock.now();
  for (const name of names) await all.file(name);
  const waiting = (await all.shown()).waiting;
  bench.say(`  backlog: ${waiting.toLocaleString("en")} of ${many.toLocaleString("en")} wait …`);
  await all.restart();
  all.wake();
  // The hours are those of the host: a minute passes where nothing is filed any more, not while it is.
  let last = waiting;
  await until(async () => {
    const { waiting: now } = await all.shown();
    if (now === last) all.clock.advance(60_000);
    last = now;
    return now === 0 ? true : null;
  }, 25);
  const titles = all.titles();
  const filedOnce = new Set(titles.filter((title) => names.has(title)));
  const [lost, doubled] = [many - filedOnce.size, titles.length - filedOnce.size];
  if (lost + doubled > 0) bench.fail(`of a backlog ${lost} were lost and ${doubled} doubled`);
  return {
    forge_backlog_lost: lost,
    forge_backlog_doubled: doubled,
    forge_backlog_hours: round((all.clock.now() - began) / HOUR_MS),
  };
}

/** How long a host waits for its answer: on both engines, and where that host itself does not answer. */
async function webhooks(bench: Bench): Promise<Results> {
  const many = bench.isQuick ? 100 : 400;
  const answers = async (storeUrl: string | null) => {
    const { p95, statuses } = await webhookAnswers({ many, storeUrl, isHostSilent: false });
    if (statuses.size !== 1 || !statuses.has(202)) bench.fail(`deliveries were answered ${[...statuses].join(", ")}`);
    return round(p95);
  };
  const sqlite = await answers(null);
  const { most, statuses } = await webhookAnswers({ many: 8, storeUrl: null, isHostSilent: true });
  if (statuses.size !== 1 || !statuses.has(503))
    bench.fail(`a host that is silent was answered ${[...statuses].join(", ")}`);
  const shown = { forge_webhook_answer_p95_ms: sqlite, forge_webhook_answer_silent_host_ms: round(most) };
  if (!hasPostgres()) {
    bench.say("SKIPPED webhooks on PostgreSQL: it is not on this machine");
    return { ...shown, forge_webhook_answer_p95_ms_pg: null };
  }
  const cluster = await startCluster();
  try {
    return { ...shown, forge_webhook_answer_p95_ms_pg: await answers(cluster.url) };
  } finally {
    cluster.stop();
  }
}

async function fakehub(): Promise<Host> {
  const folder = temporaryFolder("fakehub");
  const hub = createFakehub({ folder: folder.path, clock: { now: Date.now } });
  const repo = hub.addRepo(REPO, { "README.md": "# A shop\n" });
  const token = "a-token-of-the-measurement";
  const permissions = { issues: "write", contents: "read", metadata: "read" };
  hub.state.tokens.set(token, {
    login: "prunella-bot",
    repos: new Set([REPO]),
    permissions,
    expiresAt: Number.MAX_SAFE_INTEGER,
  });
  const { promise: listening, resolve } = Promise.withResolvers<number>();
  const options = { fetch: hub.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false };
  const server = serve(options, ({ port }) => resolve(port));
  return {
    kind: "github",
    url: `http://127.0.0.1:${await listening}`,
    token,
    count: () => Promise.resolve({ issues: repo.issues.length, comments: repo.comments.length }),
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolveClose) => void server.close(() => resolveClose()));
      folder[Symbol.dispose]();
    },
  };
}

async function gitea(): Promise<Host> {
  const host = await startGitea();
  const bot = await host.addUser("prunella-bot", ["write:issue", "read:repository", "read:user"]);
  await host.addUser("acme", ["all"]);
  await host.addRepo("acme", "shop");
  await host.api("PUT", `/repos/${REPO}/collaborators/prunella-bot`, { permission: "write" });
  const listOf = async (path: string) => {
    const all: unknown[] = [];
    for (let page = 1; page < 20; page += 1) {
      const { json } = await host.api("GET", `/repos/${REPO}/${path}limit=50&page=${page}`);
      if (!Array.isArray(json) || json.length === 0) break;
      all.push(...json);
    }
    return all.length;
  };
  return {
    kind: "gitea",
    url: host.url,
    token: bot.token,
    count: async () => ({
      issues: await listOf("issues?state=all&type=issues&"),
      comments: await listOf("issues/comments?"),
    }),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
