import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BIN, field, list, prunella, startPrunella, text, type Started } from "./cli-fixture.ts";
import { readServerFile } from "./address.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-loop-"));
const data = join(root, "data");
afterAll(() => rmSync(root, { recursive: true, force: true }));
const json = async (...args: string[]): Promise<unknown> =>
  JSON.parse((await prunella([...args, "--data", data, "--json"])).stdout);

describe("with a server", () => {
  let up: Started;
  beforeAll(async () => {
    up = startPrunella(["up", "--port", "0", "--no-demo", "--data", data, "--json"], { cwd: root });
    await up.until(/\n/);
  });
  afterAll(async () => {
    up.signal("SIGTERM");
    expect(await up.ended).toMatchObject({ code: 0 });
  });

  test("up --json says one line and no more", () => {
    const { stdout } = up.out();
    expect(stdout.trim().split("\n")).toHaveLength(1);
    const line: unknown = JSON.parse(stdout);
    expect(line).toEqual({
      url: expect.stringMatching(/^http:\/\/127/),
      dsn: expect.stringMatching(/^http:\/\/[0-9a-f]{32}@127.*\/\d+$/),
      sign_in: expect.stringContaining("#code="),
      pid: up.pid,
    });
  });

  test("a second server on the folder is told who owns it", async () => {
    const { code, stderr } = await prunella(["up", "--port", "0", "--no-demo", "--data", data]);
    expect(stderr).toContain(`Process ${up.pid} owns`);
    expect(code).toBe(1);
  });

  test("the loop closes: crash, restart, escalation, one more by decision, left stopped", async () => {
    const shop = startPrunella([
      "run",
      "--name",
      "shop",
      "--max-restarts",
      "1",
      "--data",
      data,
      "--",
      "sh",
      "-c",
      "echo up; echo 'fatal: no stock' >&2; exit 9",
    ]);
    const [, first = ""] = await shop.until(/ decide ([0-9a-f]{8})/);
    expect(list(await json("faults"), "faults")).toMatchObject([
      {
        id: expect.any(String),
        title: expect.stringContaining("no stock"),
        count: 2,
        status: "open",
        first_seen: expect.any(Number),
        last_seen: expect.any(Number),
      },
    ]);
    expect((await prunella(["decide", first, "restart-once", "--data", data])).stdout).toContain("restarted once more");
    await shop.until(/by your decision[\s\S]*decide [0-9a-f]{8}/);
    const open = list(await json("escalations"), "escalations");
    expect(open).toHaveLength(1);
    expect((await prunella(["decide", first, "leave_stopped", "--data", data])).stderr).toContain("decided already");
    await prunella(["decide", text(open[0], "id"), "leave_stopped", "--data", data]);
    await shop.until(/shop stays stopped, as decided; `.* start shop`/);
    shop.signal("SIGTERM");
    expect(await shop.ended).toMatchObject({ code: 9, stdout: "up\n".repeat(3) });
    const [fault] = await faults();
    for (const args of [["fault"], ["explain"], ["resolve"], ["reopen"], ["mute"]])
      expect((await prunella([...args, text(fault, "id").slice(-8), "--data", data])).code).toBe(0);
    expect(list(await json("faults"), "faults")).toEqual([]);
    expect(await json("ledger", "verify")).toMatchObject({ ok: true });
    const offline = await prunella([
      "ledger",
      "verify",
      "--folder",
      join(data, "ledger"),
      "--vkey",
      join(data, "ledger", "vkey"),
    ]);
    expect(offline).toMatchObject({ code: 0, stdout: expect.stringContaining("The ledger verifies.") });
  });

  const faults = async () => list(await json("faults"), "faults");

  test("run --url --token-file is supervised by that server", async () => {
    const { url, token } = readServerFile(data) ?? { url: "", token: "" };
    writeFileSync(join(root, "token"), `${token}\n`);
    const there = ["run", "--url", url, "--token-file", join(root, "token"), "--name", "remote", "--max-restarts", "1"];
    const { code, stderr } = await prunella(
      [...there, "--", process.execPath, "-e", "process.exitCode = process.env.PRUNELLA_RUN_ATTEMPT === '0' ? 3 : 0"],
      { cwd: root },
    );
    expect(stderr).toContain("restarted remote");
    expect(stderr).not.toContain("does not answer");
    expect(code).toBe(0);
  });

  test("a ledger with one byte changed does not verify, exit code 1", async () => {
    const copy = join(root, "copy");
    cpSync(join(data, "ledger"), copy, { recursive: true });
    const bytes = readFileSync(join(copy, "checkpoint"));
    bytes[30] = (bytes[30] ?? 0) ^ 1;
    writeFileSync(join(copy, "checkpoint"), bytes);
    const { code, stdout } = await prunella([
      "ledger",
      "verify",
      "--folder",
      copy,
      "--vkey",
      join(data, "ledger", "vkey"),
      "--json",
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false });
    expect(code).toBe(1);
  });

  test.each([
    "faults --status all",
    "attempts",
    "escalations --all",
    "triggers",
    "projects list",
    "ledger show --from 0",
    "sign-in",
    "kill",
    "unkill",
  ])("%s speaks to people and to programs", async (words) => {
    const args = [...words.split(" "), "--data", data];
    const forPeople = await prunella(args);
    expect(forPeople).toMatchObject({ code: 0, stderr: "" });
    expect(forPeople.stdout).not.toMatch(/undefined|NaN|\[object/);
    expect(forPeople.stdout.trim()).not.toBe("");
    const forPrograms = await prunella(["--json", ...args]);
    expect(JSON.parse(forPrograms.stdout)).toBeTypeOf("object");
  });

  test.each([
    [["fault", "zzzz"], "hex digits"],
    [["fault", "00000000"], "There is no fault"],
    [["decide", "00000000", "restart_once"], "There is no escalation"],
    [["resolve", "../../kill"], "no such"],
    [["run", "--project", "defualt", "--", "true"], "did you mean default"],
    [["faults", "--project", "defualt"], "did you mean default"],
    [["attempts", "--project", "defualt"], "did you mean default"],
  ])("%j names what is not there, exit code 1", async (args, words) => {
    const { code, stderr } = await prunella([...args.slice(0, 1), "--data", data, ...args.slice(1)]);
    expect(code).toBe(1);
    expect(stderr).toContain(words);
    expect(stderr).toMatch(/^prunella: /);
  });

  test("projects add gives a DSN, and not twice", async () => {
    expect(field(await json("projects", "add", "shop-api", "--title", "Shop"), "project")).toMatchObject({
      id: "shop-api",
      dsn: expect.stringContaining("@127.0.0.1"),
    });
    expect((await prunella(["projects", "add", "shop-api", "--data", data])).code).toBe(1);
  });
});

describe("run without a server", () => {
  const own = join(root, "own");
  test.each([
    [["sh", "-c", "exit 0"], 0],
    [["sh", "-c", "kill -TERM $$"], 143],
    [["no-such-program"], 127],
    [["/etc/passwd"], 126],
  ])("ends with the program's exit code: %j → %i", async (command, code) => {
    expect(await prunella(["run", "--data", own, "--", ...command])).toMatchObject({ code });
  });

  test("passes stdin, stdout, stderr and the DSN through and adds nothing to a clean run", async () => {
    const { code, stdout, stderr } = await prunella(
      ["run", "--data", own, "--", "sh", "-c", 'cat; echo "$PRUNELLA_DSN"; echo err >&2'],
      { input: "hello\n" },
    );
    expect(stdout).toMatch(/^hello\nhttp:\/\/[0-9a-f]{32}@127/);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "err\n" });
    expect(readdirSync(own)).not.toContain("server.json");
  });

  test("options behind the program belong to it", async () => {
    expect((await prunella(["run", "--data", own, "--", "echo", "--data", "x", "--", "--json"])).stdout).toBe(
      "--data x -- --json\n",
    );
  });

  test("passes signals on and ends with what the program makes of them", async () => {
    const run = startPrunella([
      "run",
      "--data",
      own,
      "--",
      "sh",
      "-c",
      "trap 'echo usr' USR1; trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.01; done",
    ]);
    await run.until(/ready/);
    run.signal("SIGUSR1");
    await run.until(/usr/);
    run.signal("SIGTERM");
    expect(await run.ended).toMatchObject({ code: 5, stdout: "ready\nusr\nbye\n" });
  });

  test("behind an interpreter the script gives the name", async () => {
    writeFileSync(join(root, "boom.cjs"), "throw new RangeError('too far')");
    const run = startPrunella([
      "run",
      "--data",
      own,
      "--max-restarts",
      "0",
      "--",
      process.execPath,
      join(root, "boom.cjs"),
    ]);
    await run.until(/boom stays down \(budget_exhausted\)/);
    run.signal("SIGINT");
    expect((await run.ended).code).toBe(1);
  });
});

test("up makes the projects that its configuration names, and says which program it cannot start", async () => {
  const named = join(root, "named");
  writeFileSync(
    join(root, "two.yaml"),
    `supervise:
  - { name: web, project: shop, command: ["sh", "-c", "echo dsn=$PRUNELLA_DSN; exec sleep 20"] }
  - { name: gone, command: ["no-such-program"] }
  - { name: stubborn, command: ["sh", "-c", "trap '' TERM INT; echo deaf; while :; do sleep 0.05; done"] }
`,
  );
  const up = startPrunella(["up", "--port", "0", "--data", named, "--config", "two.yaml"], { cwd: root });
  await up.until(/gone cannot be started: There is no program no-such-program/);
  const [, dsn] = await up.until(/web \| dsn=(\S+)/);
  await up.until(/stubborn \| deaf/);
  expect((await prunella(["projects", "list", "--data", named])).stdout).toMatch(new RegExp(`^shop .*${dsn}$`, "m"));
  up.signal("SIGINT");
  expect((await up.ended).code).toBe(0);
});

test("a Node that is too old reads the command and gets one sentence", async () => {
  // What Node 12 can parse: no import statements, no optional chaining, no top-level await, no const needed.
  expect(readFileSync(BIN, "utf8")).not.toMatch(/^\s*import\s+[^(]|\?\.|\?\?|^await|=>/m);
});
