import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { createProgram } from "./program.ts";

/** Commands that people type. */
const shown = (command: Command): Command[] => [
  command,
  ...command.createHelp().visibleCommands(command).flatMap(shown),
];
const paths = shown(createProgram()).map(pathOf);

function pathOf(command: Command): string {
  return command.parent === null ? "" : `${pathOf(command.parent)} ${command.name()}`.trim();
}

function find(program: Command, path: string): Command {
  return shown(program).find((each) => pathOf(each) === path) ?? program;
}

function helpOf(path: string, width: number): string {
  let help = "";
  const program = createProgram();
  const command = find(program, path);
  command.configureOutput({ writeOut: (text) => void (help += text), getOutHelpWidth: () => width }).outputHelp();
  return help;
}

describe.each([60, 80, 120])("at %i columns", (width) => {
  test.each(paths)("the help of %j has no line that is wider, but for a command to copy", (path) => {
    const wide = helpOf(path, width)
      .split("\n")
      .filter((line) => [...line].length > width && !line.startsWith("  $ "));
    expect(wide).toEqual([]);
  });
});

test("the commands stand in groups with names of their own, and none outside", () => {
  const help = helpOf("", 80);
  for (const heading of ["Programs:", "What goes wrong:", "Healing:", "The server:", "The ledger:"])
    expect(help).toContain(`\n${heading}\n`);
  expect(help).not.toContain("\nCommands:\n");
});

/** As a shell would; what it redirects is not the command's. */
function wordsOf(example: string): string[] {
  const inner = /\$\((.*)\)/.exec(example)?.[1] ?? example;
  const [line = ""] = inner.split(/ (?:<|>>?) /);
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? "",
  );
}

test.each(paths)("the example of %j is a command line that is taken as it stands", async (path) => {
  const example = /^ {2}\$ (.*)$/m.exec(helpOf(path, 80))?.[1] ?? "";
  const words = wordsOf(example);
  const own = words.indexOf("prunella") + 1;
  expect(own).toBeGreaterThan(0);
  const program = createProgram();
  let ran: string | null = null;
  for (const each of shown(program))
    each
      .exitOverride()
      .configureOutput({ writeErr: () => undefined })
      .action(() => void (ran = pathOf(each)));
  await program.parseAsync(words.slice(own), { from: "user" });
  expect(ran).not.toBeNull();
});
