import type { Command } from "commander";
import { add, commonOf, group } from "../command-kit.ts";

/** Who may what on a server: people, their invitations, tokens and sessions. */
export function addPeopleCommands(program: Command): void {
  const people = group(
    program,
    "people",
    "People with names, and what they may",
    "prunella people add ada --role owner",
    async (command) => (await import("../commands/people.ts")).listPeople(commonOf(command), {}),
  );
  add(people, "list", "List people and their roles", "prunella people list")
    .option("--project <id>", "who has a role in this project")
    .action(async (_options, command: Command) =>
      (await import("../commands/people.ts")).listPeople(commonOf(command), command.opts()),
    );
  add(
    people,
    "add",
    "Add somebody with a role and print their invitation",
    "prunella people add ada --role owner --email ada@example.org",
  )
    .argument("<name>", "what they are called and type to sign in")
    .requiredOption("--role <role>", "viewer, operator or owner")
    .option("--project <id>", "in this project only")
    .option("--email <address>", "their mail address; nothing is sent to it")
    .action(async (name: string, _options, command: Command) =>
      (await import("../commands/people.ts")).addPerson(commonOf(command), name, command.opts()),
    );
  add(people, "role", "Give somebody a role, or none", "prunella people role ada viewer --project shop")
    .argument("<name>", "name or id")
    .argument("<role>", "viewer, operator, owner or none")
    .option("--project <id>", "in this project only")
    .action(async (name: string, role: string, _options, command: Command) =>
      (await import("../commands/people.ts")).setRole(commonOf(command), name, role, command.opts()),
    );
  add(people, "invite", "Print a fresh invitation for somebody who cannot get in", "prunella people invite ada")
    .argument("<name>", "name or id")
    .action(async (name: string, _options, command: Command) =>
      (await import("../commands/people.ts")).invitePerson(commonOf(command), name),
    );
  add(people, "remove", "Take everything from somebody that lets them in", "prunella people remove ada --yes")
    .argument("<name>", "name or id")
    .option("--yes", "do not ask")
    .action(async (name: string, _options, command: Command) =>
      (await import("../commands/people.ts")).removePerson(commonOf(command), name, command.opts()),
    );

  const invitations = group(
    program,
    "invitations",
    "Invitations that nobody has opened yet",
    "prunella invitations",
    async (command) => (await import("../commands/people.ts")).listInvitations(commonOf(command)),
  );
  add(invitations, "list", "List them, newest first", "prunella invitations list").action(
    async (_options, command: Command) => (await import("../commands/people.ts")).listInvitations(commonOf(command)),
  );
  add(invitations, "withdraw", "Make one worth nothing", "prunella invitations withdraw 3fa8c01d")
    .argument("<id>", "id, or its unique beginning or end")
    .action(async (id: string, _options, command: Command) =>
      (await import("../commands/people.ts")).withdrawInvitation(commonOf(command), id),
    );

  addTokenCommands(program);

  const sessions = group(
    program,
    "sessions",
    "Browsers that are signed in",
    "prunella sessions list",
    async (command) => (await import("../commands/tokens.ts")).listSessions(commonOf(command)),
  );
  add(sessions, "list", "List your own; everybody's on the server's machine", "prunella sessions list").action(
    async (_options, command: Command) => (await import("../commands/tokens.ts")).listSessions(commonOf(command)),
  );
  add(sessions, "end", "Sign a browser out, or all of them", "prunella sessions end --all")
    .argument("[id]", "id, or its unique beginning or end")
    .option("--all", "every one")
    .action(async (id: string | undefined, _options, command: Command) =>
      (await import("../commands/tokens.ts")).endSession(commonOf(command), id, command.opts()),
    );
}

function addTokenCommands(program: Command): void {
  const tokens = group(
    program,
    "tokens",
    "Personal tokens, for scripts that act as somebody",
    "prunella tokens list",
    async (command) => (await import("../commands/tokens.ts")).listTokens(commonOf(command)),
  );
  add(tokens, "list", "List your own; everybody's on the server's machine", "prunella tokens list").action(
    async (_options, command: Command) => (await import("../commands/tokens.ts")).listTokens(commonOf(command)),
  );
  add(
    tokens,
    "create",
    "Make one and print its secret, this once",
    "prunella tokens create --for ada --title 'CI of shop' --may read,decide --project shop --days 30",
  )
    .option("--for <name>", "whose it is; on the server's machine, where you are nobody in particular")
    .option("--title <title>", "what it is for", "token")
    .option("--may <effects>", "of read, propose, decide, act", "read")
    .option("--project <id>", "in this project only")
    .option("--days <n>", "how long it lasts; 0: until it is revoked", "90")
    .action(async (_options, command: Command) =>
      (await import("../commands/tokens.ts")).createToken(commonOf(command), command.opts()),
    );
  add(tokens, "revoke", "Make one worth nothing", "prunella tokens revoke 3fa8c01d")
    .argument("<id>", "id, or its unique beginning or end")
    .action(async (id: string, _options, command: Command) =>
      (await import("../commands/tokens.ts")).revokeToken(commonOf(command), id),
    );
}
