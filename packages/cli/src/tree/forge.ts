import type { Command } from "commander";
import { add, commonOf, group } from "../command-kit.ts";

const PUBLIC_URL = [
  "--public-url <url>",
  "where the host reaches this server, such as https://prunella.example.com",
] as const;

/** The host of a team's repositories: whether it is as it should be, and how to come to it. */
export function addForgeCommands(program: Command): void {
  const check = async (command: Command) => (await import("../commands/forge.ts")).checkForge(commonOf(command));
  const forge = group(
    program,
    "forge",
    "Look at the host of repositories, or set it up",
    "prunella forge check",
    check,
  );
  add(
    forge,
    "check",
    "Whether the host answers, knows us, and lets us do what is needed and no more",
    "prunella forge check",
  ).action(async (_options, command: Command) => check(command));

  const setup = group(
    forge,
    "setup",
    "Come to an identity at the host, with the permissions that are needed and no other",
    "prunella forge setup github --public-url https://prunella.example.com",
  );
  add(
    setup,
    "gitea",
    "Look at a token of Gitea or Forgejo, and say what to write into the configuration",
    "prunella forge setup gitea --at https://git.example.com --user-token gitea.token --public-url https://prunella.example.com",
  )
    .requiredOption("--at <url>", "address of its pages")
    .requiredOption("--user-token <path>", "file with a token for write:issue, read:repository and read:user")
    .requiredOption(...PUBLIC_URL)
    .option("--secret-file <path>", "file with the webhook's secret; made where it is not there", "hook.secret")
    .action(async (_options, command: Command) =>
      (await import("../commands/forge-setup.ts")).setUpGitea(commonOf(command), command.opts()),
    );
  add(
    setup,
    "github",
    "Make an App on GitHub's own page, or look at a token, and say what to write into the configuration",
    "prunella forge setup github --organization acme --public-url https://prunella.example.com",
  )
    .requiredOption(...PUBLIC_URL)
    .option("--organization <name>", "whose App it is; otherwise yours")
    .option("--name <name>", "what the App is called, at most 34 letters", "prunella")
    .option("--publisher", "the second App, which merges where that is opted in")
    .option("--folder <path>", "where its key and the webhook's secret are written", "forge")
    .option("--user-token <path>", "file with a person's fine-grained token, instead of an App")
    .option("--host <name>", "where it is, for a host of one's own", "github.com")
    .action(async (_options, command: Command) =>
      (await import("../commands/forge-setup.ts")).setUpGithub(commonOf(command), command.opts()),
    );
}
