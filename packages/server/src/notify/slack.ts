import type { Message } from "@prunella/contract";
import type { Sent } from "@prunella/kernel";
import { questionLines, slackText } from "./inert.ts";
import { postJson } from "./webhook.ts";

/** Slack cuts a text of more than 40,000 characters, Discord's form of it refuses one of more than 2,000. */
const MAX_TEXT = 1_900;

/** An incoming webhook: one text in its markup, in which nothing of the message is markup. */
export function sendSlack(url: string, message: Message): Promise<Sent> {
  const body = JSON.stringify({
    text: slackMessage(message),
    mrkdwn: true,
    unfurl_links: false,
    unfurl_media: false,
    link_names: false,
  });
  return postJson(url, body, { "user-agent": "prunella" });
}

export function slackMessage(message: Message): string {
  const part = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`*${slackText(title)}*`, ...lines.map((line) => `• ${slackText(line)}`)];
  // Links stand at the end and are what a person needs: what comes before is cut.
  const links = message.links.map(({ title, url }) => `<${url}|${slackText(title)}>`).join("  ");
  const lines = [
    `${message.state === "resolved" ? "✓" : "▲"} *${slackText(message.title)}*`,
    ...part("The question", questionLines(message)),
    ...message.sections.flatMap(({ title, lines: each }) => part(title, each)),
  ];
  let text = "";
  for (const line of ordered(lines, message)) {
    if (text.length + line.length + links.length + 4 > MAX_TEXT) {
      text += "\n…";
      break;
    }
    text += `${text === "" ? "" : "\n"}${line}`;
  }
  return links === "" ? text : `${text}\n${links}`;
}

/** The question stands last, as everywhere; where all of it has no room it comes first. */
function ordered(lines: readonly string[], message: Message): readonly string[] {
  const questions = questionLines(message).length === 0 ? 0 : questionLines(message).length + 1;
  const [title = "", ...rest] = lines;
  const length = lines.reduce((sum, line) => sum + line.length + 1, 0);
  return length > MAX_TEXT - 400 ? lines : [title, ...rest.slice(questions), ...rest.slice(0, questions)];
}
