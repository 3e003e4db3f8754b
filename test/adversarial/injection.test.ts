import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Config } from "@prunella/contract";
import { OPERATIONS, type Operation } from "@prunella/contract/operations";
import { startServer } from "@prunella/server";
import { prunella } from "../../packages/cli/src/cli-fixture.ts";
import { createPostgresDatabase, ENGINES } from "../engines.ts";

/** Words that would be more than words to a database, a shell, a file system, or an object of JavaScript. */
const root = mkdtempSync(join(tmpdir(), "prunella-injection-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const WORDS = [
  "' or 1=1 --",
  "'; drop table fault; --",
  '" or ""="',
  "\\'; select pg_sleep(9); --",
  "%",
  "_",
  "../../server.json",
  "..%2f..%2fledger-key.json",
  "$(touch pwned)",
  "`touch pwned`",
  "; touch pwned",
  "__proto__",
  "constructor",
  "\u0000",
];

describe.each(ENGINES)("words that somebody sends, on $name", ({ name, isMissing }) => {
  it.skipIf(isMissing)(
    "are only words to the database, in every field of every operation",
    { timeout: 120_000 },
    async () => {
      const store = name === "postgres" ? { store: { url: await createPostgresDatabase() } } : {};
      const server = await startServer({
        config: Config.parse({ server: { port: 0 }, ...store }),
        dataFolder: join(root, name),
        isDemo: false,
        log: { info() {}, warn() {} },
      });
      try {
        const headers = { authorization: `Bearer ${server.token}` };
        const { username, pathname } = new URL(server.dsn);
        const sent = await fetch(`${server.url}/api${pathname}/store/?sentry_key=${username}`, {
          method: "POST",
          body: JSON.stringify({ message: "a fault", tags: { shop: "open" } }),
        });
        expect(sent.status).toBe(200);
        await server.kernel.settle();
        const before = (await server.kernel.faults.list({ status: "all", limit: 50 })).faults.map(({ id }) => id);
        expect(before.length).toBeGreaterThan(0);

        const broken: unknown[] = [];
        for (const [id, operation] of Object.entries<Operation>(OPERATIONS)) {
          if (operation.streams || operation.path.endsWith("/next")) continue;
          for (const word of WORDS) {
            const path = operation.path.replace(/:\w+/g, () => encodeURIComponent(word));
            const query = new URLSearchParams(Object.keys(operation.query?.shape ?? {}).map((key) => [key, word]));
            const body = Object.fromEntries(Object.keys(operation.body?.shape ?? {}).map((key) => [key, word]));
            const answer = await fetch(`${server.url}${path}?${query.toString()}`, {
              method: operation.method,
              headers,
              ...(operation.method === "GET" ? {} : { body: JSON.stringify(body) }),
            });
            await answer.arrayBuffer();
            if (answer.status >= 500) broken.push([id, word, answer.status]);
          }
        }
        for (const word of WORDS)
          for (const [method, path] of [
            ["GET", `/api/0/organizations/x/releases/${encodeURIComponent(word)}`],
            ["GET", `/api/0/projects/x/${encodeURIComponent(word)}`],
            ["DELETE", `/api/0/projects/x/default/releases/${encodeURIComponent(word)}`],
          ] as const) {
            const { status } = await fetch(`${server.url}${path}`, { method, headers });
            // 429 is what a door says of a database that did not take it.
            if (status >= 500 || status === 429) broken.push([path, status]);
          }
        expect(broken).toEqual([]);

        const found = async (q: string): Promise<number> =>
          (await server.kernel.faults.list({ status: "all", limit: 50, q })).faults.length;
        expect(await found("a fault")).toBe(1);
        for (const word of ["' or 1=1 --", "%", "_", "f%t"]) expect([word, await found(word)]).toEqual([word, 0]);
        const after = (await server.kernel.faults.list({ status: "all", limit: 50 })).faults.map(({ id }) => id);
        // The test event is one of the operations.
        expect(after).toEqual(expect.arrayContaining(before));
        const verified = await fetch(`${server.url}/v1/ledger/verify`, { headers });
        expect(OPERATIONS.verify_ledger.output.parse(await verified.json()).problems).toEqual([]);
      } finally {
        await server.close();
      }
    },
  );
});

describe("the names of an object's own machinery", () => {
  it("change no object but the one that was sent", async () => {
    const server = await startServer({
      config: Config.parse({ server: { port: 0 } }),
      dataFolder: join(root, "objects"),
      isDemo: false,
      log: { info() {}, warn() {} },
    });
    try {
      const { username, pathname } = new URL(server.dsn);
      const hostile = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
      const bodies = [
        `{"message":"x","tags":${hostile},"extra":${hostile},"contexts":${hostile},"user":${hostile},"__proto__":{"polluted":1}}`,
        `{"exception":{"values":[{"type":"E","__proto__":{"polluted":1},"stacktrace":{"frames":[${hostile}]}}]}}`,
      ];
      for (const body of bodies)
        await fetch(`${server.url}/api${pathname}/store/?sentry_key=${username}`, { method: "POST", body });
      for (const path of ["/v1/crash", "/v1/projects", "/v1/supervised", "/v1/session"])
        await fetch(`${server.url}${path}`, {
          method: "POST",
          headers: { authorization: `Bearer ${server.token}` },
          body: hostile,
        });
      await server.kernel.settle();
      expect(Reflect.get({}, "polluted")).toBeUndefined();
      expect(Reflect.get([], "polluted")).toBeUndefined();
    } finally {
      await server.close();
    }
  });
});

describe("the command of a program", () => {
  it("is run as the words that it has, by no shell", async () => {
    const folder = mkdtempSync(join(root, "command-"));
    const words = ["; touch pwned", "$(touch pwned)", "`touch pwned`", "&& touch pwned", "| tee pwned", "> pwned"];
    const print = "process.stdout.write(JSON.stringify(process.argv.slice(1)))";
    const { code, stdout } = await prunella(
      ["run", "--data", join(folder, "data"), "--name", "shop", "--", process.execPath, "-e", print, ...words],
      { cwd: folder },
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(words);
    expect(existsSync(join(folder, "pwned"))).toBe(false);
  });
});
