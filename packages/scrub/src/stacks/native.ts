import type { Frame } from "@prunella/contract";
import { isFirst, isStackStart, readNativeFrame, summaryFrame } from "./native-frame.ts";
import { readHead, type Head } from "./native-head.ts";
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
  ],
  parse: parseNative,
};

type Stack = { frames: Frame[]; at: number; end: number };

function parseNative(raw: readonly string[]): Found | null {
  const lines = raw.map((line) =>
    line.startsWith("==") || line.startsWith("--") ? line.replace(/^[=-]{2}\d{1,9}[=-]{2} ?/, "") : line,
  );
  let head: Head | null = null;
  let summary: Frame | null = null;
  const stacks: Stack[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (isStackStart(line)) {
      const stack = readNativeStack(lines, i);
      if (stack !== null) {
        stacks.push(stack);
        i = Math.max(i, stack.end - 1);
        continue;
      }
    }
    const found = readHead(lines, i);
    // The first of the highest rank: a report says more than the shell's last word.
    if (found !== null && (head === null || found.rank > head.rank)) head = found;
    if (head !== null && summary === null && line.startsWith("SUMMARY: ")) summary = summaryFrame(line);
  }
  if (head === null && !stacks.some((stack) => stack.frames.some((each) => each.filename !== null || isEnding(each))))
    return null;
  const stack = chooseStack(head, stacks);
  if (head === null && stack === undefined) return null;
  const said = head === null || head.frames.length === 0 ? [] : [{ ...head.frames[0]!, ...named(head, summary) }];
  const frames = stack === undefined || (stack.frames.length < 2 && said.length > 0) ? said : stack.frames;
  return {
    errors: [errorValue(head?.type ?? "crash", head?.value ?? null, frames)],
    line: Math.max(head === null ? 0 : head.at + 1, stack?.end ?? 0),
    follows: head !== null && (head.rank <= 2 || head.type.startsWith("libFuzzer")),
  };
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
    if (i > at && isFirst(line)) break;
    const each = readNativeFrame(line);
    if (each !== null) {
      missed = 0;
      frames.push(each);
      end = i + 1;
    } else if (line.trim() === "") break;
    // `bt full` and minidumps list what stands in each frame below it.
    else if (!/^(?:\t| {4,})|^No locals\.$/.test(line)) missed++;
  }
  return frames.length === 0 ? null : { frames: frames.reverse(), at, end };
}

/** A sanitizer's stack stands below its headline; gdb's crashed thread is the one it stopped in, or with the signal in it. */
function chooseStack(head: Head | null, stacks: readonly Stack[]): Stack | undefined {
  if (head !== null && head.rank >= 3) {
    const below = stacks.find((stack) => stack.at > head.at);
    // valgrind's leaks and notes far below belong to something else.
    return below !== undefined && below.at - head.at < 60 ? below : undefined;
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

function isOwn(each: Frame): boolean {
  return each.in_app === true && each.function !== null;
}

function isEnding(each: Frame): boolean {
  return /^<signal handler called>$|abort|raise$|assert_fail|pthread_kill|^logging::|FatalError/i.test(
    each.function ?? "",
  );
}
