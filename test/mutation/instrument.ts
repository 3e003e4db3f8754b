import { readFileSync } from "node:fs";
import { Instrumenter } from "@stryker-mutator/instrumenter";

export interface Mutant {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  readonly was: string;
  readonly becomes: string;
}

/** Stryker's mutants of these files, and the files with all of them in, each behind a switch. */
export async function instrument(
  files: readonly string[],
): Promise<{ readonly mutants: readonly Mutant[]; readonly code: Readonly<Record<string, string>> }> {
  const silent = () => undefined;
  const instrumenter = new Instrumenter({
    isTraceEnabled: () => false,
    isDebugEnabled: () => false,
    isInfoEnabled: () => false,
    isWarnEnabled: () => false,
    isErrorEnabled: () => false,
    isFatalEnabled: () => false,
    trace: silent,
    debug: silent,
    info: silent,
    warn: silent,
    error: silent,
    fatal: silent,
  });
  const given = files.map((name) => ({ name, content: readFileSync(name, "utf8"), mutate: true }));
  const found = await instrumenter.instrument(given, { plugins: [], ignorers: [], excludedMutations: [] });
  const texts = new Map(given.map(({ name, content }) => [name, content.split("\n")]));
  return {
    mutants: found.mutants.map(({ id, fileName, location, mutatorName, replacement }) => {
      const { start, end } = location;
      const line = texts.get(fileName)?.[start.line] ?? "";
      return {
        id,
        file: fileName,
        // Lines are counted from 0 here.
        line: start.line + 1,
        kind: mutatorName,
        was: line.slice(start.column, end.line === start.line ? end.column : undefined),
        becomes: replacement,
      };
    }),
    code: Object.fromEntries(found.files.map(({ name, content }) => [name, content])),
  };
}
