import type { ErrorValue, Frame } from "@prunella/contract";
import { errorValue, frame, MAX_ERRORS, orNull, type Found, type StackParser } from "./stack.ts";

/** What .NET Framework says for `at` where Windows speaks another language. */
const AT = ["bei", "à", "en", "in", "em", "w", "в", "vid", "bij", "場所", "在", "위치:", "konum:"];

/**
 * .NET: `Unhandled exception. Ns.Class: message ---> Ns.Inner: message`, then the innermost stack,
 * `--- End of inner exception stack trace ---`, the next outer one, and so on; newest call first.
 * Frames: `   at Ns.Class.Method(String s) in file:line 12`.
 */
export const dotnet: StackParser = {
  language: "dotnet",
  hints: ["at ", ...AT.map((word) => `   ${word} `)],
  parse: parseDotnet,
};

const FRAME =
  /^\s{1,20}(?:at|bei|à|en|in|em|w|в|vid|bij|場所|在|위치:|konum:) ((?:[\w.<>`$+|@\u0080-\uffff,[\]-]|\.\.)(?:[\w.<>`$+|@\u0080-\uffff,[\]-]){0,600}\.?[\w.<>`$|[\],]{0,200})\s?\(([^()]{0,800})\)(?: \[0x[0-9a-f]{1,8}\])?(?: (?:in|dans|en|na|w|в|i|場所|位置|파일|konum:) (.{1,1000}?):(?:[\p{L}.]{1,12} )?(\d{1,9})\.?)?\s{0,3}$/u;
const CLASS =
  /(?:^|[\s>.])((?:[A-Z]\w{0,80}\.)*[A-Z]\w{0,120}(?:Exception|Error)\w{0,20}|(?:[A-Z]\w{0,80}\.){1,8}Exception)(?:`\d)?(?: \((?:0x[0-9A-Fa-f]{8}|-?\d{1,10})\))?(?:: (.*))?$/;

function parseDotnet(lines: readonly string[]): Found | null {
  let found: Found | null = null;
  let from = 0;
  for (let i = 0; i < lines.length; i++) {
    if (readFrame(lines[i]!) === null) continue;
    const stacks: Frame[][] = [[]];
    let end = i;
    for (; end < lines.length; end++) {
      const each = readFrame(lines[end]!);
      if (each !== null) stacks.at(-1)!.push(each);
      else if (/^\s*--- End of inner /.test(lines[end]!)) stacks.push([]);
      else if (!isBetween(lines, end)) break;
    }
    const headers = readHeaders(lines, from, i);
    const ended = headers.length > 0 ? null : readEnd(lines, from, i);
    if (ended !== null) headers.push(ended);
    // The JVM and V8 share the word `at`; the class line or a place in C# tells.
    const certain = headers.length > 0 || stacks.some((stack) => stack.some((each) => each.filename !== null));
    if (certain) found = { errors: chain(headers, stacks), line: end };
    from = end;
    i = end - 1;
  }
  return found;
}

/** Rulers, compiled expressions without an owner, and what remoting puts between the two sides of a call. */
function isBetween(lines: readonly string[], at: number): boolean {
  const line = lines[at]!;
  if (line.trim() === "") return REMOTING.test(lines[at + 1] ?? "");
  return (
    REMOTING.test(line) ||
    /^\s*---? |^-{10,60}$|^Repeat \d{1,9} times:$|^\s{1,20}at (?:lambda_method\d{0,9}|\(wrapper )/.test(line)
  );
}

const REMOTING = /^(?:Server stack trace|Exception rethrown at \[\d{1,4}\]):\s*$/;

function chain(headers: readonly { type: string; value: string | null }[], stacks: Frame[][]): ErrorValue[] {
  const filled = stacks.filter((stack, i) => stack.length > 0 || i < headers.length).slice(0, MAX_ERRORS);
  // Headers run from the outermost in, stacks from the innermost out.
  const inner = [...headers].reverse();
  return filled.map((stack, i) => {
    // Where an inner one has a stack and no line of its own, the outermost keeps its own.
    const header = inner[inner.length - filled.length + i];
    return errorValue(header?.type ?? null, header?.value ?? null, stack.reverse());
  });
}

function readHeaders(lines: readonly string[], from: number, first: number): { type: string; value: string | null }[] {
  const headers: { type: string; value: string | null }[] = [];
  for (let i = Math.max(from, first - 20); i < first; i++) {
    for (const part of lines[i]!.split(" ---> ")) {
      const bare = part.replace(/^\s*---> (?:\(Inner Exception #\d{1,4}\) )?/, "").trim();
      const match = CLASS.exec(bare.length > 600 ? bare.slice(0, 600) : bare);
      if (match === null || /^\s*at /.test(part)) continue;
      const isStart = /^(?:Unhandled [Ee]xception[.:]|\[?[A-Z][\w.]*(?:Exception|Error))/.test(bare);
      if (isStart && !lines[i]!.includes("--->")) headers.length = 0;
      headers.push({ type: match[1]!.slice(match[1]!.lastIndexOf(".") + 1), value: orNull(match[2]) });
    }
  }
  return headers.slice(-MAX_ERRORS);
}

/** The runtime's own last words: they stand right above the frames, and an assertion's text between. */
function readEnd(lines: readonly string[], from: number, first: number): { type: string; value: string | null } | null {
  for (let i = first - 1; i >= Math.max(from, first - 8); i--) {
    if (/^Stack overflow\.?(?:$| )/.test(lines[i]!)) return { type: "StackOverflowException", value: null };
    const ended = /^Process terminated\. ?(.{0,800})$/.exec(lines[i]!);
    if (ended === null) continue;
    const more = lines
      .slice(i + 1, first)
      .join("\n")
      .trim();
    const isAssert = ended[1] === "Assertion failed.";
    return {
      type: isAssert ? "Assertion failed" : "FailFast",
      value: orNull(isAssert ? more : `${ended[1]!}\n${more}`),
    };
  }
  return null;
}

function readFrame(line: string): Frame | null {
  if (!line.includes("(") || !/^\s/.test(line)) return null;
  const match = FRAME.exec(line);
  if (match === null) return null;
  // `(File.java:12)`, `(Native Method)` and `(file.js:1:2)` are other languages.
  if (/^[^\s,]{1,300}:\d{1,9}$|^(?:Native Method|Unknown Source|<generated>|<anonymous>|native)$/.test(match[2]!))
    return null;
  const name = match[1]!;
  const dot = name.lastIndexOf(".");
  if (dot <= 0) return null;
  return frame({
    function: name
      .slice(name[dot - 1] === "." ? dot - 1 : dot)
      .replace(/^\.(?!\.?c?ctor)/, "")
      .replace(/^\.\./, "."),
    module: name.slice(0, name[dot - 1] === "." ? dot - 1 : dot),
    // Mono without symbols names a build by its id.
    filename: match[3]?.startsWith("<") === true ? null : (match[3] ?? null),
    line: match[4] === undefined ? null : Number(match[4]),
    in_app: !isDotnetMachinery(name),
  });
}

export function isDotnetMachinery(name: string): boolean {
  return /^(?:System|Microsoft|Mono|Xunit|NUnit|MS|Windows|Sentry|Newtonsoft|UnityEngine)\./.test(name);
}
