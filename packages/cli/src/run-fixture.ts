import { PrunellaError } from "@prunella/contract";
import { CommanderError } from "commander";
import { vi } from "vitest";
import { treeOf } from "./main.ts";
import { usageError } from "./usage-error.ts";

/** For tests: a command line in this process, what it printed, and what it was refused with. */
export async function inProcess(
  args: readonly string[],
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  let out = "";
  const written = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const tree = await treeOf([...args]);
  try {
    await tree.parseAsync([...args], { from: "user" });
    return { code: Number(process.exitCode ?? 0), out, err: "" };
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return { code: 0, out, err: "" };
    const told = error instanceof CommanderError ? usageError(error, tree, [...args]) : error;
    if (!(told instanceof PrunellaError)) throw told;
    return { code: told.exit, out, err: `${told.message}\n${told.hint ?? ""}\n(${told.code})` };
  } finally {
    process.exitCode = 0;
    written.mockRestore();
  }
}
