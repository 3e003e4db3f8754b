import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, inject, test } from "vitest";
import { createPostgresDatabase } from "../../../../test/engines.ts";
import { field, list, prunella, startPrunella, text } from "../cli-fixture.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-backup-busy-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** As many at once as a small fleet sends, until it is told to stop. */
const SENDERS = 4;
const BEFORE = 80;
const WORDS = "a long breadth of text that a body holds ".repeat(200);

const engines = [
  {
    name: "sqlite",
    isMissing: false,
    store: () => Promise.resolve(null),
    async copy(data: string, file: string, _url: string | null): Promise<void> {
      expect(await prunella(["backup", file, "--data", data, "--json"])).toMatchObject({ code: 0 });
    },
    async counted(file: string): Promise<number> {
      const data = `${file}-restored`;
      expect(await prunella(["restore", file, "--data", data, "--json"])).toMatchObject({ code: 0 });
      return whileUp(data, "{}", ({ count }) => count());
    },
  },
  {
    name: "postgres",
    isMissing: inject("postgresUrl") === null,
    store: createPostgresDatabase,
    async copy(_data: string, file: string, url: string | null): Promise<void> {
      await new Promise<void>((resolve, reject) =>
        execFile("pg_dump", ["--format=custom", `--file=${file}`, url ?? ""], (error) =>
          error === null ? resolve() : reject(error),
        ),
      );
    },
    async counted(file: string): Promise<number> {
      const url = await createPostgresDatabase();
      execFileSync("pg_restore", [`--dbname=${url}`, "--no-owner", file]);
      return Number(execFileSync("psql", [url, "-Atc", "select sum(count) from fault"], { encoding: "utf8" }).trim());
    },
  },
];

describe.each(engines)("a backup on $name", ({ name, isMissing, store, copy, counted }) => {
  test.skipIf(isMissing)("made while events come in refuses none of them, and holds all from before it", async () => {
    const url = await store();
    const config = url === null ? "{}" : `store:\n  url: ${url}\n`;
    const data = join(root, name);
    await whileUp(data, config, async ({ send, count }) => {
      expect(await Promise.all(Array.from({ length: BEFORE }, send))).toEqual(
        Array.from({ length: BEFORE }, () => 200),
      );
      await expect.poll(count, { timeout: 20_000, interval: 500 }).toBe(BEFORE);

      const answers: number[] = [];
      let isCopying = true;
      const senders = Array.from({ length: SENDERS }, async () => {
        while (isCopying) answers.push(await send());
      });
      const file = join(root, `${name}.backup`);
      await copy(data, file, url).finally(() => (isCopying = false));
      await Promise.all(senders);
      expect(answers.length).toBeGreaterThan(SENDERS);
      expect(answers.filter((status) => status !== 200)).toEqual([]);
      await expect.poll(count, { timeout: 20_000, interval: 500 }).toBe(BEFORE + answers.length);
      const kept = await counted(file);
      expect(kept).toBeGreaterThanOrEqual(BEFORE);
      expect(kept).toBeLessThanOrEqual(BEFORE + answers.length);
    });
  });
});

interface Running {
  /** One event of a fault of its own group; resolves to the status that the door answered with. */
  send(): Promise<number>;
  /** Of all faults. */
  count(): Promise<number>;
}

async function whileUp<T>(data: string, config: string, during: (running: Running) => Promise<T>): Promise<T> {
  writeFileSync(`${data}.yaml`, config);
  const up = startPrunella(["up", "--port", "0", "--no-demo", "--json", "--data", data, "--config", `${data}.yaml`], {
    cwd: root,
  });
  try {
    const [line] = await up.until(/^\{.*\}$/m);
    const said: unknown = JSON.parse(line);
    const dsn = new URL(text(said, "dsn"));
    const door = new URL(
      `/api${dsn.pathname}/envelope/?sentry_version=7&sentry_key=${dsn.username}`,
      text(said, "url"),
    );
    let sent = 0;
    return await during({
      async send() {
        sent += 1;
        const id = crypto.randomUUID().replaceAll("-", "");
        const event = { event_id: id, level: "error", message: `group ${"abcdefghij"[sent % 10]}`, extra: { WORDS } };
        const answer = await fetch(door, {
          method: "POST",
          body: `${JSON.stringify({ event_id: id })}\n{"type":"event"}\n${JSON.stringify(event)}\n`,
        });
        await answer.arrayBuffer();
        return answer.status;
      },
      async count() {
        const { stdout } = await prunella(["faults", "--status", "all", "--json", "--data", data]);
        return list(JSON.parse(stdout), "faults").reduce<number>(
          (sum, fault) => sum + Number(field(fault, "count")),
          0,
        );
      },
    });
  } finally {
    up.signal("SIGTERM");
    await up.ended;
  }
}
