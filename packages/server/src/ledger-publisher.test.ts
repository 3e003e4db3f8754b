import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appendLedger, createWriter, readHead, takeLease, type Engine, type TileWriter } from "@prunella/kernel";
import { afterAll, describe, expect, it } from "vitest";
import { ENGINES } from "../../../test/engines.ts";
import { beginLedger, TEST_SIGNER } from "../../../test/ledger-rows.ts";
import { createLedgerPublisher } from "./ledger-publisher.ts";
import { systemClock } from "./platform/clock.ts";
import { openTileFolder } from "./platform/tiles.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-publisher-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

// An embedded database has one owner.
const SHARED = ENGINES.filter(({ name }) => name === "postgres");

describe.each(SHARED)("two servers that publish one ledger, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);
  let nodes = 0;

  /** Counts who publishes at the same time. */
  const busy = { now: 0, most: 0 };
  function counted(files: TileWriter): TileWriter {
    return {
      ...files,
      async write(path, bytes) {
        busy.now += 1;
        busy.most = Math.max(busy.most, busy.now);
        // Long enough that another one would be seen.
        await new Promise((resolve) => setTimeout(resolve, 2));
        await files.write(path, bytes).finally(() => (busy.now -= 1));
      },
    };
  }

  function aNode(engine: Engine, lookMs?: number) {
    nodes += 1;
    const nodeId = `node-${nodes}`;
    const folder = join(root, nodeId);
    const files = openTileFolder(folder);
    const publisher = createLedgerPublisher({
      engine,
      files: { ...files, ...counted(files) },
      signer: TEST_SIGNER,
      log: { info() {}, warn: (message) => console.warn(message) },
      clock: systemClock,
      nodeId,
      witnesses: [],
      ...(lookMs === undefined ? {} : { lookMs }),
    });
    return {
      publisher,
      size: () => Number(readCheckpoint(folder).split("\n")[1] ?? 0),
      checkpoint: () => readCheckpoint(folder),
    };
  }

  async function add(engine: Engine, entries: number): Promise<void> {
    const writer = createWriter(engine);
    for (let at = 0; at < entries; at += 1)
      await writer.run((tx) =>
        appendLedger(tx, {
          v: 1,
          at,
          type: "switch_changed",
          switch: "kill",
          project: null,
          on: at % 2 === 0,
          by: { kind: "person", id: "operator" },
        }),
      );
    await writer.close();
  }

  test("one at a time, each into its own folder, and both are of one history", async () => {
    await using store = await open();
    const second = await store.again();
    await beginLedger(store.engine, 1);
    busy.most = 0;
    const [a, b] = [aNode(store.engine), aNode(second)];
    for (let round = 0; round < 12; round += 1) {
      await add(round % 2 === 0 ? store.engine : second, 30);
      a.publisher.wake();
      b.publisher.wake();
      await new Promise((resolve) => setTimeout(resolve, round * 40));
      for (const one of [a, b]) expect((await one.publisher.verify()).problems).toEqual([]);
    }
    await expect.poll(a.size, { timeout: 10_000 }).toBe(361);
    await expect.poll(b.size, { timeout: 10_000 }).toBe(361);
    expect(b.checkpoint()).toBe(a.checkpoint());
    expect(busy.most).toBe(1);
    for (const one of [a, b]) expect(await one.publisher.verify()).toMatchObject({ ok: true, size: 361 });
    await a.publisher.close();
    await b.publisher.close();
  });

  test("what nobody told it of is found by looking", async () => {
    await using store = await open();
    await beginLedger(store.engine, 1);
    const b = aNode(await store.again(), 50);
    await add(store.engine, 5);
    await expect.poll(b.size, { timeout: 10_000 }).toBe(6);
    await b.publisher.close();
  });

  test("one that was killed while it published holds nobody up for longer than its lease", async () => {
    await using store = await open();
    await beginLedger(store.engine, 1);
    const writer = createWriter(store.engine);
    const until = Date.now() + 600;
    await writer.run((tx) => takeLease(tx, "publish", "killed", Date.now(), until - Date.now()));
    const b = aNode(await store.again());
    b.publisher.wake();
    await expect.poll(b.size, { timeout: 10_000 }).toBe(1);
    expect(Date.now()).toBeGreaterThanOrEqual(until);
    expect((await readHead(store.engine.reader)).size).toBe(1);
    await b.publisher.close();
    await writer.close();
  });
});

function readCheckpoint(folder: string): string {
  try {
    return readFileSync(join(folder, "checkpoint"), "utf8");
  } catch {
    return "";
  }
}
