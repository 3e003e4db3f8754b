import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { addWork, LANES, workName } from "../work/kind.ts";
import { z } from "zod";
import { appendLedger, readEntries, readHead } from "../ledger/append.ts";
import type { Tx } from "./engine.ts";
import { rows } from "./rows.ts";
import { createWriter } from "./writer.ts";

const NOTE = workName("note", LANES.events, z.string());
const note = (tx: Tx, name: string) =>
  addWork(tx, () => name, { kind: NOTE, projectId: "default", dueAt: 0, payload: name });
const genesis = { v: 1, at: 1, type: "genesis", origin: "a.b/c", vkey_sha256: "0".repeat(64), software: "x" } as const;
const added = (id: string) =>
  ({ v: 1, at: 1, type: "project_added", project: id, by: { kind: "system", id: null } }) as const;

describe.each(ENGINES)("the writer queue on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("loses only the unit that throws, and what it wrote to the ledger", async () => {
    await using store = await open();
    const writer = createWriter(store.engine);
    await writer.run((tx) => appendLedger(tx, genesis));
    const wanted = async (tx: Tx, name: string) => {
      note(tx, name);
      return appendLedger(tx, added(name));
    };
    const done = await Promise.allSettled([
      writer.run((tx) => wanted(tx, "a")),
      writer.run(async (tx) => {
        await wanted(tx, "b");
        throw new Error("not this one");
      }),
      writer.run((tx) => wanted(tx, "c")),
    ]);
    expect(done.map((one) => (one.status === "fulfilled" ? one.value : one.status))).toEqual([1, "rejected", 2]);
    const kept = await rows<{ work_id: string }>(store.engine.reader)`select work_id from work order by work_id`;
    expect(kept.map((row) => row.work_id)).toEqual(["a", "c"]);
    expect((await readHead(store.engine.reader)).size).toBe(3);
    const entries = await readEntries(store.engine.reader, 1, 3);
    expect(entries.map((row) => JSON.parse(row.entry).project)).toEqual(["a", "c"]);
    await writer.close();
  });

  test("does what is gathered in one go, in the order in which it was asked for; one that fails takes nothing with it", async () => {
    await using store = await open();
    const writer = createWriter(store.engine);
    const sizes: number[] = [];
    const add = writer.gathered(async (tx, names: readonly string[]) => {
      sizes.push(names.length);
      for (const name of names) note(tx, name);
      if (names.includes("bad")) throw new Error("not this one");
      return names.map((name, at) => `${name} ${at}`);
    });
    expect(await Promise.all(["a", "b"].map(add))).toEqual(["a 0", "b 1"]);
    expect(sizes.splice(0)).toEqual([2]);
    const done = await Promise.allSettled([add("c"), writer.run((tx) => note(tx, "d")), add("bad"), add("e")]);
    expect(done.map((one) => one.status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    expect(sizes).toEqual([3, 1, 1, 1]);
    const kept = await rows<{ work_id: string }>(store.engine.reader)`select work_id from work order by work_id`;
    expect(kept.map((row) => row.work_id)).toEqual(["a", "b", "c", "d", "e"]);
    await writer.close();
  });

  test("does what is to be done at the end once for a batch, before it is kept", async () => {
    await using store = await open();
    const writer = createWriter(store.engine);
    let times = 0;
    const unit = async (tx: Tx) => {
      tx.atEnd("once", async () => {
        times += 1;
        note(tx, `end ${times}`);
      });
    };
    await Promise.all([writer.run(unit), writer.run(unit), writer.run(unit)]);
    expect(times).toBe(1);
    expect(await rows(store.engine.reader)`select 1 from work`).toHaveLength(1);
    await writer.close();
  });

  test("lets what is derived be committed without the disk, and no ledger entry with it", async () => {
    await using store = await open();
    const writer = createWriter(store.engine);
    const waited: boolean[] = [];
    const unit = async (tx: Tx) => void waited.push(tx.doesWait);
    await writer.derive(unit);
    await Promise.all([writer.derive(unit), writer.run(unit)]);
    await writer.derive(unit);
    await writer.run(unit);
    expect(waited).toEqual([false, true, true, false, true]);
    await expect(writer.derive((tx) => appendLedger(tx, genesis))).rejects.toThrow("waits for the disk");
    expect((await readHead(store.engine.reader)).size).toBe(0);
    await writer.close();
  });

  test("answers once the disk has it where that is waited for beside the commit, and a ledger entry with its commit", async () => {
    await using store = await open();
    const disk = Promise.withResolvers<void>();
    const writer = createWriter({ ...store.engine, sync: () => disk.promise });
    let isAnswered = false;
    const done = writer.run((tx) => note(tx, "a")).then(() => (isAnswered = true));
    for (let turn = 0; turn < 2_000 && (await rows(store.engine.reader)`select 1 from work`).length === 0; turn += 1)
      await store.engine.nextTurn();
    expect(await rows(store.engine.reader)`select 1 from work`).toHaveLength(1);
    // Others are kept meanwhile.
    await writer.derive((tx) => note(tx, "b"));
    expect(isAnswered).toBe(false);
    // Nobody may see an entry that could be lost: it waits in its commit, and for nothing after that.
    const waited: boolean[] = [];
    const entry = (tx: Tx) => {
      waited.push(tx.doesWait);
      return appendLedger(tx, genesis);
    };
    expect(await Promise.all([writer.run(entry), writer.derive((tx) => void note(tx, "c"))])).toEqual([0, undefined]);
    expect(waited).toEqual([false, true]);
    expect(isAnswered).toBe(false);
    disk.resolve();
    expect(await done).toBe(true);
    await writer.close();
  });

  test("fails whoever waits when the disk has failed", async () => {
    await using store = await open();
    const failing = createWriter({ ...store.engine, sync: () => Promise.reject(new Error("no disk")) });
    const asked = failing.run((tx) => note(tx, "a"));
    // Whoever closes waits for what is not on the disk yet.
    await Promise.all([expect(asked).rejects.toThrow("no disk"), failing.close()]);
  });

  test("takes back the unit of which something fails that was under way, and says what it was", async () => {
    await using store = await open();
    const writer = createWriter(store.engine);
    const wrong = (tx: Tx) => rows(tx.db)`insert into ledger_head (id, size, root, frontier) values (1, null, '', '')`;
    const done = await Promise.allSettled([
      writer.run(async (tx) => void note(tx, "a")),
      // What comes after it fails too where a failure ends the transaction, and is not the cause.
      writer.run(async (tx) => {
        tx.later(wrong(tx));
        note(tx, "b");
        return (await rows(tx.db)`select 1`).length;
      }),
      writer.run(async (tx) => void note(tx, "c")),
    ]);
    expect(done.map((one) => one.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(done[1]).toMatchObject({ reason: { message: expect.stringMatching(/null/i) } });
    const kept = await rows<{ work_id: string }>(store.engine.reader)`select work_id from work order by work_id`;
    expect(kept.map((row) => row.work_id)).toEqual(["a", "c"]);
    await expect(writer.run((tx) => tx.later(wrong(tx)))).rejects.toThrow(/null/i);
    await writer.close();
  });
});
