import { CommanderError } from "commander";
import { DEFAULT_DATA } from "./address.ts";
import { commonOf } from "./command-kit.ts";
import type { Common } from "./command-options.ts";
import { tellFailure } from "./failure.ts";
import { createProgram } from "./tree/program.ts";

/** Enough for what was printed to be read. */
const LEFT_OPEN_MS = 1_000;

/** Runs one command line. Sets the process's exit code; commands that stay (`up`, `run`) resolve when they end. */
export async function main(args: readonly string[]): Promise<void> {
  // A reader that goes away (`| head`) ends us quietly.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 2));
  const isJson = args.slice(0, args.includes("--") ? args.indexOf("--") : args.length).includes("--json");
  const program = createProgram(isJson);
  let common: Common = { data: DEFAULT_DATA, url: undefined, tokenFile: undefined, json: isJson };
  program.hook("preAction", (_, command) => void (common = commonOf(command)));
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 1;
    else {
      process.exitCode = tellFailure(error, common, isJson);
      // What had been opened by then (a server, a line to a database) must not keep a process that failed.
      setTimeout(() => process.exit(), LEFT_OPEN_MS).unref();
    }
  }
}
