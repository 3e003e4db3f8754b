import type { FaultDetail, FaultRow, NewGroupingRule, RuleCondition } from "@prunella/contract";
import type { z } from "zod";

export type RuleDraft = z.input<typeof NewGroupingRule>;
/** Longest pattern and name that the server takes. */
export const MOST = 200;

export const FIELDS = [
  { name: "error_class", label: "Class", word: "class", example: "TimeoutError" },
  { name: "message", label: "Message", word: "message", example: "timeout after * ms" },
  { name: "function", label: "Function", word: "function", example: "chargeCard" },
  { name: "file", label: "File", word: "file", example: "src/payments/*" },
  { name: "target", label: "Target", word: "target", example: "my-service" },
] as const satisfies { name: keyof RuleCondition; label: string; word: string; example: string }[];

/** Whether `*` in the pattern can be put for something so that it is the text; as the server decides it. */
export function fitsPattern(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/**
 * Whether a rule would probably take in a fault, by its title and its place. An estimate: the rule
 * itself looks at every frame and every cause. Null when it asks for a target, which rows do not tell.
 */
export function fitsRow(when: RuleCondition, row: Pick<FaultRow, "title" | "culprit">): boolean | null {
  if (when.target !== undefined) return null;
  const colon = row.title.indexOf(": ");
  const [type, message] =
    colon === -1 ? [row.title, row.title] : [row.title.slice(0, colon), row.title.slice(colon + 2)];
  const [name = "", file = ""] = row.culprit.split(" · ");
  const fits = (pattern: string | undefined, texts: string[]) =>
    pattern === undefined || texts.some((text) => fitsPattern(pattern, text));
  return (
    fits(when.error_class, [type]) &&
    fits(when.message, [message, row.title]) &&
    fits(when.function, [name]) &&
    fits(when.file, [file])
  );
}

// What varies from event to event: what the scrubber took out, quoted values, addresses, ids, numbers.
const VARIES =
  /\[REDACTED:[\w.:-]{1,60}\]|"[^"\n]{1,80}"|'[^'\n]{1,80}'|\bhttps?:\/\/[^\s"'<>)]{1,200}|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b0x[0-9a-f]+\b|\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b|\d[\d.,:_-]*/gi;

/** A message as a pattern: one line, parameters are `*`. */
export function asPattern(message: string): string {
  const line = message.trim().split(/[\r\n]/, 1)[0] ?? "";
  const open = line.length < message.trim().length ? `${line}*` : line;
  const pattern = open
    .replaceAll(VARIES, (found) => `*${/[.,:]$/.test(found) ? found.at(-1) : ""}`)
    .replaceAll(/\*{2,}/g, "*");
  return cut(pattern);
}

const cut = (pattern: string) => (pattern.length <= MOST ? pattern : `${pattern.slice(0, MOST - 1)}*`);

/** A rule that takes in a fault's events and nothing else yet; its writer widens it. */
export function ruleFrom({ fault, latest }: Pick<FaultDetail, "fault" | "latest">): RuleDraft {
  const event = latest?.event;
  const error = event?.errors.at(-1);
  const frame = error?.frames.findLast((each) => each.in_app !== false) ?? error?.frames.at(-1);
  const place = fault.culprit.split(" · ")[1] ?? "";
  const when: RuleCondition = {};
  const set = (name: keyof RuleCondition, pattern: string | null | undefined) => {
    if (pattern != null && pattern !== "" && pattern !== "*") when[name] = cut(pattern);
  };
  set("error_class", error?.type);
  set("message", asPattern(error?.value ?? event?.message ?? ""));
  set("function", frame?.function);
  // The place in the title has lost the folder of the build, which moves from release to release.
  set("file", place !== "" && frame?.filename?.endsWith(`/${place}`) === true ? `*${place}` : frame?.filename);
  if (Object.keys(when).length === 0) set("target", event?.target);
  const name = [when.error_class, when.message].filter((part) => part !== undefined).join(": ");
  return { project: fault.project_id, when, group_as: (name === "" ? fault.title : name).slice(0, MOST) };
}
