import { appendFileSync, readFileSync } from "node:fs";
import { TestRunner, type RunnerTestCase } from "vitest";

/** What instrumented code asks which mutant it is to be, and tells what it came by. */
interface Switch {
  activeMutant?: string | null;
  currentTestId?: string | undefined;
  hitCount?: number;
  hitLimit?: number;
  mutantCoverage?: {
    readonly static: Record<string, number>;
    readonly perTest: Record<string, Record<string, number>>;
  };
}
declare global {
  var __stryker__: Switch | undefined;
}

export type Came = "killed" | "timeout" | "survived";
/** A line of the file that runs write to. */
export type Result =
  | { readonly id: string; readonly came: Came; readonly test: string }
  | { readonly static: readonly string[] };

/** So much longer than without a mutant, and this on top, is for ever: the machine may be busy. */
const LONGER = 5;
const LONGEST_MS = 1_500;
/** So many times as often as without a mutant is an endless loop. */
const MORE_HITS = 100;

const path = process.env["PRUNELLA_MUTATION_RESULTS"] ?? "";
const over = new Set<string>();
for (const line of path === "" ? [] : readFileSync(path, "utf8").split("\n").filter(Boolean)) {
  const { id, came } = JSON.parse(line);
  if (came === "killed" || came === "timeout") over.add(id);
}
const write = (result: Result): void => appendFileSync(path, `${JSON.stringify(result)}\n`);

/**
 * Each test once as it is, and then once for each mutant that it came by and that no test before has noticed: in one
 * process, because to begin anew costs a hundred times what most tests cost. Where a test fails afterwards although no
 * mutant is on, something was left behind, and what it seemed to notice is not counted.
 */
export default class EachMutant extends TestRunner {
  #hasToldStatic = false;

  async runTask(test: RunnerTestCase): Promise<void> {
    const run = async (): Promise<void> => TestRunner.getTestFn(test)();
    const on = (globalThis.__stryker__ ??= {});
    on.activeMutant = null;
    if (!this.#hasToldStatic) write({ static: Object.keys(on.mutantCoverage?.static ?? {}) });
    this.#hasToldStatic = true;
    on.currentTestId = test.id;
    const begun = performance.now();
    await run();
    const took = performance.now() - begun;
    on.currentTestId = undefined;
    const covered = Object.entries(on.mutantCoverage?.perTest[test.id] ?? {});
    const found: { id: string; came: Came; test: string }[] = [];
    for (const [id, hits] of covered) {
      if (over.has(id)) continue;
      Object.assign(on, { activeMutant: id, hitCount: 0, hitLimit: (hits + 1) * MORE_HITS });
      found.push({ id, came: await cameOf(run, took * LONGER + LONGEST_MS), test: test.name });
    }
    on.activeMutant = null;
    if (found.some(({ came }) => came !== "survived")) await run();
    for (const one of found) {
      write(one);
      if (one.came !== "survived") over.add(one.id);
    }
  }
}

async function cameOf(run: () => Promise<void>, mostMs: number): Promise<Came> {
  const { promise, resolve } = Promise.withResolvers<Came>();
  const timer = setTimeout(() => resolve("timeout"), mostMs);
  const came = await Promise.race([
    promise,
    run().then(
      (): Came => "survived",
      (): Came => "killed",
    ),
  ]);
  clearTimeout(timer);
  return came;
}
