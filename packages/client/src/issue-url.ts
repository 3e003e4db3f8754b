import type { KeptReport } from "./reports.ts";

/** Longer addresses are cut off by servers and browsers (characters). */
const MAX_LENGTH = 6000;

/** A page on which a person sends the report by hand, with everything filled in; null when the program names none that is usable. */
export function issueUrl(issuesUrl: string | null, { report, bytes }: KeptReport): string | null {
  if (issuesUrl === null || !URL.canParse(issuesUrl)) return null;
  const url = new URL(issuesUrl);
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  const place = report.stack_signature[0];
  url.searchParams.set("title", `Crash: ${report.error_class}${place === undefined ? "" : ` in ${place}`}`);
  url.searchParams.set(
    "body",
    `A crash report, complete and as it was kept:\n\n\`\`\`json\n${bytes.toString("utf8").trim()}\n\`\`\`\n\n<!-- fingerprint: ${report.fingerprint} -->\n`,
  );
  return url.href.length <= MAX_LENGTH ? url.href : null;
}
