import type { Frame } from "@prunella/contract";
import { errorValue, frame, orNull, type Found, type StackParser } from "./stack.ts";

/** Lua: `lua: file.lua:12: message`, `stack traceback:`, `\tfile.lua:12: in function 'foo'`, newest first. */
export const lua: StackParser = { language: "lua", hints: ["stack traceback:"], parse: parseLua };

const SAID = /^(?:[\w./-]{1,100}: )?(?:(.{1,600}?):(\d{1,9}): )?(.*)$/;
const FRAME =
  /^\s{1,10}(\[C\]|\[string ".{0,200}"\]|.{1,600}?)(?::(\d{1,9}))?: in (?:(?:local|upvalue|field|method|global|metamethod)?\s?(?:function )?['<](.{1,300}?)['>]|(main chunk)|function (\S{1,200})|\?)/;

function parseLua(lines: readonly string[]): Found | null {
  let found: Found | null = null;
  for (let i = 1; i < lines.length; i++) {
    if (lines[i]!.trim() !== "stack traceback:") continue;
    const frames: Frame[] = [];
    let end = i + 1;
    for (; end < lines.length && /^\s/.test(lines[end]!); end++) {
      const match = FRAME.exec(lines[end]!);
      if (match === null) continue;
      const file = match[1]!;
      const name = match[3] ?? match[5] ?? match[4] ?? null;
      frames.push(
        frame({
          // `<file.lua:12>` stands for a function without a name.
          function: name === null || /:\d{1,9}$/.test(name) ? null : name,
          filename: file === "[C]" ? null : file,
          line: match[2] === undefined ? null : Number(match[2]),
          in_app: file !== "[C]",
        }),
      );
    }
    // More lines of a message are indented, as those of a module that was not found are.
    let first = i - 1;
    while (first > 0 && i - first < 60 && /^\s+\S/.test(lines[first]!)) first--;
    const said = SAID.exec(lines[first]!.trim())!;
    const value = [said[3]!, ...lines.slice(first + 1, i)].join("\n");
    found = { errors: [errorValue("error", orNull(value), frames.reverse())], line: end };
    i = end - 1;
  }
  return found;
}
