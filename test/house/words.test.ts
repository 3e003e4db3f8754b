import { describe, expect, it } from "vitest";
import { read, trackedFiles } from "./files.ts";

const KERNEL = "packages/kernel/src/";
const isTest = (path: string): boolean => /\.test\.tsx?$|-fixture\.ts$/.test(path);
const kernelFiles = trackedFiles().filter((path) => path.startsWith(KERNEL));

/** Words of the glossary: the first column of its tables. */
const words = [...read("docs/glossary.md").matchAll(/^\| \*\*([^*]+)\*\* \|/gm)].flatMap(([, cell = ""]) =>
  cell.split(" / "),
);

/** `faults` and `fault`, `escalations` and `escalation`. */
const isWord = (folder: string): boolean => words.some((word) => word === folder || `${word}s` === folder);

describe("the glossary", () => {
  it("has a word for every folder of the kernel", () => {
    const folders = new Set(
      kernelFiles
        .map((path) => path.slice(KERNEL.length).split("/"))
        .filter((parts) => parts.length > 1)
        .map(([folder = ""]) => folder),
    );
    expect([...folders].filter((folder) => !isWord(folder))).toEqual([]);
  });

  it("explains each word once", () => {
    expect(words.length).toBeGreaterThan(20);
    expect(words).toEqual([...new Set(words)]);
  });

  it("reserves no word that it explains", () => {
    const reserved = [
      ...(read("docs/glossary.md")
        .split("## Reserved")[1]
        ?.matchAll(/\*\*([^*]+)\*\*/g) ?? []),
    ];
    expect(reserved.length).toBeGreaterThan(0);
    expect(reserved.map(([, word = ""]) => word).filter((word) => words.includes(word))).toEqual([]);
  });
});

describe("the kernel", () => {
  it("knows no provider and no domain of a plugin", () => {
    // `sentry` is the name of a source, the one exception.
    const provider =
      /\b(?:github|gitlab|fly\.io|flyctl|slack|telegram|discord|stripe|vercel|heroku|pagerduty|jira|linear\.app)\b/i;
    const found = kernelFiles.filter((path) => !isTest(path) && provider.test(read(path)));
    expect(found).toEqual([]);
  });
});
