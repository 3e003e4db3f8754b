import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../test/needs.ts";
import { list, prunella, startPrunella, text, type Started } from "../cli-fixture.ts";
import { createProgram } from "../tree/program.ts";
import { bashCompletion } from "./bash.ts";
import { wordsOf } from "./words.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-completion-"));
const data = join(root, "data");
const has = (shell: string) => needs(shell, spawnSync(shell, ["--version"]).status === 0);
let server: Started;
let shop: Started;
let fault = "";

beforeAll(async () => {
  writeFileSync(join(root, "crash.log"), "");
  server = startPrunella(["up", "--no-demo", "--port", "0", "--data", data], { cwd: root });
  await server.until(/Prunella is up/);
  shop = startPrunella(["run", "--data", data, "--max-restarts", "0", "--name", "shop", "--", "false"]);
  await shop.until(/You decide/);
}, 60_000);
afterAll(async () => {
  shop.signal("SIGTERM");
  await shop.ended;
  server.signal("SIGTERM");
  await server.ended;
  rmSync(root, { recursive: true, force: true });
});

/** What a shell offers for a line that is typed up to its end. */
type Offer = (line: string) => string[];

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");
/** As the shell splits it; a space at the end begins a new word. */
const typedWords = (line: string): string[] => line.split(" ");
const quote = (word: string): string => `'${word}'`;

function inBash(script: string): Offer {
  return (line) => {
    const words = typedWords(line);
    const run = `${script}\nCOMP_WORDS=(${words.map(quote).join(" ")}); COMP_CWORD=${words.length - 1}; _prunella; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return lines(spawnSync("bash", ["-c", run], { cwd: root, encoding: "utf8" }).stdout);
  };
}

/** Outside of its line editor zsh has no \`_describe\`: what would be described is printed. */
function inZsh(script: string): Offer {
  writeFileSync(join(root, "prunella.zsh"), script);
  return (line) => {
    const words = typedWords(line);
    const doubles = 'compdef() { : }; _files() { print -rl -- *(N) }; _describe() { print -rl -- "${(@P)@[-1]}" }';
    const run = `${doubles}\nsource ${join(root, "prunella.zsh")}\nwords=(${words.map(quote).join(" ")}); CURRENT=${words.length}; _prunella`;
    const { stdout } = spawnSync("zsh", ["-fc", run], { cwd: root, encoding: "utf8" });
    return lines(stdout)
      .map((each) => each.split(":")[0] ?? "")
      .filter((each) => each.startsWith(words.at(-1) ?? ""));
  };
}

/** As people have it: read from a file; also because one argument of a program has 128 KiB at most. */
function inFish(script: string): Offer {
  writeFileSync(join(root, "prunella.fish"), script);
  return (line) => {
    const env = { ...process.env, HOME: root, XDG_CONFIG_HOME: root, XDG_DATA_HOME: root };
    const run = `source ${join(root, "prunella.fish")}\ncomplete -C "${line}"`;
    const { stdout } = spawnSync("fish", ["-c", run], { cwd: root, encoding: "utf8", env });
    return lines(stdout).map((each) => each.split("\t")[0] ?? "");
  };
}

describe.each([
  ["bash", inBash],
  ["zsh", inZsh],
  ["fish", inFish],
] as const)("in %s", (shell, inShell) => {
  const isThere = has(shell);
  let offer: Offer = () => [];
  beforeAll(async () => {
    const { stdout, code, stderr } = await prunella(["completion", shell]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    offer = inShell(stdout);
  });

  test.skipIf(!isThere).each([
    ["prunella led", ["ledger"]],
    ["prunella ledger key ", ["export", "import"]],
    ["prunella ledger --data x key im", ["import"]],
    ["prunella faults --status re", ["regressed", "resolved"]],
    ["prunella faults --lim", ["--limit"]],
    ["prunella decide 9c41e07b ", ["leave_stopped", "restart_once"]],
    ["prunella completion ", ["bash", "fish", "zsh"]],
    ["prunella config check cr", ["crash.log"]],
  ])("%j leads to %j", (line, wanted) => {
    expect(offer(line).toSorted()).toEqual(wanted);
  });

  test.skipIf(!isThere)("ids and names are those that the server of --data knows now", async () => {
    const found = JSON.parse((await prunella(["faults", "--data", data, "--json"])).stdout);
    fault = text(list(found, "faults")[0], "id").slice(-8);
    expect(fault).toHaveLength(8);
    expect(offer(`prunella --data ${data} fault `)).toEqual([fault]);
    expect(offer(`prunella attempts --data ${data} --project de`)).toEqual(["default"]);
  });

  test.skipIf(!isThere)("without a server it offers no value, and says nothing", () => {
    expect(offer(`prunella --data ${root} start `).filter((word) => !word.startsWith("-"))).toEqual([]);
  });
});

test("every command that is shown is known to it, with each of its options", () => {
  const script = bashCompletion(wordsOf(createProgram()), "prunella");
  for (const { path, options } of wordsOf(createProgram()))
    expect(script).toContain(`'${path}') values='${options.flatMap(({ flags }) => flags).join(" ")}'`);
  expect(script).not.toContain("capture");
});
