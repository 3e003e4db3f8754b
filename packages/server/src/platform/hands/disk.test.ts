import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { ProbeHands } from "@prunella/contract";
import { expect, it } from "vitest";
import { createDisk } from "./disk.ts";
import { spawnWith } from "./machine.ts";
import { createPathLooks } from "./path-looks.ts";

/** Paths below `/hangs` hang until they are freed. */
function hanging() {
  const reached: string[] = [];
  const freed: (() => void)[] = [];
  const count = async (path: string) => {
    reached.push(path);
    if (path.startsWith("/hangs")) await new Promise<void>((resolve) => freed.push(resolve));
    return statfs(tmpdir());
  };
  const disk = createDisk("/", createPathLooks(), spawnWith("/"), count);
  const ask = (path: string, ms = 5_000) => disk({ path }, AbortSignal.timeout(ms));
  return { reached, freed, ask };
}

it("reaches once for a path that hangs, and looks at every other as before", async () => {
  const { reached, freed, ask } = hanging();
  const late = { ok: false, category: "timeout" };
  expect(await Promise.all([ask("/hangs/a", 20), ask("/hangs/b", 20)])).toMatchObject([late, late]);
  expect(await ask("/hangs/a", 20)).toMatchObject(late);
  expect(reached).toEqual(["/hangs/a", "/hangs/b"]);
  // So many hang that no thread of ours is risked any more: a process of its own looks.
  const { blocks, bsize } = await statfs(tmpdir());
  expect(await ask(tmpdir())).toMatchObject({ ok: true, totalBytes: blocks * bsize });
  expect(await ask("/no/such/folder")).toMatchObject({ ok: false, category: "not_found" });
  expect(reached).toHaveLength(2);
  for (const free of freed) free();
  await expect.poll(() => ask("/hangs/a", 20).then(() => reached.length)).toBe(3);
});

it("starts one process for a path that hangs, and no more than a few for all of them", async () => {
  const started: string[] = [];
  const gone: (() => void)[] = [];
  const count = () => new Promise<never>(() => {});
  const spawn: ProbeHands["spawn"] = async ({ command }) => {
    started.push(command.at(-1) ?? "");
    await new Promise<void>((resolve) => gone.push(resolve));
    return { ok: false, category: "timeout", detail: "it did not end in time" };
  };
  const disk = createDisk("/", createPathLooks(), spawn, count);
  const ask = (path: string) => disk({ path }, AbortSignal.timeout(20));
  await Promise.all([ask("/hangs/a"), ask("/hangs/b")]);
  // The same path, asked for again and again as a probe does: its one process is still there.
  for (let turn = 0; turn < 3; turn += 1) expect(await ask("/hangs/c")).toMatchObject({ category: "timeout" });
  expect(started).toEqual(["/hangs/c"]);
  const many = await Promise.all(Array.from({ length: 12 }, (_, at) => ask(`/hangs/${at}`)));
  expect(started).toHaveLength(8);
  // Of a path that was not looked at nothing is said.
  expect(many.map((each) => (each.ok ? "" : each.category))).toEqual([
    ...Array.from({ length: 7 }, () => "timeout"),
    ...Array.from({ length: 5 }, () => "busy"),
  ]);
  gone[0]?.();
  await ask("/hangs/d");
  expect(started).toHaveLength(9);
});

it("begins no more looks at a time than may hang, and has the others wait for their turn", async () => {
  const { reached, freed, ask } = hanging();
  // One mount, four probes, all due at once: two threads of this process are left to everybody else.
  const four = ["/hangs/a", "/hangs/b", "/no/such/c", "/no/such/d"].map((path) => ask(path, 300));
  await expect.poll(() => reached.length).toBe(2);
  expect(await Promise.all(four)).toMatchObject(Array.from({ length: 4 }, () => ({ ok: false })));
  expect(reached).toEqual(["/hangs/a", "/hangs/b"]);
  for (const free of freed) free();
  await expect.poll(() => ask(tmpdir(), 2_000).then(() => reached.length)).toBeGreaterThan(2);
  const many = Array.from({ length: 12 }, () => ask(tmpdir()));
  expect((await Promise.all(many)).every(({ ok }) => ok)).toBe(true);
});

it("calls whoever still waits for a turn, past those who gave up", async () => {
  const freed: (() => void)[] = [];
  const paths = createPathLooks();
  const hang = () => new Promise<never>((_resolve, reject) => freed.push(() => reject(new Error("gone"))));
  const look = (path: string, signal: AbortSignal) => paths.look(path, signal, hang).catch(() => null);
  const patient = new AbortController();
  const hasty = new AbortController();
  const under = [look("/a", patient.signal), look("/b", patient.signal)];
  const gaveUp = look("/c", hasty.signal);
  let began = false;
  const waits = paths.look("/d", patient.signal, async () => {
    began = true;
    return { ok: true };
  });
  hasty.abort();
  expect(await gaveUp).toMatchObject({ category: "busy" });
  freed[0]?.();
  await waits;
  expect(began).toBe(true);
  freed[1]?.();
  await Promise.all(under);
});
