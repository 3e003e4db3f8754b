import { inline, visible } from "@prunella/plugin";
import type { Facts } from "./weigh.ts";

/** How words of others are shown: quoted for a terminal, or as code in Markdown. In both they do nothing. */
export const quoting = (isMarkdown: boolean): ((text: string, most?: number) => string) =>
  isMarkdown
    ? inline
    : (text, most = 120) => {
        const line = visible(text).replaceAll(/\s+/g, " ").trim();
        return line.length > most ? `${line.slice(0, most - 1).toWellFormed()}…` : line;
      };

/** One pull request for people: the verdict first, then why, then what it is. */
export function layOut(verdict: string, facts: Facts, isMarkdown: boolean): string {
  const quote = quoting(isMarkdown);
  const { files, additions, deletions } = facts.size;
  const states = ["success", "failure", "pending", "neutral"].flatMap((state) => {
    const count = facts.checks.filter((check) => check.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  const some = (names: readonly string[]) => {
    const shown = names.slice(0, 8).map((one) => quote(one));
    return [...shown, ...(names.length > 8 ? [`and ${names.length - 8} more`] : [])].join(", ");
  };
  const rows: (readonly [string, string])[] = [
    ["Author", quote(facts.author)],
    ["Into", quote(facts.base)],
    ["Head", quote(facts.head)],
    ["Size", `${files} files, ${additions} lines added, ${deletions} taken away`],
    ["Checks", states.join(", ") || "nothing ran"],
    ["Asked to review", facts.requested.length === 0 ? "nobody" : some(facts.requested)],
    ...facts.owners.map(({ owner, files: count, approved }) => {
      const how = `of ${count} ${count === 1 ? "file" : "files"}, ${approved ? "approved" : "has not approved"}`;
      return ["Owner", `${quote(owner)} ${how}`] as const;
    }),
    ...facts.risks.map(({ area, files: paths }) => ["Look at", `${area}: ${some(paths)}`] as const),
  ];
  return [
    isMarkdown ? `**${verdict}**` : verdict,
    "",
    quote(facts.title, 200),
    quote(facts.url, 300),
    "",
    // What is missing is what people look for.
    ...facts.conditions
      .toSorted((a, b) => Number(a.isMet) - Number(b.isMet))
      .map(({ isMet, unmet, text, about }) => {
        const mark = isMet ? "yes" : unmet === "change" ? "no" : "wait";
        return `${isMarkdown ? `- ${mark}: ` : `  ${mark.padEnd(6)}`}${text}${about.length === 0 ? "" : `: ${some(about)}`}`;
      }),
    "",
    ...rows.map(([name, value]) => (isMarkdown ? `- ${name}: ${value}` : `  ${name.padEnd(16)}${value}`)),
  ].join("\n");
}
