import type { Message } from "@prunella/contract";

/** What reorders, hides or ends text where it is shown: controls, bidi, zero-width, tags, line separators. */
const HIDDEN = /[\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\u{2028}\u{2029}\u{fff9}-\u{fffb}]+/gu;
/** Ours, where a receiver would obey what stands side by side: it keeps them apart and is not seen. */
const APART = "\u200b";

/** One line that shows what it says, whoever wrote it. */
export const inert = (text: string): string => text.toWellFormed().replaceAll(HIDDEN, " ").trim();

/**
 * The same where receivers make links, mentions and pictures out of plain text: `@here`, `https://…`,
 * `[words](address)`, `![picture](address)`.
 */
export const plainText = (text: string): string =>
  inert(text)
    .replaceAll("@", `@${APART}`)
    .replaceAll("://", `:${APART}//`)
    .replaceAll("](", `]${APART}(`)
    .replaceAll(/\b(www\.|mailto:|javascript:|data:)/gi, (found) => `${found.slice(0, -1)}${APART}${found.slice(-1)}`);

export const html = (text: string): string =>
  plainText(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");

/** `&`, `<` and `>` are all that its markup begins with; a mention is `<!here>`, a link `<address|words>`. */
export const slackText = (text: string): string =>
  plainText(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** When something happens by itself, to the minute. */
export const moment = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** What a question says beside its text, in one form for all. */
export function questionLines({ question }: Message): string[] {
  if (question === null) return [];
  const chosen = question.choices.find(({ name }) => name === question.default);
  return [
    question.text,
    ...question.choices.map(({ label, promise }) => (promise === "" ? label : `${label}: ${promise}`)),
    `Without an answer until ${moment(question.at)}: ${chosen?.label ?? question.default}.`,
  ];
}

/** As text, for channels without markup. */
export function textOf(message: Message): string {
  const part = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`${plainText(title)}`, ...lines.map((line) => `  ${plainText(line)}`), ""];
  return [
    plainText(message.title),
    "",
    ...message.sections.flatMap(({ title, lines }) => part(title, lines)),
    ...part("The question", questionLines(message)),
    ...message.links.map(({ title, url }) => `${plainText(title)}: ${url}`),
  ].join("\n");
}
