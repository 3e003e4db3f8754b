import { rmSync } from "node:fs";
import { mayReport, sentinelFile, toEndpoint, type Situation } from "./consent.ts";
import { FIELDS } from "./fields.ts";
import { createOnce } from "./files.ts";
import { homeOf, crashFolder } from "./places.ts";
import type { Program } from "./program.ts";

export const NEVER_SENT = [
  "error messages, logs, source code, file names and paths, line numbers",
  "your name, host name, e-mail and IP address as part of a report (the server sees the connection's address, as every server does)",
  "arguments, environment variables, file contents, the address of your repository in the clear",
];

/** What leaves the machine, in plain words. `endpoint` is where to. */
export function disclosureText(program: Program, endpoint: string, home: string): string {
  const width = Math.max(...Object.keys(FIELDS).map((name) => name.length));
  const rule = "-".repeat(72);
  return `
${rule}
What ${program.app} reports when it crashes

When ${program.app} crashes or does not get on, a small report is made. Reports
become issues, and these are tried to be fixed. They go to
  ${endpoint}
${program.mode === "ask" ? "each one only when you say so." : "from the next run on, until you turn it off."}

All that is sent:
${Object.entries(FIELDS)
  .map(([name, { meaning }]) => `  ${name.padEnd(width)}  ${meaning}`)
  .join("\n")}

Never sent:
${NEVER_SENT.map((each) => `  - ${each}`).join("\n")}

Each report lies first in
  ${crashFolder(home)}
byte for byte as it would be sent. Read them: prunella crash list
Turn it off:     prunella telemetry off   (or PRUNELLA_TELEMETRY=off, or DO_NOT_TRACK=1)
More:            PRIVACY.md in the package @prunella/client (docs/PRIVACY.md of Prunella)
This is shown once.
${rule}
`;
}

/**
 * Shows it, once in the life of this program on this machine, when there is a terminal and something
 * could be sent at all. `write` puts text on that terminal. Returns whether it was shown now.
 */
export function discloseOnce(program: Program, situation: Situation, write: (text: string) => void): boolean {
  const answer = mayReport("send", program, situation);
  if (answer.reason !== "not_disclosed") return false;
  const configured = mayReport("keep", program, situation);
  const endpoint = configured.allowed && configured.endpoint !== null ? toEndpoint(configured.endpoint) : null;
  if (endpoint === null) return false;
  // The sentinel first: when two crash at once, one shows it; when it cannot be kept, nothing will be sent.
  if (!createOnce(sentinelFile(program, situation.env), sentinel(endpoint))) return false;
  try {
    write(disclosureText(program, endpoint, homeOf(program, situation.env)));
  } catch (error) {
    // Nobody read it, so nothing was said.
    rmSync(sentinelFile(program, situation.env), { force: true });
    throw error;
  }
  return true;
}

export const sentinel = (endpoint: string): string =>
  `${JSON.stringify({ shown_at: new Date().toISOString(), endpoint }, null, 2)}\n`;
