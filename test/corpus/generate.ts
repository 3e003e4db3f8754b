import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { LANGUAGES, VARIANTS, type Language, type Variant } from "./programs.ts";

type CorpusLine = { id: string; group: string; text: string };

/** Every language that is needed everywhere Prunella is built; the others join when they are there. */
export const ALWAYS = ["javascript", "python"];

const BUILD_TIMEOUT_MS = 60_000;
const RUN_TIMEOUT_MS = 10_000;

/**
 * Writes the programs to a temporary folder, builds each variant once, lets every fault crash and
 * collects what it said. The label is the seeded fault. `budgetMs` ends the work before the next
 * language; what was left out is named.
 */
export function generateCorpus(budgetMs = 60_000): { lines: CorpusLine[]; left: string[] } {
  const root = mkdtempSync(join(tmpdir(), "prunella-corpus-"));
  const lines: CorpusLine[] = [];
  const left: string[] = [];
  const until = Date.now() + budgetMs;
  try {
    for (const language of LANGUAGES) {
      if (!isInstalled(language.tool)) left.push(`${language.name}: ${language.tool} is not on this machine`);
      else if (Date.now() > until && !ALWAYS.includes(language.name)) left.push(`${language.name}: no time left`);
      else
        for (const [i, variant] of VARIANTS.entries())
          lines.push(...crash(language, variant, join(root, `${language.name}-${i}`, variant.name)));
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return { lines, left };
}

function crash(language: Language, variant: Variant, folder: string): CorpusLine[] {
  mkdirSync(folder, { recursive: true });
  const pad = Array.from({ length: variant.pad }, () => language.comment).join("\n");
  const faults = Object.entries(language.faults);
  writeFileSync(
    join(folder, language.file),
    language.source({ pad, caller: variant.caller, isAsync: variant.isAsync, faults }),
  );
  const env = { ...process.env, ...language.env };
  const options = { cwd: folder, env, encoding: "utf8" as const, maxBuffer: 1 << 22 };
  if (language.build !== undefined) {
    const [builder, ...flags] = language.build;
    const built = spawnSync(builder, flags, { ...options, timeout: BUILD_TIMEOUT_MS });
    if (built.status !== 0)
      throw new Error(`${language.name} did not build: ${built.stderr}${built.error?.message ?? ""}`);
  }
  const [runner, ...given] = language.run;
  return faults.map(([name]) => {
    const ran = spawnSync(runner, [...given, name], { ...options, timeout: RUN_TIMEOUT_MS });
    return { id: `${language.name}-${name}-${variant.name}`, group: `${language.name}:${name}`, text: ran.stderr };
  });
}

function isInstalled(tool: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, tool)));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { lines, left } = generateCorpus(Number(process.argv[2] ?? 120_000));
  for (const line of lines) console.log(JSON.stringify(line));
  for (const each of left) console.error(`left out: ${each}`);
}
