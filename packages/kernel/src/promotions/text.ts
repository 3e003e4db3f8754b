import { createHash } from "node:crypto";
import type { IssueDraft, TriageConfig } from "@prunella/contract";
import { scrubAnonymousText } from "@prunella/scrub";
import { utcSecond } from "../notify/moment.ts";

/** What is known of a fault that an issue could say. */
export interface Facts {
  readonly projectId: string;
  readonly faultId: string;
  readonly title: string;
  readonly culprit: string;
  readonly errorClass: string;
  /** Of the stack, the one that failed first. */
  readonly functions: readonly string[];
  readonly os: string | null;
  readonly platform: string | null;
  readonly release: string;
  readonly events: number;
  readonly senders: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly fingerprint: string;
}

const MOST_FUNCTIONS = 8;
const MOST_NAME = 70;
const HIDDEN = "[internal]";

/** Controls, ends of lines, directions and what else is there and not seen; and what would end the code. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}`]/gu;

/** Nothing of it calls, links or ends the code that it stands in, whatever reads it. */
const plain = (text: string, most: number): string =>
  text.toWellFormed().replaceAll(UNSEEN, "?").replaceAll("<!--", "<! --").slice(0, most).trim();
const code = (text: string, most = 200): string => (plain(text, most) === "" ? "unknown" : `\`${plain(text, most)}\``);
/** A title knows no code: letters, digits and what joins them. */
const bare = (text: string, most: number): string =>
  text
    .toWellFormed()
    .replaceAll(/[^\p{L}\p{M}\p{N}_. ]+/gu, " ")
    .replaceAll(/ +/g, " ")
    .trim()
    .slice(0, most);
const day = (at: number): string => utcSecond(at).slice(0, 10);

/** What would be sent, with its digest. */
export function draftOf(place: string, title: string, body: string): IssueDraft {
  const sha256 = createHash("sha256").update(`${place}\n${title}\n${body}`).digest("hex");
  return { place, title, body, sha256 };
}

/** For those who look after it: all that the scrubber left. */
export function privateDraft(place: string, facts: Facts): IssueDraft {
  const { title, culprit, functions, release } = facts;
  return draftOf(
    place,
    bare(title, 160) || "A crash",
    [
      `${code(title)} was seen first on ${day(facts.firstSeen)}.`,
      "",
      `- Project: ${code(facts.projectId)}`,
      `- Fault: ${code(facts.faultId)}`,
      `- Fingerprint: ${code(facts.fingerprint)}`,
      ...(culprit === "" ? [] : [`- In: ${code(culprit)}`]),
      ...(release === "" ? [] : [`- First release: ${code(release)}`]),
      ...(functions.length === 0 ? [] : ["", "```text", ...functions.map((one) => plain(one, 200)), "```"]),
      "",
      "Anybody may have sent this: it proves nothing before somebody has seen it again.",
    ].join("\n"),
  );
}

/** What the counting comment of a private issue says. */
export const countText = ({ events, senders, firstSeen, lastSeen }: Facts): string =>
  `Seen ${events} ${events === 1 ? "time" : "times"} by ${senders} ${senders === 1 ? "sender" : "senders"}, first ${utcSecond(firstSeen)}, last ${utcSecond(lastSeen)}.`;

/** What a public issue is told once its fix was quiet; a version and nothing else of it. */
export const fixedText = (release: string): string =>
  `This has not been seen since ${versionOf(release) === null ? "the release that should mend it" : `version ${versionOf(release)}`} came out, and counts as fixed.`;

/**
 * For everybody: class, functions, versions and numbers, and never a message, a path or a name of ours. What it says
 * changes seldom, so that somebody can say yes to it.
 */
export function publicDraft(place: string, facts: Facts, settings: TriageConfig): IssueDraft {
  const names = internalNames(facts, settings);
  const clean = (text: string): string =>
    isInternal(text, names, settings) ? HIDDEN : scrubAnonymousText(text).text.value;
  const errorClass = clean(facts.errorClass || "Error");
  const functions = facts.functions
    .slice(0, MOST_FUNCTIONS)
    .map((one) => plain(clean(one).slice(0, MOST_NAME), MOST_NAME));
  const shown = functions.find((one) => one !== HIDDEN) ?? "";
  const version = versionOf(facts.release);
  const about = [
    ...(version === null ? [] : [`- First seen in version ${version}`]),
    ...(facts.os === null ? [] : [`- System: ${code(clean(facts.os), 30)}`]),
    ...(facts.platform === null ? [] : [`- Platform: ${code(clean(facts.platform), 30)}`]),
  ];
  return draftOf(
    place,
    bare(errorClass === HIDDEN ? "Crash" : errorClass, 80) + (shown === "" ? "" : ` in ${bare(shown, 80)}`),
    [
      `${code(errorClass, 80)} was seen ${atLeast(facts.events)}, first on ${day(facts.firstSeen)}.`,
      ...(about.length === 0 ? [] : ["", ...about]),
      ...(functions.length === 0 ? [] : ["", "```text", ...functions, "```"]),
    ].join("\n"),
  );
}

/** Ours and whoever set this up: the private repository's, the project's, and those that are set. */
function internalNames(
  { projectId }: Facts,
  { repo, public_repo: open, internal_names: named }: TriageConfig,
): string[] {
  const known = new Set((open ?? "").toLowerCase().split("/"));
  const own = [...repo.split("/"), projectId].filter(
    (name) => name.length > 1 && !OPEN.has(name) && !known.has(name.toLowerCase()),
  );
  return [...named, ...own].map(folded);
}

/** Projects of everybody's installation. */
const OPEN: ReadonlySet<string> = new Set(["default", "anonymous"]);

/** Without case and what joins words: `acme_billing` is `acmeBilling`. */
const folded = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");

function isInternal(text: string, names: readonly string[], { public_scopes: open }: TriageConfig): boolean {
  const all = folded(text);
  if (names.some((name) => name !== "" && all.includes(name))) return true;
  // A path says how somebody's machine or repository looks; of scopes nobody knows whose they are.
  const scopes = text.normalize("NFKC").match(/@[^/\s@]*(?=\/)/g) ?? [];
  const rest = text.normalize("NFKC").replaceAll(/@[^/\s@]*\/[\w.~-]*/g, "");
  return scopes.some((one) => !open.includes(one.toLowerCase())) || /[/\\]/.test(rest);
}

/** Behind the name of what was released; null where it is no number. */
function versionOf(release: string): string | null {
  const version = release.slice(release.lastIndexOf("@") + 1);
  return /^v?\d{1,6}(?:\.\d{1,6}){0,3}(?:-(?:alpha|beta|canary|dev|next|nightly|pre|preview|rc)(?:[.-]?\d{1,8}){0,3})?$/.test(
    version,
  )
    ? version
    : null;
}

/** By powers of ten. */
function atLeast(events: number): string {
  if (events < 10) return events === 1 ? "once" : "a few times";
  return `more than ${10 ** Math.floor(Math.log10(events - (events % 10 === 0 ? 1 : 0)))} times`;
}
