import { Mail, PersonName, PrunellaError, Role, type Person } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { table } from "../terminal/table.ts";
import { dim, plain } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";
import { sentence } from "../usage-error.ts";
import { oneOf } from "./one-of.ts";

interface InProject {
  readonly project?: string;
}

export async function listPeople(common: Common, options: InProject): Promise<void> {
  const answer = await connect(common)("list_people", {
    ...(options.project === undefined ? {} : { project: options.project }),
    limit: 500,
  });
  if (common.json) return printJson(answer);
  if (answer.people.length === 0)
    return print(
      `There are no people yet; whoever opens a sign-in link is the one operator.\nAdd the first: ${commandLine(common, "people add <name> --role owner")}`,
    );
  const columns = [{ title: "NAME" }, { title: "STATE" }, { title: "ROLES" }, { title: "MAIL" }];
  print(
    table(
      columns,
      answer.people.map((person) => [person.name, person.state, roleWords(person), person.email ?? ""]),
    ),
  );
  if (answer.next !== null) print(dim(`There are more; those after ${answer.next} are not shown.`));
}

const roleWords = ({ roles }: Person): string =>
  roles.length === 0
    ? "none"
    : roles.map(({ project, role }) => (project === null ? role : `${role} in ${project}`)).join(", ");

export async function addPerson(
  common: Common,
  name: string,
  options: InProject & { readonly role: string; readonly email?: string },
): Promise<void> {
  const lower = name.toLowerCase();
  assertFits(PersonName.safeParse(lower));
  if (options.email !== undefined) assertFits(Mail.safeParse(options.email));
  const answer = await connect(common)("add_person", {
    name: lower,
    role: roleOf(options.role),
    ...(options.project === undefined ? {} : { project: options.project }),
    ...(options.email === undefined ? {} : { email: options.email }),
  });
  if (common.json) return printJson(answer);
  print(`${answer.person.name} is added: ${roleWords(answer.person)}.`);
  printInvitation(answer);
}

export async function invitePerson(common: Common, name: string): Promise<void> {
  const answer = await connect(common)("invite_person", { id: name });
  if (common.json) return printJson(answer);
  printInvitation(answer);
}

function printInvitation({ person, url }: { readonly person: Person; readonly url: string }): void {
  print(`Give ${person.name} this link; whoever opens it is ${person.name}:\n${url}`);
  print(dim("Works once, within seven days. It is not shown again."));
}

export async function setRole(common: Common, name: string, role: string, options: InProject): Promise<void> {
  const answer = await connect(common)("set_role", {
    id: name,
    role: role === "none" ? null : roleOf(role),
    ...(options.project === undefined ? {} : { project: options.project }),
  });
  if (common.json) return printJson(answer);
  print(`${answer.person.name} now has: ${roleWords(answer.person)}.`);
}

export async function removePerson(common: Common, name: string, options: { readonly yes?: true }): Promise<void> {
  if (options.yes !== true)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `This ends all sessions, tokens and roles of ${plain(name)}, for good.`,
      hint: `Say so: ${commandLine(common, `people remove ${plain(name)} --yes`)}`,
    });
  await connect(common)("remove_person", { id: name });
  if (common.json) return printJson({ removed: name });
  print(`${plain(name)} is removed. What they did keeps their name.`);
}

export async function listInvitations(common: Common): Promise<void> {
  const answer = await connect(common)("list_invitations");
  if (common.json) return printJson(answer);
  if (answer.invitations.length === 0) return print("No invitation waits to be opened.");
  const now = Date.now();
  print(
    table(
      [{ title: "ID" }, { title: "FOR" }, { title: "MADE" }, { title: "ENDS" }],
      answer.invitations.map(({ id, person, created_at, expires_at }) => [
        shortId(id),
        person.name,
        relative(created_at, now),
        relative(expires_at, now),
      ]),
    ),
  );
}

export async function withdrawInvitation(common: Common, typed: string): Promise<void> {
  const call = connect(common);
  const found = oneOf((await call("list_invitations")).invitations, typed, "invitation");
  await call("withdraw_invitation", { id: found.id });
  if (common.json) return printJson({ withdrawn: found });
  print(`The invitation of ${found.person.name} is worth nothing any more.`);
}

function roleOf(typed: string): Role {
  const parsed = Role.safeParse(typed);
  if (parsed.success) return parsed.data;
  throw new PrunellaError("PRUNELLA_USAGE", {
    detail: `${plain(typed)} is no role.`,
    hint: "Roles are viewer, operator and owner.",
  });
}

function assertFits(parsed: {
  readonly success: boolean;
  readonly error?: { readonly issues: readonly { readonly message: string }[] };
}): void {
  if (!parsed.success)
    throw new PrunellaError("PRUNELLA_USAGE", { detail: sentence(parsed.error?.issues[0]?.message ?? "") });
}
