import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { createDisk } from "./disk.ts";
import { spawnWith } from "./machine.ts";
import { createPathLooks } from "./path-looks.ts";

it("reaches once for a path that hangs, and looks at every other as before", async () => {
  const reached: string[] = [];
  const freed: (() => void)[] = [];
  const count = async (path: string) => {
    reached.push(path);
    if (path.startsWith("/hangs")) await new Promise<void>((resolve) => freed.push(resolve));
    return statfs(tmpdir());
  };
  const disk = createDisk("/", createPathLooks(), spawnWith("/"), count);
  const ask = (path: string, ms = 5_000) => disk({ path }, AbortSignal.timeout(ms));
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

it("begins no more looks at a time than may hang, and has the others wait for their turn", async () => {
  const reached: string[] = [];
  const freed: (() => void)[] = [];
  const count = async (path: string) => {
    reached.push(path);
    if (path.startsWith("/hangs")) await new Promise<void>((resolve) => freed.push(resolve));
    return statfs(tmpdir());
  };
  const disk = createDisk("/", createPathLooks(), spawnWith("/"), count);
  const ask = (path: string, ms = 5_000) => disk({ path }, AbortSignal.timeout(ms));
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
