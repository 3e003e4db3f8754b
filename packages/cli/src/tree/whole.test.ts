import { Command, CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { read, trackedFiles } from "../../../../test/house/files.ts";
import { createProgram } from "./program.ts";

/** What a page, a message or a hint can show; descriptions of the configuration are a reference, with places to fill. */
const files = trackedFiles().filter(
  (path) =>
    /^(?:packages\/(?:console|contract|kernel|server)|plugins\/[^/]+)\/src\/.+\.tsx?$/.test(path) &&
    !/(?:\.test|-fixture|-suite)\.tsx?$|^packages\/contract\/src\/[^/]*(?:config|condition)[^/]*\.ts$/.test(path),
);

/** A command in backticks, behind a colon, or as a text of its own. */
const MENTIONS: readonly RegExp[] = [
  /`prunella ([a-z][^`]*)`/g,
  /(?:: |["'(])prunella ([a-z][^"`]*)["`]/g,
  /words="([^"]+)"/g,
];
/** A heading of a format, and the plain name of what supervises, which is explained where it stands. */
const IS_NONE = /^(?:permit v1|test$|used in|active now|cannot )/;

function commandsOf(text: string): string[] {
  // What a comment says is for whoever reads the source.
  const code = text.replaceAll(/^\s*(?:\/\*\*|\*|\/\/).*$/gm, "");
  // As it is when it is shown: an escaped backtick or quote is one.
  const shown = code.replaceAll(/\\([`"])/g, "$1");
  return [
    ...MENTIONS.flatMap((pattern) => [...shown.matchAll(pattern)].map(([, words = ""]) => words)),
    ...[...code.matchAll(/words=\{`/g)].map(({ index, 0: { length } }) => templateAt(code, index + length).text),
  ].filter((words) => !IS_NONE.test(words));
}

/** What parts of a line that a page puts together are like; all others stand for one word. */
const LIKE: Readonly<Record<string, string>> = {
  verb: "stop",
  move: "promote",
  words: "approve command service:shop",
  when: "--for 1h",
  'on ? "on" : "off"': "on",
};

/** A template as it would be filled; of a part that may be left out, with it. */
function templateAt(code: string, from: number): { readonly text: string; readonly end: number } {
  let text = "";
  for (let at = from; at < code.length; at += 1) {
    if (code[at] === "`") return { text, end: at };
    if (!code.startsWith("${", at)) {
      text += code[at];
      continue;
    }
    const begin = at + 2;
    let inner: string | null = null;
    for (at = begin; code[at] !== "}" && at < code.length; at += 1)
      if (code[at] === "`") ({ text: inner, end: at } = templateAt(code, at + 1));
    text += inner ?? LIKE[code.slice(begin, at)] ?? "shop1";
  }
  return { text, end: code.length };
}

/** As a shell takes a line apart; a value of the source stands for a word. */
const wordsOf = (line: string): string[] =>
  [
    ...line
      .replaceAll(/\$\{[^}]*\}+/g, "shop1")
      .replace(/[.:]$/, "")
      .matchAll(/'([^']*)'|\\?"([^"\\]*)\\?"|(\S+)/g),
  ].map(([, single, double, bare]) => single ?? double ?? bare ?? "");

/** The tree with nothing behind it: what it takes is what would run. */
function silenced(command: Command): Command {
  command
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined, outputError: () => undefined })
    .action(() => {
      // A group lists by itself, and would take the name of a command that it has not for a word of its own.
      if (command.commands.length > 0 && command.args.length > 0)
        throw new CommanderError(1, "prunella.none", `${command.name()} has no ${command.args.join(" ")}`);
    });
  for (const each of command.commands) silenced(each);
  return command;
}

/** Null when the line would run as it stands. */
function wrongWith(line: string): string | null {
  const words = wordsOf(line);
  if (words.some((word) => /^<.*>$|^…$|^\.\.\.$/.test(word))) return "has a place that is to be filled";
  try {
    const program = createProgram();
    for (const each of program.commands) silenced(each);
    program.parse(words, { from: "user" });
    return null;
  } catch (error) {
    if (error instanceof CommanderError && error.code === "commander.helpDisplayed") return null;
    return error instanceof CommanderError ? error.message : String(error);
  }
}

describe("a command that a page, a message or a hint shows", () => {
  it("runs as it stands: it is whole, and the command takes every word of it", () => {
    const all = files.flatMap((path) => commandsOf(read(path)).map((line) => ({ path, line, wrong: wrongWith(line) })));
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter(({ wrong }) => wrong !== null)).toEqual([]);
  });

  it("is seen when it is not whole", () => {
    expect(wrongWith("start")).toContain("missing required argument");
    expect(wrongWith("people add <name> --role owner")).toContain("to be filled");
    expect(wrongWith("rules add --message 'timeout after * ms' --as")).toContain("argument missing");
    expect(wrongWith("envelopes onn fly")).toBe("envelopes has no onn fly");
    expect(wrongWith("start shop --project default")).toBeNull();
    expect(commandsOf("words={`pause ${a}${b === null ? '' : ` --trigger ${b}`} --reason ${quoted(c)}`}")).toEqual([
      "pause shop1 --trigger shop1 --reason shop1",
    ]);
    expect(commandsOf('hint: "List them: prunella triggers", x: "`prunella start`."')).toEqual(["start", "triggers"]);
  });
});
