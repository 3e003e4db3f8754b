import type { ErrorValue, Frame } from "@prunella/contract";
import { withoutPytest } from "./pytest.ts";
import { withoutBoxes } from "./rich.ts";
import { errorValue, frame, MAX_ERRORS, type Found as FoundStack, type StackParser } from "./stack.ts";

/**
 * CPython tracebacks (docs.python.org/3/library/traceback): `Traceback (most recent call last):`,
 * two lines a frame, oldest call first, then `Type: message`. Chained ones follow each other, the
 * cause first. Members of an exception group are drawn with `|` and `+` in front.
 */
export const python: StackParser = {
  language: "python",
  hints: ['File "', "Traceback (most", "E  "],
  parse: parsePython,
};

const TRACEBACK = /^(?:Exception Group )?Traceback \(most recent call last\):$/;
const FRAME = /^File "(.{1,1500})", line (\d{1,9})(?:, in (.{1,300}))?$/;
const RAISED = /^([A-Za-z_][\w.]{0,200})(?:: (.*))?$/;
const LINK =
  /^(?:During handling of the above exception, another exception occurred|The above exception was the direct cause of the following exception):$/;

type Found = { error: ErrorValue; start: number; end: number; linked: boolean; depth: number };

function parsePython(printed: readonly string[]): FoundStack | null {
  const lines = withoutMarks(withoutPytest(withoutBoxes(printed)));
  const found: Found[] = [];
  let linked = false;
  for (let i = 0; i < lines.length; i++) {
    const { text, depth } = bare(lines[i]!);
    if (LINK.test(text)) {
      linked = true;
      continue;
    }
    const starts = TRACEBACK.test(text);
    if (!starts && !isLoneSyntaxError(lines, i)) continue;
    const parsed = parseOne(lines, starts ? i + 1 : i, depth);
    if (parsed === null) continue;
    const above = parsed.error.type === null && i > 0 ? RAISED.exec(lines[i - 1]!.trim()) : null;
    if (above !== null) Object.assign(parsed.error, { type: above[1]!, value: above[2] ?? null });
    found.push({ ...parsed, start: i, linked, depth });
    linked = false;
    i = parsed.end;
  }
  if (found.length === 0) return null;
  // The last crash: back over links and over the members drawn under a group.
  let first = found.length - 1;
  while (
    first > 0 &&
    (found[first]!.linked ||
      found[first]!.depth > found[first - 1]!.depth ||
      (found[first]!.depth > 0 && found[first - 1]!.depth > 0))
  )
    first--;
  const chain = found.slice(first).slice(-MAX_ERRORS);
  // Members stand behind their group in the text but before it in a chain, where the thrown error is last.
  const members = chain.filter(({ depth }) => depth > chain[0]!.depth || depth > 1);
  const outer = chain.filter((each) => !members.includes(each));
  return {
    errors: [...members, ...outer].map(({ error }) => error),
    line: chain[chain.length - 1]!.end + printed.length - lines.length,
  };
}

/** loguru puts `>` before the frame that caught it, and below each line what its names held. */
function withoutMarks(lines: readonly string[]): readonly string[] {
  if (!lines.some((line) => line.startsWith('> File "'))) return lines;
  return lines.map((line) =>
    line.startsWith('> File "') ? `  ${line.slice(2)}` : /^\s+[│└]/.test(line) ? "    ." : line,
  );
}

/** Takes the drawing of exception groups away; `depth` counts its columns. */
function bare(line: string): { text: string; depth: number } {
  const drawn = /^[ |+-]*(?=[^ |+-])/.exec(line)?.[0] ?? "";
  const columns = drawn.match(/[|+]/g)?.length ?? 0;
  return columns === 0
    ? { text: line.trim(), depth: 0 }
    : { text: line.slice(drawn.length).trim(), depth: drawn.search(/[|+](?![\s\S]*[|+])/) > 2 ? 2 : 1 };
}

function parseOne(lines: readonly string[], from: number, depth: number): { error: ErrorValue; end: number } | null {
  const frames: Frame[] = [];
  for (let i = from; i < lines.length; i++) {
    const line = lines[i]!;
    const { text } = bare(line);
    const place = FRAME.exec(text);
    if (place !== null) {
      const next = bare(lines[i + 1] ?? "").text;
      const hasSource = next !== "" && indentOf(lines[i + 1]!) > indentOf(line) && !FRAME.test(next);
      frames.push(
        frame({
          function: place[3] ?? null,
          filename: place[1]!,
          line: Number(place[2]),
          in_app: isOwnPython(place[1]!),
          context_line: hasSource ? next : null,
        }),
      );
      continue;
    }
    // Source lines, carets and "[Previous line repeated …]" stand further in than the class line.
    if (depth === 0 ? /^\s/.test(line) : indentOf(line) > indentOf(lines[from]!) - 1) continue;
    if (text === "") {
      // loguru leaves a line free above the first frame.
      if (frames.length === 0 && !FRAME.test(bare(lines[i + 1] ?? "").text)) return null;
      continue;
    }
    const raised = RAISED.exec(text);
    if (raised === null || TRACEBACK.test(text)) {
      // Some runners print the class above; frames alone still say where.
      return frames.length === 0 ? null : { error: errorValue(null, null, frames), end: i - 1 };
    }
    const dot = raised[1]!.lastIndexOf(".");
    const value = raised[2] ?? null;
    return {
      error: errorValue(
        raised[1]!.slice(dot + 1),
        value === "" ? null : value,
        frames,
        dot > 0 ? raised[1]!.slice(0, dot) : null,
      ),
      end: i,
    };
  }
  // Cut off before the class line: frames alone still say where.
  return frames.length === 0 ? null : { error: errorValue(null, null, frames), end: lines.length - 1 };
}

/** A script that does not compile prints no "Traceback" line: place, source, caret, class. */
function isLoneSyntaxError(lines: readonly string[], at: number): boolean {
  if (!/^ {2}File "/.test(lines[at]!) || !/, line \d+$/.test(lines[at]!)) return false;
  for (let i = at + 1; i < Math.min(lines.length, at + 5); i++)
    if (/^(?:SyntaxError|IndentationError|TabError)\b/.test(lines[i]!)) return true;
  return false;
}

/** Columns before the text, drawing included. */
function indentOf(line: string): number {
  return /^[ |+-]*/.exec(line)![0].length;
}

export function isOwnPython(filename: string): boolean {
  return !/[\\/](?:site-packages|dist-packages)[\\/]|[\\/]lib(?:64)?[\\/]python\d|[\\/]Python\d{2,3}[\\/]Lib[\\/]|^</i.test(
    filename,
  );
}
