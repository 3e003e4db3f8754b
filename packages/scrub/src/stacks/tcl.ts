import type { Frame } from "@prunella/contract";
import { errorValue, frame, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * Tcl: the message, then `    while executing`, the command in quotes, and from the newest call out
 * `    (procedure "moor" line 1)`, `    invoked from within`, at last `    (file "tide.tcl" line 4)`.
 */
export const tcl: StackParser = { language: "tcl", hints: ["    while executing"], parse: parseTcl };

const CALL =
  /^ {4}\((procedure|file|method|constructor|in namespace \w{1,20}) "(.{1,300}?)"(?: .{0,200})? line (\d{1,9})\)$/;

function parseTcl(lines: readonly string[]): Found | null {
  const at = lines.findLastIndex((line) => line === "    while executing");
  if (at < 1) return null;
  const newest: Frame[] = [];
  let end = at + 1;
  for (let i = at + 1; i < Math.min(lines.length, at + 400); i++) {
    const call = CALL.exec(lines[i]!);
    if (call === null) continue;
    end = i + 1;
    const isFile = call[1] === "file";
    newest.push(
      frame({
        function: isFile ? null : call[2]!,
        filename: isFile ? call[2]! : null,
        line: Number(call[3]),
        in_app: true,
      }),
    );
  }
  const file = newest.findLast((each) => each.filename !== null)?.filename ?? null;
  for (const each of newest) each.filename ??= file;
  return { errors: [errorValue("error", orNull(lines[at - 1]), newest.reverse())], line: end };
}
