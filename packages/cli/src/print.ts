import { clearLine } from "node:readline";
import { isCommandLine } from "./command-line.ts";
import { UNSEEN } from "./terminal/text.ts";
import { terminalWidth, wrap } from "./terminal/wrap.ts";

export const EACH_UNSEEN = new RegExp(UNSEEN.source, "gv");

export function print(text: string): void {
  process.stdout.write(`${wrap(text, terminalWidth(), isCommandLine)}\n`);
}

/** What JSON leaves alone but terminals obey, or nobody sees, is escaped. */
export function printJson(value: unknown): void {
  const text = JSON.stringify(value, null, 2);
  process.stdout.write(`${text.replace(EACH_UNSEEN, (each) => (each === "\n" ? each : escaped(each)))}\n`);
}

/** One object on one line. */
export function printLine(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value).replace(EACH_UNSEEN, escaped)}\n`);
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`,
  ).join("");
}

/** One line on the terminal that is written over; nothing when stderr is a file. */
export function progress(text: string | null): void {
  if (process.stderr.isTTY !== true) return;
  clearLine(process.stderr, 0);
  process.stderr.write(text === null ? "\r" : `\r${text}`);
}
