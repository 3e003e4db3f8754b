import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { field, list, prunella, startPrunella, text, type Started } from "../cli-fixture.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-grouping-"));
const data = join(root, "data");
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("grouping by people", () => {
  let up: Started;
  let ids: string[] = [];
  beforeAll(async () => {
    up = startPrunella(["up", "--port", "0", "--no-demo", "--data", data, "--json"], { cwd: root });
    await up.until(/\n/);
    for (const [name, words] of [
      ["apples", "no apples in the cellar"],
      ["pears", "pears fell from the tree"],
      ["plums", "plums are out of season"],
    ] as const) {
      const run = ["run", "--name", name, "--max-restarts", "0", "--data", data, "--"];
      const program = startPrunella([...run, "sh", "-c", `echo 'fatal: ${words}' >&2; exit 9`]);
      await program.until(/ decide ([0-9a-f]{8})/);
      program.signal("SIGINT");
      await program.ended;
    }
    const faults = list(await json("faults"), "faults");
    ids = faults.map((fault) => text(fault, "id")).toSorted();
  }, 60_000);
  afterAll(async () => {
    up.signal("SIGTERM");
    await up.ended;
  });
  const say = (...args: string[]) => prunella([...args, "--data", data]);
  const json = async (...args: string[]): Promise<unknown> => JSON.parse((await say(...args, "--json")).stdout);

  test("merge takes several in, why names them, unmerge takes each out by the hint it was given", async () => {
    const [into = "", first = "", second = ""] = ids;
    const merged = await say("merge", into, first.slice(-8), second);
    expect(merged).toMatchObject({ code: 0, stderr: "" });
    expect(merged.stdout).toContain("2 in all");
    expect(list(await json("faults"), "faults")).toHaveLength(1);

    const why = await say("why", into.slice(-8));
    expect(why.stdout).toContain("3 fingerprints lead here");
    expect(why.stdout).toContain("Merged into it by a person");
    expect(why.stdout).not.toMatch(/undefined|NaN|\[object/);
    expect(await json("why", into)).toMatchObject({
      fault_id: into,
      merged: [{ id: first }, { id: second }],
      keys: [{}, {}, {}],
      shared: expect.any(Array),
    });
    expect((await say("why", first)).stdout).toContain(`A person merged it into ${into.slice(-8)}`);
    expect((await say("merge", into, first)).stderr).toContain("take it out first");

    for (const hint of merged.stdout.matchAll(/prunella .*(unmerge [0-9a-f]{8})/g)) {
      const out = await say(...(hint[1] ?? "").split(" "));
      expect(out).toMatchObject({ code: 0, stdout: expect.stringContaining(`merge ${into.slice(-8)}`) });
    }
    expect(list(await json("faults"), "faults")).toHaveLength(3);
  });

  test("a merge that stops half-way says what is done and what is not", async () => {
    const [into = "", first = ""] = ids;
    const { code, stdout, stderr } = await say("merge", into, first, "00000000");
    expect(code).toBe(1);
    expect(stdout).toContain(`unmerge ${first.slice(-8)}`);
    expect(stderr).toContain("There is no fault");
    await say("unmerge", first);
  });

  test("a rule is added, listed, removed, and comes back by the hint", async () => {
    expect((await say("rules", "list")).stdout).toContain("most projects need none");
    const added = await say("rules", "add", "--message", "it's * late", "--target", "shop", "--as", "late");
    expect(added).toMatchObject({ code: 0, stderr: "" });
    const [, id = ""] = /Undo: .* rules remove ([0-9a-f]{8})/.exec(added.stdout) ?? [];
    expect((await say("rules", "list")).stdout).toMatch(/late +message is it's \* late and target is shop/);
    expect(list(await json("rules", "list"), "rules")).toMatchObject([
      { project_id: "default", when: { message: "it's * late", target: "shop" }, group_as: "late" },
    ]);
    const removed = await say("rules", "remove", id);
    expect(removed.stdout).toContain(String.raw`rules add --message 'it'\''s * late' --target shop --as late`);
    expect(list(await json("rules", "list"), "rules")).toEqual([]);
    const again = await json("rules", "add", "--class", "E", "--as", "{class}");
    expect(await json("rules", "remove", text(field(again, "rule"), "id"))).toMatchObject({
      removed: { group_as: "{class}" },
    });
  });

  test.each([
    [["rules", "add", "--as", "x"], "needs at least one of --message"],
    [["rules", "add", "--message", "x"], "needs --as"],
    [["rules", "add", "--message", "*", "--class", "**", "--as", "y"], "says more than *"],
    [["rules", "add", "--message", "x", "--as", "y", "--project", "nowhere"], "There is no project nowhere"],
    [["rules", "add", "--message", "x".repeat(201), "--as", "y"], "when.message"],
    [["rules", "remove", "00000000"], "There is no grouping rule 00000000"],
    [["rules", "ad"], " rules add`?"],
    [["unmerge", "00000000"], "There is no fault"],
    [["why", "00000000"], "There is no fault"],
    [["merge", "00000000"], "Missing required argument"],
  ])("%j is refused with a way out, exit code 1", async (args, words) => {
    const { code, stderr } = await say(...args);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(words) });
    expect(stderr).toMatch(/^prunella: /);
  });

  test("what was never merged cannot be taken out, and nothing goes into itself", async () => {
    const [one = ""] = ids;
    expect((await say("unmerge", one)).stderr).toContain("has not been merged");
    expect((await say("merge", one, one)).stderr).toContain("merged into itself");
  });
});
