import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { list, prunella, startPrunella, text, type Started } from "../cli-fixture.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-finding-"));
const data = join(root, "data");
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("prunella faults", () => {
  let up: Started;
  beforeAll(async () => {
    up = startPrunella(["up", "--port", "0", "--no-demo", "--data", data, "--json"], { cwd: root });
    await up.until(/\n/);
    for (const name of ["apples", "pears"]) {
      const run = ["run", "--name", name, "--max-restarts", "0", "--data", data, "--"];
      const program = startPrunella([...run, "sh", "-c", `echo 'fatal: no ${name} in the cellar' >&2; exit 9`]);
      await program.until(/ decide ([0-9a-f]{8})/);
      program.signal("SIGINT");
      await program.ended;
    }
  }, 60_000);
  afterAll(async () => {
    up.signal("SIGTERM");
    await up.ended;
  });
  const say = (...args: string[]) => prunella([...args, "--data", data]);
  const json = async (...args: string[]): Promise<unknown> => JSON.parse((await say(...args, "--json")).stdout);
  const titles = async (...args: string[]) =>
    list(await json("faults", ...args), "faults").map((fault) => text(fault, "title"));

  test("finds by words and conditions, however the shell cut them", async () => {
    expect(await titles("target:program:pears level:fatal")).toEqual([expect.stringContaining("pears")]);
    expect(await titles("cellar", "apples")).toEqual([expect.stringContaining("apples")]);
    expect(await titles("cellar", "!target:program:apples")).toEqual([expect.stringContaining("pears")]);
  });

  test("goes on where a page ended, by the line that it prints", async () => {
    const first = await say("faults", "--limit", "1", "--sort", "count");
    const [, cursor = ""] = /--cursor (\S+)/.exec(first.stdout) ?? [];
    const both = [
      ...(await titles("--limit", "1", "--sort", "count")),
      ...(await titles("--limit", "1", "--sort", "count", "--cursor", cursor)),
    ];
    expect(new Set(both).size).toBe(2);
    expect(await json("faults", "--limit", "1", "--sort", "count", "--cursor", cursor)).toMatchObject({
      next: null,
      total: 2,
      searched: [],
    });
  });

  test("says where it looked when nothing fits, and what was meant when it is not understood", async () => {
    const none = await say("faults", "artichoke");
    expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining("Looked at: titles, places, messages") });
    expect(none.stdout).toContain("--status all");
    const wrong = await say("faults", "levle:fatal");
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("There is no key levle");
    expect(wrong.stderr).toContain("Did you mean level: ?");
    expect(wrong.stderr).toContain("PRUNELLA_QUERY_INVALID");
  });

  test("keeps searches under names", async () => {
    await say("views", "add", "Pears down", "target:program:pears is:open");
    expect((await say("views")).stdout).toContain("target:program:pears is:open");
    expect(list(await json("views"), "views")).toHaveLength(1);
    expect((await say("views", "add", "Wrong", "levle:fatal")).code).toBe(1);
    expect(await say("views", "remove", "Pears down")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Pears down"),
    });
    expect(list(await json("views"), "views")).toEqual([]);
    expect((await say("views", "remove", "Pears down")).stderr).toContain("no view of that name");
  });

  test(
    "says of a trigger when its condition held, in words and as JSON, and what was meant by a name that is none",
    { timeout: 120_000 },
    async () => {
      expect(await json("triggers", "test", "restart-pears", "--since", "1h")).toMatchObject({
        trigger_id: "restart-pears",
        held: 1,
        targets: [{ target: "program:pears", held: 1, events: 1 }],
      });
      expect((await say("triggers", "test", "restart-pears")).stdout).toMatch(
        /and its condition held once: [^]*HELD AT [^]*pears [^]*The gate would have permitted/,
      );
      const wrong = await say("triggers", "test", "restart-peers");
      expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("Did you mean restart-pears?") });
    },
  );
});
