import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appendLedger, beginLedger, createWriter, readGenesis, readHead, type Engine } from "@prunella/kernel";
import { afterAll, describe, expect, it } from "vitest";
import { ENGINES } from "../../../test/engines.ts";
import { openLedger } from "./ledger-begin.ts";
import { importLedgerKey } from "./ledger-key-files.ts";
import { createLedgerPublisher } from "./ledger-publisher.ts";
import { systemClock } from "./platform/clock.ts";
import { openTileFolder } from "./platform/tiles.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-ledger-begin-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
/** A data folder, and what a server does with it before it serves. */
function aFolder() {
  folders += 1;
  const folder = join(root, `data ${folders}`);
  mkdirSync(folder);
  const files = openTileFolder(join(folder, "ledger"));
  const key = join(folder, "ledger-key.json");
  const open = (engine: Engine) => openLedger({ engine, folder, files, now: 1 });
  return {
    folder,
    files,
    key,
    open,
    async publish(engine: Engine) {
      const signer = await open(engine);
      const log = { info() {}, warn: (message: string) => console.warn(message) };
      const publisher = createLedgerPublisher({
        engine,
        files,
        signer,
        log,
        clock: systemClock,
        nodeId: folder,
        witnesses: [],
      });
      await publisher.close();
    },
  };
}

describe.each(ENGINES)("beginning the ledger of a database on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("makes a key, for its user alone, and finds it again", async () => {
    await using store = await open();
    const one = aFolder();
    const signer = await one.open(store.engine);
    expect(statSync(one.key).mode & 0o777).toBe(0o600);
    expect((await one.open(store.engine)).name).toBe(signer.name);
    expect((await readGenesis(store.engine.reader))?.isOf(signer)).toBe(true);
    expect((await readHead(store.engine.reader)).size).toBe(1);
  });

  test("a folder without the key is refused, gets none made, and is told the command", async () => {
    await using store = await open();
    const [one, other] = [aFolder(), aFolder()];
    const { name } = await one.open(store.engine);
    await expect(other.open(store.engine)).rejects.toMatchObject({
      code: "PRUNELLA_LEDGER_KEY_NEEDED",
      message: expect.stringContaining(name),
      hint: expect.stringContaining("prunella ledger key import ledger-key.json"),
    });
    expect(existsSync(other.key)).toBe(false);
    await importLedgerKey(other.folder, one.key);
    expect((await other.open(store.engine)).name).toBe(name);
  });

  test("a folder with another key is refused, and keeps it", async () => {
    await using store = await open();
    await using elsewhere = await open();
    const [one, other] = [aFolder(), aFolder()];
    await one.open(store.engine);
    const { name } = await other.open(elsewhere.engine);
    const before = readFileSync(other.key, "utf8");
    await expect(other.open(store.engine)).rejects.toMatchObject({
      code: "PRUNELLA_LEDGER_KEY_NEEDED",
      message: expect.stringContaining(name),
    });
    expect(readFileSync(other.key, "utf8")).toBe(before);
  });

  test("two that begin in one moment make one ledger; the other one leaves nothing behind", async () => {
    await using store = await open();
    const all = [aFolder(), aFolder(), aFolder()];
    const engines = [store.engine, await store.again(), await store.again()];
    const begun = await Promise.allSettled(all.map((each, at) => each.open(engines[at] ?? store.engine)));
    expect(begun.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(all.filter(({ key }) => existsSync(key))).toHaveLength(1);
    expect((await readHead(store.engine.reader)).size).toBe(1);
  });

  test("a folder that has published a ledger does not begin a second one with its key", async () => {
    await using store = await open();
    await using empty = await open();
    const one = aFolder();
    await one.publish(store.engine);
    await expect(one.open(empty.engine)).rejects.toMatchObject({ code: "PRUNELLA_LEDGER_BROKEN" });
    expect((await readHead(empty.engine.reader)).size).toBe(0);
    rmSync(one.key);
    await expect(one.open(empty.engine)).rejects.toMatchObject({ code: "PRUNELLA_LEDGER_BROKEN" });
    expect(existsSync(one.key)).toBe(false);
  });

  test("a database that is older than what was published is not continued", async () => {
    await using store = await open();
    await using older = await open();
    const one = aFolder();
    const signer = await one.open(store.engine);
    const writer = createWriter(store.engine);
    await writer.run((tx) =>
      appendLedger(tx, {
        v: 1,
        at: 2,
        type: "switch_changed",
        switch: "kill",
        project: null,
        on: true,
        by: { kind: "person", id: "operator" },
      }),
    );
    await one.publish(store.engine);
    const copy = createWriter(older.engine);
    await copy.run((tx) => beginLedger(tx, 1, signer, "prunella/0.1.0"));
    await expect(one.open(older.engine)).rejects.toMatchObject({
      code: "PRUNELLA_LEDGER_BROKEN",
      message: expect.stringContaining("older copy"),
    });
  });
});
