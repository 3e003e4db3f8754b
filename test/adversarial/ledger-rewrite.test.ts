import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { Config, type LedgerReport } from "@prunella/contract";
import { OPERATIONS } from "@prunella/contract/operations";
import { OPERATOR, publish, readEntries, type Engine } from "@prunella/kernel";
import { startServer, type RunningServer } from "@prunella/server";
import { openPostgres, openSqlite, openTileFolder } from "@prunella/server/platform";
import { prunella } from "../../packages/cli/src/cli-fixture.ts";
import { appendLeaf, EMPTY_FRONTIER, leafHash, rootOf } from "../../packages/kernel/src/ledger/tree.ts";
import { guardsOf } from "../../packages/kernel/src/store/dialect.ts";
import { readLedgerKey } from "../../packages/server/src/platform/ledger-key.ts";
import { createPostgresDatabase, ENGINES } from "../engines.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-rewrite-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = (): string => join(root, String((folders += 1)));

/** Config without its defaults. */
type Given = Readonly<Record<string, unknown>>;

async function start(dataFolder: string, given: Given): Promise<RunningServer & AsyncDisposable> {
  const config = Config.parse({ server: { port: 0 }, ...given });
  const server = await startServer({
    config,
    dataFolder,
    isDemo: false,
    checksAnswers: true,
    log: { info() {}, warn() {} },
  });
  return { ...server, [Symbol.asyncDispose]: () => server.close() };
}

async function verify(server: RunningServer): Promise<LedgerReport> {
  const headers = { authorization: `Bearer ${server.token}` };
  return OPERATIONS.verify_ledger.output.parse(
    await (await fetch(`${server.url}/v1/ledger/verify`, { headers })).json(),
  );
}

const problemsOf = async (server: RunningServer) => (await verify(server)).problems.map(({ what }) => what);

async function grow(server: RunningServer, size: number): Promise<void> {
  for (let at = 0; (await server.kernel.ledger.head()).size < size; at += 1)
    await server.kernel.projects.add({ id: `p-${process.hrtime.bigint()}-${at}`, title: "P", by: OPERATOR });
}

/**
 * Whoever has the folder, and thereby the key: two entries gone, one changed, rows, head, guards, tiles
 * and checkpoint all made to fit.
 */
async function rewrite(engine: Engine, folder: string): Promise<void> {
  const rows = await readEntries(engine.reader, 0, 1_000);
  const texts = rows
    .filter((_row, at) => at !== 5 && at !== 9)
    .map(({ entry }, at) => (at === 3 ? entry.replace(/"project":"[^"]+"/, '"project":"another"') : entry));
  const isSqlite = engine.kind === "sqlite";
  const run = (text: string) => sql.raw(text).execute(engine.writer);
  for (const { name } of guardsOf(engine.kind, "ledger"))
    await run(isSqlite ? `drop trigger ${name}` : `alter table ledger disable trigger ${name}`);
  await run("delete from ledger");
  let frontier = EMPTY_FRONTIER;
  for (const [idx, entry] of texts.entries()) {
    const leaf = leafHash(Buffer.from(entry));
    frontier = appendLeaf(frontier, leaf);
    const leaf_hash = Buffer.from(leaf).toString("hex");
    await engine.writer.insertInto("ledger").values({ idx, entry, leaf_hash }).execute();
  }
  const hashes = frontier.hashes.map((hash) => Buffer.from(hash).toString("hex")).join(",");
  const head = { size: frontier.size, root: rootOf(frontier) };
  await engine.writer
    .updateTable("ledger_head")
    .set({ size: head.size, root: Buffer.from(head.root).toString("hex"), frontier: hashes })
    .execute();
  for (const { name, statement } of guardsOf(engine.kind, "ledger"))
    await run(isSqlite ? statement : `alter table ledger enable trigger ${name}`);

  const files = join(folder, "ledger");
  const vkey = readFileSync(join(files, "vkey"));
  rmSync(files, { recursive: true });
  const signer = readLedgerKey(folder);
  if (signer === null) throw new Error("the folder has no key");
  const tiles = openTileFolder(files);
  const entries = async (from: number, to: number) => texts.slice(from, to).map((text) => Buffer.from(text));
  await publish({ from: 0, head, entries, reader: tiles, writer: tiles, signer });
  await tiles.write("vkey", vkey);
}

describe.each(ENGINES)("a ledger on $name that the holder of its key rewrote", ({ name, isMissing }) => {
  const run = it.skipIf(isMissing);

  run(
    "is found by a checkpoint that was kept elsewhere, and by a witness",
    async () => {
      const folder = newFolder();
      const store = name === "sqlite" ? {} : { store: { url: await createPostgresDatabase() } };
      const open = () =>
        store.store === undefined ? openSqlite(join(folder, "prunella.db")) : openPostgres(store.store.url);
      await (await start(folder, store)).close();
      const vkey = readFileSync(join(folder, "ledger", "vkey"), "utf8").trim();

      await using other = await start(newFolder(), { witness: { origins: [vkey] } });
      const url = `${other.url}/witness`;
      const witness = (await (await fetch(`${url}/vkey`)).text()).trim();
      const witnessed = { ...store, ledger: { witnesses: [{ url, vkey: witness }] } };

      const kept = join(root, `${name}-kept.txt`);
      {
        await using server = await start(folder, witnessed);
        await grow(server, 14);
        expect(await problemsOf(server)).toEqual([]);
        const seen = JSON.parse((await prunella(["ledger", "checkpoint", "--data", folder, "--json"])).stdout);
        expect(seen).toMatchObject({ size: 14, vkey, cosignatures: [{ name: witness.split("+")[0] }] });
        const line = await prunella(["ledger", "checkpoint", "--data", folder]);
        expect(line).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\S+Z \S+ 14 \S+ \S+\n$/) });
        writeFileSync(kept, line.stdout);
        expect(
          await prunella(["ledger", "verify", "--data", folder, "--checkpoint", kept, "--vkey", vkey]),
        ).toMatchObject({ code: 0 });
      }
      const offline = ["ledger", "verify", "--folder", folder, "--vkey", vkey, "--witness", witness];
      const vouched = await prunella(offline);
      expect(vouched).toMatchObject({ code: 0, stdout: expect.stringContaining("cosigned by 1 witness") });
      expect(vouched.stdout).not.toContain("Its own key vouches");
      expect(await prunella([...offline, "--checkpoint", kept])).toMatchObject({ code: 0 });

      const engine = await open();
      await rewrite(engine, folder);
      await engine.close();

      const cut = "which has 12: it was cut, or taken back to an earlier state.";
      const changed = "the history before entry 14 was changed.";
      {
        await using server = await start(folder, store);
        // The control: the key of the folder vouches for it.
        expect(await verify(server)).toMatchObject({ ok: true, size: 12 });
        const found = await prunella(["ledger", "verify", "--data", folder, "--checkpoint", kept]);
        expect(found).toMatchObject({ code: 1, stdout: expect.stringContaining("12 entries and had 14") });
      }
      {
        await using server = await start(folder, witnessed);
        expect(await problemsOf(server)).toEqual([expect.stringContaining(cut)]);
        await grow(server, 16);
        expect(await problemsOf(server)).toEqual([expect.stringContaining(changed)]);
        const found = await prunella([
          "ledger",
          "verify",
          "--data",
          folder,
          "--checkpoint",
          readFileSync(kept, "utf8").trim(),
        ]);
        expect(found).toMatchObject({
          code: 1,
          stdout: expect.stringContaining("The history before entry 14 was changed after"),
        });
      }
      const found = await prunella([...offline, "--checkpoint", kept]);
      expect(found).toMatchObject({
        code: 1,
        stdout: expect.stringContaining("The history before entry 14 was changed after"),
      });
      expect(found.stdout).toContain("carries no cosignature of");
      // Five servers and nine commands, one after the other.
    },
    120_000,
  );
});
