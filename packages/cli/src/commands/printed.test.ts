import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BIN, list, prunella, startPrunella, text, type Started } from "../cli-fixture.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-printed-"));
/** One that a shell would take for two words. */
const data = "data folder";
/** Outside of a checkout the command is the file itself: what is printed must name it, and the folder. */
const PREFIX = `${process.execPath} ${BIN} --data 'data folder' `;

let server: Started;
let shop: Started;
let printed = "";

const say = async (...args: string[]): Promise<string> => {
  const { stdout, stderr } = await prunella([...args, "--data", data], { cwd: root });
  printed += `${stdout}\n${stderr}\n`;
  return stdout;
};

/** Up to the end of its line, or of its backticks. */
const commandsIn = (output: string): string[] => [
  ...new Set(
    output
      .split(PREFIX)
      .slice(1)
      .map((rest) => /^[^`\n]*/.exec(rest)?.[0].trimEnd() ?? ""),
  ),
];

beforeAll(async () => {
  server = startPrunella(["up", "--no-demo", "--port", "0", "--data", data], { cwd: root });
  await server.until(/Ctrl-C stops/);
  for (const empty of ["faults", "attempts", "escalations", "triggers", "programs", "rules", "sourcemaps list"])
    await say(...empty.split(" "));
  const run = ["run", "--data", data, "--max-restarts", "0", "--name", "shop", "--", "false"];
  shop = startPrunella(run, { cwd: root });
  await shop.until(/You decide.*\n/);
  printed += `${server.out().stdout}\n${shop.out().stderr}\n`;
}, 120_000);
afterAll(async () => {
  for (const each of [shop, server]) {
    each.signal("SIGTERM");
    await each.ended;
  }
  rmSync(root, { recursive: true, force: true });
});

test("every command that is printed runs as it stands, and against the same server", { timeout: 300_000 }, async () => {
  const faults: unknown = JSON.parse((await prunella(["faults", "--json", "--data", data], { cwd: root })).stdout);
  const id = text(list(faults, "faults")[0], "id");
  for (const words of [
    "status",
    "programs",
    "escalations",
    `fault ${id}`,
    `explain ${id}`,
    `why ${id}`,
    "kill",
    "status",
    "triggers",
    "attempts --limit 1",
    "unkill",
    `resolve ${id}`,
    "rules add --message it'?s --as late",
    "ledger verify",
    "ledger show --from 0 --limit 2",
    "erase 00000000",
    "logs shpo",
    "sourcemaps remove",
    "decide 00000000 restart_onec",
    "ledgr",
    "config check",
  ])
    await say(...words.split(" "));

  const commands = commandsIn(printed);
  expect(commands.length).toBeGreaterThan(15);
  const failed = commands.flatMap((command) => {
    const { status, stderr } = spawnSync("sh", ["-c", PREFIX + command], { cwd: root, encoding: "utf8", input: "" });
    // The state may have moved on since it was printed; that is told with a code of its own.
    const isFine = status === 0 || status === 3 || /\(PRUNELLA_(?:CONFLICT|NOT_FOUND)\)/.test(stderr);
    return isFine ? [] : [{ command, status, stderr }];
  });
  expect(failed).toEqual([]);
});

test("none is printed in another way, as one that would ask a registry or another folder's server", () => {
  const bare = printed.split("\n").filter((line) => /(?<![\w./-])prunella [a-z]/.test(line.replaceAll(PREFIX, "")));
  expect(bare).toEqual([]);
});
