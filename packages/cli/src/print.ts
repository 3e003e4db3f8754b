import { clearLine } from "node:readline";

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Control characters that JSON leaves alone but terminals obey are escaped. */
export function printJson(value: unknown): void {
  print(
    JSON.stringify(value, null, 2).replace(
      /[\u007f-\u009f\u2028\u2029]/g,
      (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  );
}

/** One line on the terminal that is written over; nothing when stderr is a file. */
export function progress(text: string | null): void {
  if (process.stderr.isTTY !== true) return;
  clearLine(process.stderr, 0);
  process.stderr.write(text === null ? "\r" : `\r${text}`);
}
