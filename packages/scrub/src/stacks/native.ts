import type { Frame } from "@prunella/contract";
import { isFirst, isPlainStackStart, isStackStart, readNativeFrame, summaryFrame } from "./native-frame.ts";
import { readHead, type Head } from "./native-head.ts";
import { withoutLead } from "./native-lead.ts";
import { muteReporters } from "./native-reporters.ts";
import { errorValue, type Found, type StackParser } from "./stack.ts";

/**
 * C, C++ and whatever links to them: reports of the sanitizers and libFuzzer, gdb's and lldb's
 * `bt`, valgrind, backtrace(3), Android's tombstones, failed checks of glog and its kin, and the last
 * words of libc, libc++abi and the shell. A sanitizer's first report counts, for the later ones
 * follow from it.
 */
export const native: StackParser = {
  language: "native",
  hints: [
    "Sanitizer",
    "FATAL ERROR: ",
    "runtime error: ",
    "#0 ",
    "== ",
    "*** ",
    "(): ",
    "Assertion ",
    "terminat",
    "egmentation fault",
    "segfault at",
    "libFuzzer",
    "[0x",
    "core dumped",
    "Aborted",
    "corrupt",
    "stop reason",
    "signal SIG",
    "#00 pc ",
    "heck fail",
    "Crash reason",
    "Received signal ",
    "PLEASE submit a bug",
    " - code c",
    "ExceptionCode: ",
    " RetAddr ",
  ],
  parse: parseNative,
};

type Stack = { frames: Frame[]; at: number; end: number };

function parseNative(raw: readonly string[]): Found | null {
  const lines = withoutLead(raw).map(withoutPid);
  const heads: Head[] = [];
  let summary: Frame | null = null;
  const stacks: Stack[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (isStackStart(line) || (heads.length > 0 && isPlainStackStart(line))) {
      const stack = readNativeStack(lines, i);
      if (stack !== null) {
        stacks.push(stack);
        i = Math.max(i, stack.end - 1);
        continue;
      }
    }
    const found = readHead(lines, i);
    if (found !== null && heads.length < MAX_HEADS) heads.push(found);
    if (heads.length > 0 && summary === null && line.startsWith("SUMMARY: ")) summary = summaryFrame(line);
  }
  // The first of the highest rank: a report says more than the shell's last word.
  const head = heads.reduce<Head | null>((best, each) => (best === null || each.rank > best.rank ? each : best), null);
  if (head === null && !stacks.some((stack) => stack.frames.some((each) => each.filename !== null || isEnding(each))))
    return null;
  let stack = chooseStack(head, heads, stacks, lines);
  const before = head === null || (head.type.endsWith("SEGV") && hasOwn(stack)) ? null : saidBefore(head, heads);
  if (before !== null && !hasOwn(stack)) stack = chooseStack(before, heads, stacks, lines);
  if (head === null && stack === undefined) return null;
  const place = head !== null && head.frames.length > 0 ? head : before;
  const said = place === null || place.frames.length === 0 ? [] : [{ ...place.frames[0]!, ...named(place, summary) }];
  // How full the heap was when it overflowed is chance.
  const isFull = head?.type === "FATAL ERROR" && /out of memory/.test(head.value ?? "");
  const isBare = stack === undefined || stack.frames.length < 2 || (before !== null && !hasOwn(stack));
  const frames = isFull ? [] : isBare && said.length > 0 ? said : (stack?.frames ?? said);
  const what = before ?? head;
  return {
    errors: [errorValue(what?.type ?? "crash", what?.value ?? null, frames)],
    line: Math.max(head === null ? 0 : head.at + 1, stack?.end ?? 0),
    follows:
      head !== null &&
      (head.rank <= 2 || head.type.startsWith("libFuzzer") || (before === null && isEnd(head.type) && !hasOwn(stack))),
  };
}

/** Headlines of one text that are compared. */
const MAX_HEADS = 200;

function withoutPid(line: string): string {
  return line.startsWith("==") || line.startsWith("--") ? line.replace(/^[=-]{2}\d{1,9}[=-]{2} ?/, "") : line;
}

/** A sanitizer that only saw the program end itself says less than the failed check that came before. */
function saidBefore(head: Head, heads: readonly Head[]): Head | null {
  if (head.rank < 4 || !isEnd(head.type)) return null;
  return heads.findLast((each) => each.at < head.at && each.rank > 2 && each.rank < 3) ?? null;
}

function isEnd(type: string): boolean {
  return /: (?:ABRT|TRAP|ILL|SEGV|breakpoint|illegal-instruction|deadly signal)$/.test(type);
}

function hasOwn(stack: Stack | undefined): boolean {
  return stack !== undefined && stack.frames.some(isOwn);
}

/** UBSan without stacks names the function in its summary alone. */
function named(head: Head, summary: Frame | null): Partial<Frame> {
  const here = head.frames[0]!;
  return summary !== null && here.function === null && summary.filename === here.filename && summary.line === here.line
    ? { function: summary.function }
    : {};
}

function readNativeStack(lines: readonly string[], at: number): Stack | null {
  const frames: Frame[] = [];
  let end = at;
  let missed = 0;
  for (let i = at; i < lines.length && missed < 3; i++) {
    const line = lines[i]!;
    if (i > at && isFirst(line) && !isRepeated(lines, i)) break;
    const each = readNativeFrame(line);
    if (each !== null) {
      missed = 0;
      frames.push(each);
      end = i + 1;
    } else if (line.trim() === "") break;
    // `bt full` and minidumps list what stands in each frame below it.
    else if (!/^(?:\t| {4,})|^No locals\.$/.test(line)) missed++;
  }
  muteReporters(frames);
  return frames.length === 0 ? null : { frames: frames.reverse(), at, end };
}

/** Inlined calls, and a module named beside a function, may all be numbered as the first. */
function isRepeated(lines: readonly string[], at: number): boolean {
  const address = /^\s{0,8}#0(?:\.\d{1,4})? {1,8}(0x[0-9a-f]{4,18}) /.exec(lines[at]!)?.[1];
  return address !== undefined && /^\s{0,8}#0[ .]/.test(lines[at - 1]!) && lines[at - 1]!.includes(` ${address} `);
}

/** A sanitizer's stack stands below its headline; gdb's crashed thread is the one it stopped in, or with the signal in it. */
function chooseStack(
  head: Head | null,
  heads: readonly Head[],
  stacks: readonly Stack[],
  lines: readonly string[],
): Stack | undefined {
  if (head !== null && head.rank >= 3) {
    // Each of UBSan's reports names its place, and not each has a stack.
    const next = head.rank > 3 ? undefined : heads.find((each) => each.at > head.at && each.rank >= head.rank);
    const below = stacks.find((stack) => stack.at > head.at);
    // What ended the program may have printed its own stack before a sanitizer, without symbols, saw the signal.
    if (below === undefined && isEnd(head.type)) return stacks.findLast((stack) => stack.at < head.at && hasOwn(stack));
    // valgrind's leaks and notes far below belong to something else.
    if (
      below === undefined ||
      below.at - head.at >= 60 ||
      (next !== undefined && next.at < below.at && head.frames.length > 0)
    )
      return undefined;
    return head.type.startsWith("LeakSanitizer") ? (chooseLeak(head, stacks, lines) ?? below) : below;
  }
  const stopped = head?.stoppedIn ?? null;
  const chosen =
    (stopped === null ? undefined : stacks.find((stack) => stack.frames.at(-1)?.function === stopped)) ??
    stacks.find((stack) => stack.frames.some(isEnding)) ??
    stacks[0];
  if (chosen === undefined || chosen.frames.some(isOwn)) return chosen;
  // gdb prints the frame it stopped in once alone, then again with its callers.
  const newest = chosen.frames.at(-1)!.function;
  return stacks.find((stack) => stack.frames.at(-1)!.function === newest && stack.frames.some(isOwn)) ?? chosen;
}

/** The first leak that own code made: some were made by a library alone. */
function chooseLeak(head: Head, stacks: readonly Stack[], lines: readonly string[]): Stack | undefined {
  return stacks.find((stack) => stack.at > head.at && hasOwn(stack) && / leak of /.test(lines[stack.at - 1] ?? ""));
}

function isOwn(each: Frame): boolean {
  return each.in_app === true && each.function !== null;
}

function isEnding(each: Frame): boolean {
  return /^<signal handler called>$|abort|raise$|assert_fail|pthread_kill|^logging::|FatalError/i.test(
    each.function ?? "",
  );
}
