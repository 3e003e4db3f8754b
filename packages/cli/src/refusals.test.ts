import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommanderError, type Command } from "commander";
import { PrunellaError } from "@prunella/contract";
import { afterAll, describe, expect, test } from "vitest";
import { prunella } from "./cli-fixture.ts";
import { createProgram } from "./tree/program.ts";
import { usageError } from "./usage-error.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-refusals-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const leaves = (command: Command, path: readonly string[] = []): (readonly string[])[] => {
  const below = command.createHelp().visibleCommands(command);
  return below.length === 0 ? [path] : below.flatMap((each) => leaves(each, [...path, each.name()]));
};

function commandAt(path: readonly string[]): Command {
  let command = createProgram();
  for (const word of path) command = command.commands.find((each) => each.name() === word) ?? command;
  return command;
}

/** Something for each argument, of no meaning. */
function argumentsOf(path: readonly string[]): string[] {
  return commandAt(path)
    .registeredArguments.filter((each) => each.required)
    .map((each) => (each.name() === "decision" ? "restart_once" : "00000000"));
}

async function refusalOf(args: readonly string[]): Promise<unknown> {
  const program = createProgram();
  try {
    await program.parseAsync([...args], { from: "user" });
    return null;
  } catch (error) {
    return error instanceof CommanderError ? usageError(error, program, args) : error;
  }
}

/** They work on files, on this machine or on nothing, and stay or say something of their own. */
const ALONE =
  /^(?:up|run|doctor|backup|restore|migrate|config|crash|telemetry|hook|forge setup|completion|help|scrub|ledger key|triggers check|plugin init)\b/;

const policy = join(root, "policy.yaml");
writeFileSync(policy, "triggers: []\n");

/** What they want before they ask a server. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  approve: ["--reason", "x"],
  "envelopes demote": ["--reason", "x"],
  "envelopes promote": ["--reason", "x"],
  erase: ["--yes"],
  "forge setup gitea": ["--at", "https://x", "--user-token", "x", "--public-url", "https://x"],
  "forge setup github": ["--public-url", "https://x"],
  "ledger export": ["--format", "ouroboros"],
  "plugin remove": ["--yes"],
  "plugin trust": ["--required"],
  autofix: ["--reason", "x"],
  "maintenance add": ["--reason", "x"],
  pause: ["00000000", "--reason", "x"],
  rehearse: ["--policy", policy],
  "rules add": ["--message", "x", "--as", "y"],
  "projects delete": ["--confirm", "00000000"],
  "people add": ["--role", "viewer"],
  "people remove": ["--yes"],
  "sessions end": ["00000000"],
  "sprints close": ["--reason", "x"],
  "triggers override": ["--reason", "x"],
  "triggers pause": ["--reason", "x"],
};

const paths = leaves(createProgram());

describe("every command", () => {
  // What stands behind `run` is the program's.
  const own = paths.filter((path) => path[0] !== "run");
  test.each(own.map((path) => [path.join(" "), path] as const))(
    "%s refuses an option that it does not know",
    async (name, path) => {
      const refusal = await refusalOf([...path, ...argumentsOf(path), ...(MORE[name] ?? []), "--frobnicate"]);
      expect(refusal).toMatchObject({ code: "PRUNELLA_USAGE", detail: expect.stringContaining("--frobnicate") });
      expect(refusal).toMatchObject({ hint: `See \`prunella ${name} --help\`.` });
    },
  );

  const isOpen = (path: readonly string[]) => commandAt(path).registeredArguments.some((each) => each.variadic);
  test.each(own.filter((path) => !isOpen(path)).map((path) => [path.join(" "), path] as const))(
    "%s refuses a word that it would not look at",
    async (name, path) => {
      const all = commandAt(path).registeredArguments.map(() => "restart_once");
      const more = MORE[name] ?? [];
      const options = more.filter((_, at) => more.slice(0, at + 1).some((each) => each.startsWith("--")));
      expect(await refusalOf([...path, ...all, ...options, "one-too-many"])).toMatchObject({
        code: "PRUNELLA_USAGE",
        detail: expect.stringContaining("one-too-many"),
      });
    },
  );

  const atServer = paths.filter((path) => !ALONE.test(path.join(" ")));
  test.each(atServer.map((path) => [path.join(" "), path] as const))(
    "%s says where there is no server, and how to start one",
    async (name, path) => {
      const more = MORE[name] ?? [];
      if (name.startsWith("sourcemaps upload")) return;
      const args = name === "sourcemaps remove" ? ["00000000"] : argumentsOf(path);
      const refusal = await refusalOf([...path, ...args, ...more, "--data", root]);
      expect(refusal).toBeInstanceOf(PrunellaError);
      expect(refusal).toMatchObject({
        code: "PRUNELLA_SERVER_NOT_FOUND",
        hint: expect.stringContaining("prunella up"),
      });
    },
  );
  test("most of them need a server", () => expect(atServer.length).toBeGreaterThan(25));
});

test("a command that is typed without its group is found", async () => {
  expect(await refusalOf(["retention", "shop"])).toMatchObject({ hint: "There is `prunella projects retention`." });
  expect(await refusalOf(["rotate"])).toMatchObject({ hint: expect.stringContaining("prunella projects keys rotate") });
  expect(await refusalOf(["statsu"])).toMatchObject({ hint: "Did you mean status?" });
});

test.each([
  [["faults", "--frobnicate"], "PRUNELLA_USAGE"],
  [["faults", "--limit", "0"], "PRUNELLA_USAGE"],
  [["ledgr"], "PRUNELLA_USAGE"],
  [["ledger", "key"], "PRUNELLA_USAGE"],
  [["faults", "--data", root], "PRUNELLA_SERVER_NOT_FOUND"],
  [["backup", join(root, "b"), "--data", root], "PRUNELLA_USAGE"],
  [["config", "check", join(root, "none.yaml")], "PRUNELLA_CONFIG_INVALID"],
  [["completion", "tcsh"], "PRUNELLA_USAGE"],
  [["ledger", "verify", "--folder", root], "PRUNELLA_USAGE"],
])("%j is one object on stderr with --json, and its code stands in the text without", async (args, code) => {
  const json = await prunella([...args, "--json"]);
  const told = JSON.parse(json.stderr);
  expect(told).toEqual({ error: { code, message: expect.any(String), hint: expect.any(String) } });
  expect({ code: json.code, stdout: json.stdout }).toEqual({ code: 1, stdout: "" });
  const text = await prunella(args);
  expect(text.stderr).toContain(`\n(${code})\n`);
  expect(text.stderr).not.toMatch(/\n\s+at /);
});
