import type { Command } from "commander";
import { add, commonOf, group } from "../command-kit.ts";

/** The host of a team's repositories: whether it is as it should be, and how to come to it. */
export function addForgeCommands(program: Command): void {
  const forge = group(
    program,
    "forge",
    "Look at the host of repositories, or set it up",
    "prunella forge check",
    async (command) => (await import("../commands/forge.ts")).checkForge(commonOf(command)),
  );
  add(
    forge,
    "check",
    "Whether the host answers, knows us, and lets us do what is needed and no more",
    "prunella forge check",
  ).action(async (_options, command: Command) => (await import("../commands/forge.ts")).checkForge(commonOf(command)));
}
