import type { ForgeCheck } from "@prunella/contract";
import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { table } from "../terminal/table.ts";
import { plain } from "../terminal/text.ts";
import { exact, relative } from "../terminal/time.ts";
import { backlogLine } from "./filings.ts";

/** How the host of repositories is; ends with 1 where something is not as it should be. */
export async function checkForge(common: Common): Promise<void> {
  const { forge } = await connect(common)("check_forge", {});
  process.exitCode = forge === null || forge.problems.length > 0 ? 1 : 0;
  if (common.json) return printJson({ forge });
  if (forge === null) return print("No host of repositories is configured: prunella forge setup --help says how to.");
  print(lines(forge, Date.now()).join("\n"));
}

/** Why nothing is said of what an identity may. */
const UNTOLD: Readonly<Record<ForgeCheck["identities"][number]["standing"], string>> = {
  known: "the host does not say what it may do",
  refused: "what it may is not known: the host refused to say who it is",
  unreachable: "what it may is not known: the host was not reached",
};
const hidden = (isPrivate: boolean | null): string =>
  isPrivate === null ? "nobody knows whether it is private" : isPrivate ? "private" : "public: nothing is filed there";

function lines(forge: ForgeCheck, now: number): string[] {
  const {
    kind,
    double: isDouble,
    base_url: url,
    version,
    identities,
    webhook,
    limits,
    watched,
    triage,
    backlog,
    problems,
  } = forge;
  return [
    `${isDouble ? `a double of ${kind}, not the real one,` : kind} at ${plain(url)}${version === null ? "" : `, version ${plain(version)}`}`,
    ...identities.flatMap(({ role, standing, login, permissions }) => [
      "",
      `${role}: ${login === null ? "not known there" : plain(login)}`,
      ...(permissions === null
        ? [`  ${UNTOLD[standing]}`]
        : [
            table(
              [{ title: "PERMISSION" }, { title: "HAS" }, { title: "NEEDED" }, { title: "" }],
              permissions.map(({ name, has, wanted, verdict }) => [
                plain(name),
                has === null ? "none" : plain(has),
                wanted ?? "not needed",
                verdict === "right" ? "" : verdict,
              ]),
            ),
          ]),
    ]),
    "",
    `webhook: ${plain(webhook.configured ?? webhook.expected)}${webhook.configured === null ? " (the host does not say where it sends)" : ""}`,
    `  last delivery: ${webhook.last_at === null ? "none since the server started" : relative(webhook.last_at, now)}`,
    `watched: ${watched.length === 0 ? "no repository" : watched.map(plain).join(", ")}`,
    ...(triage === null ? [] : [`triage: ${plain(triage.repo)} (${hidden(triage.is_private)})`]),
    limits === null
      ? "limits: the host says nothing of them"
      : `limits: ${limits.remaining} of ${limits.limit} left until ${exact(limits.resets_at)}`,
    backlog.waiting === 0 ? "backlog: nothing waits" : `backlog: ${backlogLine(backlog, now)}`,
    "",
    ...(problems.length === 0 ? ["All is as it should be."] : problems.map((problem) => `! ${plain(problem)}`)),
  ];
}
