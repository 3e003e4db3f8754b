import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openDouble } from "../../../client/src/client-fixture.ts";
import { needs } from "../../../../test/needs.ts";
import { BIN } from "../cli-fixture.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-crash-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const terminals = ["/usr/bin/script", "/bin/script"].find((path) => existsSync(path));

let users = 0;
function newUser() {
  const home = join(root, `user-${users++}`);
  const env: Record<string, string> = {
    PATH: "/usr/bin:/bin",
    HOME: home,
    XDG_STATE_HOME: join(home, "state"),
    XDG_CONFIG_HOME: join(home, "config"),
    TERM: "dumb",
  };
  return { env, crashes: join(home, "state/prunella/programs/shell/crash") };
}

function run(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ output: string; code: number | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ output, code }));
  });
}

const words = (args: readonly string[]): string =>
  [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(" ");
const prunella = (args: readonly string[], env: Record<string, string>) => run(process.execPath, [BIN, ...args], env);
const onTerminal = (args: readonly string[], env: Record<string, string>) =>
  run(terminals ?? "script", ["-qec", words(args), "/dev/null"], env);
const capture = ["crash", "capture", "--app=shell", "--exit-code=7", "--function=deploy", "--terminal"];
const files = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !condition(); tries++) await new Promise((resolve) => setTimeout(resolve, 25));
  expect(condition()).toBe(true);
}

describe("prunella crash", () => {
  it("lists, shows byte for byte, and forgets", async () => {
    const { env, crashes } = newUser();
    expect((await prunella(["crash"], env)).output).toContain("No crash was captured");
    await prunella(capture, env);
    const [name = ""] = files(crashes);
    const id = name.slice(0, 8);
    expect((await prunella(["crash", "list"], env)).output).toMatch(new RegExp(`${id} .*shell .*ExitCode:7 in deploy`));
    expect((await prunella(["crash", "show", id], env)).output).toBe(readFileSync(join(crashes, name), "utf8"));
    expect((await prunella(["crash", "forget"], env)).code).toBe(1);
    expect((await prunella(["crash", "forget", id], env)).output).toContain("Forgot 1 report.");
    expect(files(crashes)).toEqual([]);
  });

  it.each(["show", "submit", "forget"])("%s refuses what could be a path", async (action) => {
    const { env } = newUser();
    await prunella(capture, env);
    const { output, code } = await prunella(["crash", action, "../../x"], env);
    expect(output).toContain("That is no id of a report.");
    expect(code).toBe(1);
  });

  it("submits nothing where nobody could read what is sent", async () => {
    await using double = await openDouble();
    const { env } = newUser();
    await prunella(["telemetry", "on", "--endpoint", double.url], env);
    await prunella(capture, env);
    const { output, code } = await prunella(["crash", "submit"], env);
    expect(output).toContain("no terminal");
    expect(code).toBe(1);
    expect(double.connections()).toBe(0);
  });
});

describe("prunella telemetry", () => {
  it("off stops writing, says so and why, and on undoes it", async () => {
    const { env, crashes } = newUser();
    await prunella(["telemetry", "off"], env);
    await prunella(capture, env);
    expect(files(crashes)).toEqual([]);
    const status = await prunella(["telemetry", "status", "--json"], env);
    expect(JSON.parse(status.output)).toMatchObject({
      state: "off",
      reason: "settings_off",
      pending: 0,
      decided: "off",
    });
    await prunella(["telemetry", "on"], env);
    await prunella(capture, env);
    expect(files(crashes)).toHaveLength(1);
  });

  it("off for one program leaves the others", async () => {
    const { env, crashes } = newUser();
    await prunella(["telemetry", "off", "--app", "other"], env);
    await prunella(capture, env);
    expect(files(crashes)).toHaveLength(1);
    await prunella(["telemetry", "off", "--app", "shell"], env);
    await prunella([...capture, "--class=Second"], env);
    expect(files(crashes)).toHaveLength(1);
  });

  it("takes no endpoint with a password in it", async () => {
    const { env } = newUser();
    expect(
      (await prunella(["telemetry", "on", "--endpoint", `https://me:${"pass" + "word"}@example.org`], env)).code,
    ).toBe(1);
  });
});

describe("the hook for bash", () => {
  const script = (body: string, before = ""): string => {
    const path = join(root, `script-${users++}.sh`);
    writeFileSync(path, `${before}\nsource '${join(root, "hook.sh")}'\n${body}\n`);
    return path;
  };
  const write = (env: Record<string, string>): void =>
    writeFileSync(
      join(root, "hook.sh"),
      execFileSync(process.execPath, [BIN, "hook", "bash"], { env, encoding: "utf8" }),
    );

  it.each([
    ["a clean end", "echo done", "", 0, "done\n"],
    ["exit 5", "exit 5", "", 5, ""],
    ["a failing command under -eu", "set -eu; f() { false; }; f; echo never", "", 1, ""],
    ["an unset variable", 'set -u; echo "$nothing_there" 2>/dev/null', "", 1, /nothing_there/],
    ["a trap of the script's own", "set -e; false", "trap 'echo \"mine $?\"' EXIT", 1, "mine 1\n"],
    ["a trap of the script's own, and all is well", "true", "trap 'echo \"mine $?\"' EXIT", 0, "mine 0\n"],
    ["a trap that ends with its own code", "exit 3", "trap 'exit 9' EXIT", 9, ""],
    ["a trap with quotes in it", "exit 2", `trap 'echo "it'\\''s $?"' EXIT`, 2, "it's 2\n"],
  ])("leaves a script's output and code as they are: %s", async (_name, body, before, code, output) => {
    const { env } = newUser();
    write(env);
    const ended = await run("/bin/bash", [script(body, before)], env);
    expect(ended.code).toBe(code);
    if (typeof output === "string") expect(ended.output).toBe(output);
    else expect(ended.output).toMatch(output);
  });

  describe.skipIf(!needs("script (util-linux)", terminals !== undefined))("on a terminal", () => {
    it("reports a failing script with its functions, and nothing of a clean one", async () => {
      const { env, crashes } = newUser();
      write(env);
      await run(terminals ?? "", ["-qec", `bash '${script("true")}'`, "/dev/null"], env);
      await run(terminals ?? "", ["-qec", `bash '${script("exit 130")}'`, "/dev/null"], env);
      const failed = await run(
        terminals ?? "",
        ["-qec", `bash '${script("set -eu; upload() { exit 6; }; deploy() { upload; }; deploy")}'`, "/dev/null"],
        env,
      );
      expect(failed.code).toBe(6);
      await until(() => files(crashes).length === 1);
      const [name = ""] = files(crashes);
      expect(JSON.parse(readFileSync(join(crashes, name), "utf8"))).toMatchObject({
        error_class: "ShellExit:6",
        stack_signature: ["upload", "deploy"],
        exit_code: 6,
      });
    });

    it("shows what is sent before the first script that could send, once", async () => {
      await using double = await openDouble();
      const { env } = newUser();
      await prunella(["telemetry", "on", "--endpoint", double.url], env);
      const first = (await onTerminal(["hook", "bash"], env)).output;
      expect(first).toContain("All that is sent:");
      // What fails in the script that showed it waits for the next one.
      expect(first).toContain("crash capture --later");
      await prunella([...capture, "--later"], env);
      const next = (await onTerminal(["hook", "bash"], env)).output;
      expect(next).not.toMatch(/All that is sent:|--later/);
      expect(double.connections()).toBe(0);
      await prunella([...capture, "--class=Second"], env);
      await until(() => double.bodies.length === 2);
      const status = await onTerminal(["telemetry", "status", "--json"], env);
      expect(JSON.parse(status.output)).toMatchObject({ state: "on", reason: "allowed" });
    });
  });

  it.skipIf(!needs("script (util-linux)", terminals !== undefined))(
    "lets a caller in any language go on while the server does not answer",
    async () => {
      await using double = await openDouble(() => "hang");
      const { env, crashes } = newUser();
      await prunella(["telemetry", "on", "--endpoint", double.url], env);
      await onTerminal(["hook", "bash"], env);
      const { code, output } = await prunella(capture, env);
      expect({ code, output }).toEqual({ code: 0, output: "" });
      // It has ended, and what it started still waits for the answer: nothing is sent yet.
      await until(() => double.bodies.length === 1);
      expect(readdirSync(crashes).filter((name) => name.endsWith(".sent"))).toEqual([]);
    },
  );

  it("is none for other shells", async () => {
    expect((await prunella(["hook", "fish"], newUser().env)).code).toBe(1);
  });
});
