/** A lead is looked for in this many characters. */
const MAX_LEAD = 100;
/** What a report's own lines begin with: `==123==ERROR: `, `WARNING: ThreadSanitizer`, `    #0 0x`. */
const OWN = /==\d{1,9}== ?(?:ERROR|WARNING|FATAL): |WARNING: ThreadSanitizer|(?<= ) {2,8}#0 {1,8}0x[0-9a-f]{4,16} /;

/**
 * Lines without what a collector or another program put before each of them: `CRASH LOG: `,
 * `[worker 3] 12:00:01 err| `. What it is, is read from the line that a report begins with; numbers
 * in it may differ from line to line.
 */
export function withoutLead(lines: readonly string[]): readonly string[] {
  for (const line of lines) {
    if (!line.includes("==") && !line.includes("#0 ") && !line.includes("WARNING: T")) continue;
    const at = line.slice(0, MAX_LEAD + 60).search(OWN);
    if (at < 0) continue;
    const lead = line.slice(0, at);
    if (lead.trim() === "") return lines;
    return at > MAX_LEAD ? lines : lines.map((each) => without(each, lead));
  }
  return lines;
}

function without(line: string, lead: string): string {
  let at = 0;
  for (let i = 0; i < lead.length; i++) {
    if (isDigit(lead, i)) {
      if (!isDigit(line, at)) return line;
      while (isDigit(lead, i + 1)) i++;
      while (isDigit(line, at)) at++;
    } else if (line[at] === lead[i]) at++;
    // Logs cut blanks at the end of a line.
    else return at === line.length && lead.slice(i).trim() === "" ? "" : line;
  }
  return line.slice(at);
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}
