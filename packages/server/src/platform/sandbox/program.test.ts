import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needs } from "../../../../../test/needs.ts";
import { probeBubblewrap } from "./bubblewrap.ts";
import { runProgram, type ProgramRun } from "./program.ts";

const canRun = needs("bubblewrap", (await probeBubblewrap(AbortSignal.timeout(10_000))) === null);

/** Everything that a program must not get, and what it may. */
const TRIES = `
import json, os, socket, sys
def tries(what):
    try: return what()
    except Exception as error: return type(error).__name__
def connects(port):
    with socket.create_connection(("127.0.0.1", port), 2) as one: return "connected"
def writes(path):
    with open(path, "w") as file: file.write("x")
    return "written"
print(json.dumps({
    "argv": sys.argv[1:], "cwd": os.getcwd(), "env": sorted(os.environ), "stdin": sys.stdin.read(),
    "passwd": tries(lambda: open("/etc/passwd").read()[:4]),
    "host": tries(lambda: open(sys.argv[2]).read()),
    "network": tries(lambda: connects(int(sys.argv[3]))),
    "own": tries(lambda: writes("/plugin/x")), "root": tries(lambda: writes("/usr/x")), "scratch": tries(lambda: writes("/tmp/x")),
    "processes": tries(lambda: os.listdir("/proc")),
}))
`;

describe.runIf(canRun)("a program in the layer", () => {
  let root = "";
  let tree = "";
  const server = createServer((_request, response) => response.end("reached"));
  let port = 0;
  /** In the names of what must not stay. */
  const own = `${process.pid}${Date.now()}`;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "prunella-program-test-"));
    tree = join(root, "tree");
    mkdirSync(join(tree, "bin"), { recursive: true });
    writeFileSync(join(root, "secret.txt"), "of the host");
    writeFileSync(join(tree, "tries.py"), TRIES);
    writeFileSync(join(tree, "bin/run"), '#!/bin/sh\necho "$0 $*"\n', { mode: 0o555 });
    writeFileSync(join(tree, `flood-${own}.sh`), `while :; do sh flood-${own}.sh & sleep 30; done\n`);
    symlinkSync("run", join(tree, "bin/link"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
  });
  afterAll(() => {
    server.close();
    rmSync(root, { recursive: true, force: true });
  });
  const run = (argv: readonly string[], more: Partial<ProgramRun> = {}, signal = AbortSignal.timeout(30_000)) =>
    runProgram({ tree, argv, env: { GIVEN: "1" }, memoryMb: 192, cpuSeconds: 20, wallMs: 20_000, ...more }, signal);

  it("sees its folder and the system's programs, and nothing of the host", async () => {
    const { code, stdout, stderr } = await run(["python3", "tries.py", "a b", join(root, "secret.txt"), String(port)]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toEqual({
      argv: ["a b", join(root, "secret.txt"), String(port)],
      cwd: "/plugin",
      env: ["GIVEN", "HOME", "LANG", "PATH", "PWD", "TZ"],
      stdin: "",
      passwd: "FileNotFoundError",
      host: "FileNotFoundError",
      network: "PermissionError",
      own: "OSError",
      root: "OSError",
      scratch: "written",
      processes: ["self"],
    });
  });

  it.each([
    [["bin/run", "x"], "./bin/run x\n"],
    [["./bin/link", "x"], "./bin/link x\n"],
    [["sh", "-c", "echo out; echo err >&2"], "out\n"],
    [["node", "-e", "console.log(process.argv.length)"], "1\n"],
    [["python", "-c", "print(2)"], "2\n"],
    [["/usr/bin/env", "printf", "%s", "--dev"], "--dev"],
  ])("%j is started as it stands", async (argv, stdout) => {
    expect(await run(argv)).toMatchObject({ code: 0, ended: null, stdout });
  });

  it.each([["no-such-program"], ["bin/none"], ["../tree/bin/run"], ["/etc/passwd"], ["--bind"], ["tries.py"]])(
    "%s is no program that there is",
    async (name) => {
      await expect(run([name])).rejects.toThrow(`there is no program ${name}`);
    },
  );

  it("says how it ended: by itself, its time, its caller, its output, its processes", async () => {
    expect(await run(["sh", "-c", "exit 3"])).toMatchObject({ code: 3, ended: null });
    expect(await run(["sleep", `20.${own}`], { wallMs: 200 })).toMatchObject({ code: null, ended: "time" });
    expect(await run(["sleep", `20.${own}`], {}, AbortSignal.timeout(200))).toMatchObject({
      code: null,
      ended: "cancelled",
    });
    expect(await run(["yes"])).toMatchObject({ code: null, ended: "output" });
    expect(await run(["sh", `flood-${own}.sh`])).toMatchObject({ code: null, ended: "processes" });
    expect(spawnSync("pgrep", ["-f", `(20[.]|flood-)${own}`], { encoding: "utf8" }).stdout).toBe("");
  });
});
