import { readManifest } from "@prunella/contract/plugins";
import { readPlugin } from "@prunella/ouroboros";
import type { Command } from "commander";
import { expect, it } from "vitest";
import { createProgram } from "./program.ts";
import { read, trackedFiles } from "../../../../test/house/files.ts";

/** Where commands are written down for people: pages, hints of errors, texts of the console. */
const files = trackedFiles().filter(
  (path) =>
    /\.(?:md|tsx?)$/.test(path) &&
    !/(?:\.test|-fixture)\.tsx?$|^test\/|^bench\/|^scripts\/|\/test\/|^packages\/cli\/|^CHANGELOG|^docs\/(?:decisions|benchmarks)/.test(
      path,
    ),
);

const MENTIONS: readonly RegExp[] = [
  // In backticks, in quotes of a source, at the beginning of a line of a block, behind a colon of a hint.
  /(?:`|"|: |^ {4}|^\$ ?)(?:npx --no-install )?prunella ([a-z][^`"\n\\]*)/gm,
  /<Command\s+words="([^"]+)"/g,
  /<AsCommand\s+words=\{`([a-z][^`]+)`\}/g,
];

/** What is no command line: a sentence, a heading of a format. */
const IS_PROSE = /^(?:permit v1|cannot |is |does |shared )/;

/** Commands of the plugins that come with us: theirs once they are installed. */
const OF_PLUGINS = trackedFiles()
  .filter((path) => /^(?:examples\/)?plugins\/[^/]+\/(?:prunella|ouroboros)\.plugin\.json$/.test(path))
  .flatMap((path) => {
    const found = path.includes("ouroboros") ? readPlugin(read(path)) : readManifest(read(path));
    if (found.kind === "invalid") throw new Error(`${path} is no manifest`);
    const { namespace, commands } = found.manifest;
    return commands.map(({ name }) => `${namespace} ${name}`);
  });

function mentioned(path: string): string[] {
  const text = read(path);
  return MENTIONS.flatMap((pattern) => [...text.matchAll(pattern)].map(([, words = ""]) => words)).filter(
    (words) => !IS_PROSE.test(words) && !OF_PLUGINS.some((own) => words === own || words.startsWith(`${own} `)),
  );
}

/** Null when the words are a command with options that it has; what stands behind `--` is another program's. */
function wrongWith(words: string): string | null {
  let command: Command = createProgram();
  const options: Command[] = [command];
  const [own = ""] = words.split(/ -- | --$|[|<>(#;]| \\$|\$\{|\$/);
  for (const word of own
    .trim()
    .replaceAll(/[.,:]$/g, "")
    .split(/\s+/)) {
    if (word.startsWith("--")) {
      const [flag] = word.split("=");
      if (flag === "--help" || options.some((each) => each.options.some(({ long }) => long === flag))) continue;
      return `${command.name()} has no ${flag}`;
    }
    const next = command.commands.find((each) => each.name() === word);
    if (next !== undefined) options.push((command = next));
    else if (options.length === 1) return `there is no ${word}`;
  }
  return null;
}

it("every command that a page, a hint or the console names is one, with options that it has", () => {
  const all = files.flatMap((path) => mentioned(path).map((words) => ({ path, words, wrong: wrongWith(words) })));
  expect(all.length).toBeGreaterThan(80);
  expect(all.filter(({ wrong }) => wrong !== null)).toEqual([]);
});

it("sees one that is none", () => {
  expect(wrongWith("fualts --status all")).toBe("there is no fualts");
  expect(wrongWith("faults --staus all")).toBe("faults has no --staus");
  expect(wrongWith("ledger key import ./key --data b")).toBeNull();
});
