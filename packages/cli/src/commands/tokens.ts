import { EFFECTS, PrunellaError, type Effect } from "@prunella/contract";
import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { table } from "../terminal/table.ts";
import { dim, plain } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";
import { oneOf } from "./one-of.ts";

interface TokenOptions {
  readonly for?: string;
  readonly title: string;
  readonly may: string;
  readonly project?: string;
  readonly days: string;
}

export async function listTokens(common: Common): Promise<void> {
  const answer = await connect(common)("list_tokens");
  if (common.json) return printJson(answer);
  if (answer.tokens.length === 0) return print("There are no personal tokens.");
  const now = Date.now();
  print(
    table(
      [
        { title: "ID" },
        { title: "OF" },
        { title: "TITLE" },
        { title: "MAY" },
        { title: "PROJECT" },
        { title: "USED" },
        { title: "ENDS" },
      ],
      answer.tokens.map((token) => [
        shortId(token.id),
        token.person.name,
        plain(token.title),
        token.effects.join(","),
        token.project ?? "all",
        token.used_at === null ? "never" : relative(token.used_at, now),
        token.expires_at === null ? "never" : relative(token.expires_at, now),
      ]),
    ),
  );
}

export async function createToken(common: Common, options: TokenOptions): Promise<void> {
  const days = /^\d{1,4}$/.test(options.days) ? Number(options.days) : null;
  if (days === null)
    throw new PrunellaError("PRUNELLA_USAGE", { detail: `--days ${plain(options.days)} is no number of days.` });
  const answer = await connect(common)("create_token", {
    title: options.title,
    effects: options.may.split(",").map((word) => effectOf(word.trim())),
    days: days === 0 ? null : days,
    ...(options.project === undefined ? {} : { project: options.project }),
    ...(options.for === undefined ? {} : { person: options.for }),
  });
  if (common.json) return printJson(answer);
  print(answer.secret);
  process.stderr.write(
    `${dim(`It is not shown again. Whoever has it is ${answer.token.person.name}: ${answer.token.effects.join(", ")}.`)}\n`,
  );
}

export async function revokeToken(common: Common, typed: string): Promise<void> {
  const call = connect(common);
  const found = oneOf((await call("list_tokens")).tokens, typed, "token");
  await call("revoke_token", { id: found.id });
  if (common.json) return printJson({ revoked: found });
  print(`The token ${plain(found.title)} of ${found.person.name} is worth nothing any more.`);
}

export async function listSessions(common: Common): Promise<void> {
  const answer = await connect(common)("list_sessions");
  if (common.json) return printJson(answer);
  if (answer.sessions.length === 0) return print("No browser is signed in.");
  const now = Date.now();
  print(
    table(
      [{ title: "ID" }, { title: "WHO" }, { title: "BY" }, { title: "BROWSER" }, { title: "FROM" }, { title: "SEEN" }],
      answer.sessions.map((session) => [
        shortId(session.id),
        session.person?.name ?? "by a link",
        session.way,
        plain(session.browser),
        plain(session.address),
        relative(session.seen_at, now),
      ]),
    ),
  );
}

export async function endSession(
  common: Common,
  typed: string | undefined,
  options: { readonly all?: true },
): Promise<void> {
  if ((typed === undefined) === (options.all !== true))
    throw new PrunellaError("PRUNELLA_USAGE", { detail: "Name one session, or say --all." });
  const call = connect(common);
  if (typed === undefined) {
    const answer = await call("end_sessions");
    if (common.json) return printJson(answer);
    return print(`${answer.ended} ${answer.ended === 1 ? "browser is" : "browsers are"} signed out.`);
  }
  const found = oneOf((await call("list_sessions")).sessions, typed, "session");
  await call("end_session", { id: found.id });
  if (common.json) return printJson({ ended: found });
  print(`${found.person?.name ?? "Whoever a link signed in"} is signed out of ${plain(found.browser)}.`);
}

function effectOf(word: string): Effect {
  const found = EFFECTS.find((each) => each === word);
  if (found !== undefined) return found;
  throw new PrunellaError("PRUNELLA_USAGE", {
    detail: `${plain(word)} is no effect.`,
    hint: `Effects are ${EFFECTS.join(", ")}; several are separated by commas.`,
  });
}
