/**
 * Whether a test can use a tool that not every machine has. A missing one is said in one visible
 * line; with PRUNELLA_TEST_ALL=1, where everything was installed on purpose, it is an error.
 *
 * @example describe.skipIf(!needs("go", existsSync(go)))("…", …)
 */
export function needs(tool: string, present: boolean): boolean {
  if (present) return true;
  if (process.env["PRUNELLA_TEST_ALL"] === "1")
    throw new Error(`${tool} is not on this machine, and PRUNELLA_TEST_ALL=1 allows no skip`);
  console.warn(`skipped: ${tool} is not on this machine`);
  return false;
}
