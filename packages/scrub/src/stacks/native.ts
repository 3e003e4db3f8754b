import type { Frame } from "@prunella/contract";
import { isNativeLibrary, isNativeMachinery } from "./native-noise.ts";
import { isRustMachinery } from "./rust.ts";
import { errorValue, frame, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * C, C++ and whatever links to them: reports of the sanitizers and libFuzzer, gdb's and lldb's
 * `bt`, valgrind, backtrace(3), and the last words of libc, libc++abi and the shell. A sanitizer's
 * first report counts, for the later ones follow from it.
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
  ],
  parse: parseNative,
};

type Head = { type: string; value: string | null; at: number; rank: number; frames: Frame[] };

function parseNative(raw: readonly string[]): Found | null {
  const lines = raw.map((line) =>
    line.startsWith("==") || line.startsWith("--") ? line.replace(/^[=-]{2}\d{1,9}[=-]{2} ?/, "") : line,
  );
  let head: Head | null = null;
  const stacks: { frames: Frame[]; at: number; end: number }[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (isStackStart(line)) {
      const frames: Frame[] = [];
      let end = i;
      let missed = 0;
      for (; end < lines.length && missed < 3; end++) {
        if (end > i && isFirst(lines[end]!)) break;
        const each = readNativeFrame(lines[end]!);
        if (each === null) {
          if (lines[end]!.trim() === "") break;
          missed++;
        } else {
          missed = 0;
          frames.push(each);
        }
      }
      if (frames.length > 0) {
        stacks.push({ frames: frames.reverse(), at: i, end });
        i = Math.max(i, end - 1 - missed);
        continue;
      }
    }
    const found = readHead(lines, i);
    // The first of the highest rank: a report says more than the shell's last word.
    if (found !== null && (head === null || found.rank > head.rank)) head = found;
  }
  if (head === null && !stacks.some((stack) => stack.frames.some((each) => each.filename !== null || isEnding(each))))
    return null;
  const stack = chooseStack(head, stacks);
  if (head === null && stack === undefined) return null;
  const frames =
    stack === undefined || (stack.frames.length < 2 && (head?.frames.length ?? 0) > 0)
      ? (head?.frames ?? [])
      : stack.frames;
  return {
    errors: [errorValue(head?.type ?? "crash", head?.value ?? null, frames)],
    line: Math.max(head === null ? 0 : head.at + 1, stack?.end ?? 0),
    follows: head !== null && (head.rank <= 2 || head.type.startsWith("libFuzzer")),
  };
}

/** A sanitizer's stack stands below its headline; gdb's crashed thread is the one with the signal in it. */
function chooseStack(head: Head | null, stacks: readonly { frames: Frame[]; at: number; end: number }[]) {
  if (head !== null && head.rank >= 3) {
    const below = stacks.find((stack) => stack.at > head.at);
    // valgrind's leaks and notes far below belong to something else.
    return below !== undefined && below.at - head.at < 60 ? below : undefined;
  }
  return stacks.find((stack) => stack.frames.some(isEnding)) ?? stacks[0];
}

function isEnding(each: Frame): boolean {
  return /^<signal handler called>$|abort|raise$|assert_fail|pthread_kill/.test(each.function ?? "");
}

function isFirst(line: string): boolean {
  return /^\s{0,12}(?:\* )?(?:frame )?#0:?\s/.test(line) || /^\s{1,8}at 0x[0-9A-Fa-f]{4,16}: /.test(line);
}

function isStackStart(line: string): boolean {
  return isFirst(line) || (line.includes("[0x") && BACKTRACE.test(line));
}

const NUMBERED =
  /^\s{0,12}(?:\* )?(?:frame )?#\d{1,6}:? {1,8}(?:(?:0x)?[0-9a-fA-F]{1,18} (?:in |`)?|0x[0-9a-f]{1,18} )?(.*)$/;
const VALGRIND = /^\s{1,8}(?:at|by) 0x[0-9A-Fa-f]{4,16}: (.{1,1200}?) \((?:in (.{1,600}?)|([^()]{1,600}):(\d{1,9}))\)$/;
const BACKTRACE =
  /^\s{0,12}(?:\d{1,4}: )?([\w.+-]?[/\w.+-]{1,300})\((?:([\w@.]{1,300}))?\+?(?:0x[0-9a-f]{1,16})?\)\s?\[0x[0-9a-f]{1,16}\]$/;

/** One frame of any of these tools; null when it is none. */
function readNativeFrame(line: string): Frame | null {
  const memcheck = VALGRIND.exec(line);
  if (memcheck !== null) return nativeFrame(memcheck[1]!, memcheck[2] ?? memcheck[3]!, memcheck[4]);
  const numbered = NUMBERED.exec(line);
  if (numbered !== null) return readNumbered(numbered[1]!);
  const glibc = BACKTRACE.exec(line);
  return glibc === null ? null : nativeFrame(glibc[2] ?? "??", glibc[1]!, undefined);
}

function readNumbered(text: string): Frame | null {
  const rest = text.replace(/ \(BuildId: [0-9a-f]{1,64}\)$/, "");
  // gdb: `name (a=1) at file.c:12`, `name () from /lib/x.so`
  const gdb = /^(.{1,600}?) \(.{0,1200}\)(?: at (.{1,600}?):(\d{1,9})| from (.{1,600}))?$/.exec(rest);
  if (gdb !== null && !/\+0x[0-9a-f]{1,16}\)$/.test(rest) && !/\) const? ?\//.test(rest)) {
    if (gdb[2] !== undefined || gdb[4] !== undefined || rest.endsWith(")"))
      return nativeFrame(gdb[1]!, gdb[2] ?? gdb[4] ?? null, gdb[3]);
  }
  // lldb: `prog`name(args) + 12 at file.c:12:3`
  const lldb = /^\S{1,300}`(.{1,600}?)(?: \+ \d{1,9})?(?: at ([^\s:]{1,600}):(\d{1,9})(?::\d{1,9})?)?$/.exec(rest);
  if (lldb !== null) return nativeFrame(lldb[1]!, lldb[2] ?? null, lldb[3]);
  // Sanitizers: `name file.c:12:3 (prog+0x12)`, `name file.c:12`, `name (prog+0x12)`
  const place = rest
    .replace(/:(?:x86_64h?|arm64e?|i386)(?=\+0x[0-9a-f]{1,16}\)$)/, "")
    .replace(/ \([^()]{1,600}\+0x[0-9a-f]{1,16}\)$/, "");
  const image =
    place.length === rest.length
      ? null
      : rest.slice(place.length + 2, rest.lastIndexOf("+")).replace(/:(?:x86_64h?|arm64e?|i386)$/, "");
  if (place === "" || /^\([^()]{1,600}\+0x[0-9a-f]{1,16}\)$/.test(place))
    return nativeFrame("??", image ?? place.replace(/^\(|\+0x.*$/g, ""), undefined);
  const source = /^(.{1,1200}) ((?:[A-Za-z]:)?[^\s:]{1,600}):(\d{1,9})(?::(\d{1,9}))?$/.exec(place);
  if (source !== null) return nativeFrame(source[1]!, source[2]!, source[3], source[4]);
  const bare = /^(.{1,1200}) (\/[^\s:]{1,600}|<null>)$/.exec(place);
  if (bare !== null) return nativeFrame(bare[1]!, bare[2] === "<null>" ? image : bare[2]!, undefined);
  if (image !== null || /^<signal handler called>$/.test(place)) return nativeFrame(place, image, undefined);
  return /^[\w:~<>,*& .[\]()+-]{1,600}$/.test(place) && /^[A-Za-z_<(~]/.test(place) && place.includes("(")
    ? nativeFrame(place, null, undefined)
    : null;
}

function nativeFrame(name: string, file: string | null, line: string | undefined, column?: string): Frame {
  const call = name.replace(/\+0x[0-9a-f]{1,16}$/, "").replace(/::h[0-9a-f]{16}$/, "");
  const source = file === "??" || file === "" ? null : file;
  return frame({
    function: call === "??" || call === "???" ? null : call,
    filename: source,
    line: line === undefined ? null : Number(line),
    column: column === undefined ? null : Number(column),
    in_app:
      !isNativeMachinery(call) &&
      !isRustMachinery(call === "main" ? "" : call) &&
      (source === null || !isNativeLibrary(source)),
  });
}

/** Words without which no line is a headline: most lines are asked nothing else. */
const HEAD =
  /Sanitizer|libFuzzer|runtime error: |^(?:Invalid |Use of |Conditional |Mismatched |Process term|Source and |Jump to |Syscall )|Assertion |terminat|^\*{3} |\(\): |free|corrupted |signal SIG|stop reason|fault|Abort|Bus error|Illegal instr|Floating point|breakpoint trap|munmap/;

/** The line that says what happened, and how much it says: 4 a sanitizer, 3 its kin, 2 libc, 1 the shell. */
function readHead(lines: readonly string[], at: number): Head | null {
  const line = lines[at]!;
  if (!HEAD.test(line)) return null;
  if (line.includes("Sanitizer") || line.includes("libFuzzer")) {
    const said = /^.{0,80}?(?:ERROR|WARNING|FATAL): {0,2}(\w{1,40}Sanitizer|libFuzzer): (.{1,400})$/.exec(line);
    if (said !== null) {
      const kind = said[2]!
        .replace(/(?: on (?:unknown )?address| on 0x| \(pid| \(0x| in thread|:? 0x| \().*$/, "")
        .replace(/ on$/, "")
        .slice(0, 80);
      return { type: `${said[1]}: ${kind}`, value: access(lines, at), at, rank: 4, frames: [] };
    }
  }
  const undefinedBehaviour = /^(.{1,600}?):(\d{1,9})(?::(\d{1,9}))?: runtime error: (.{1,600})$/.exec(line);
  if (undefinedBehaviour !== null) {
    const here = frame({ filename: undefinedBehaviour[1]!, line: Number(undefinedBehaviour[2]), in_app: true });
    return { type: "runtime error", value: undefinedBehaviour[4]!, at, rank: 3, frames: [here] };
  }
  const memcheck =
    /^(Invalid (?:read|write|free)\b.{0,80}|Use of uninitialised value.{0,40}|Conditional jump or move depends on uninitialised value\(s\)|Mismatched free.{0,40}|Process terminating with default action of signal \d{1,3} \((\w{3,12})\).{0,40}|Source and destination overlap in \w{1,20}|Jump to the invalid address.{0,40}|Syscall param .{1,60})/.exec(
      line,
    );
  if (memcheck !== null && lines.slice(at + 1, at + 4).some(isFirst))
    return {
      type: memcheck[2] ?? memcheck[1]!.replace(/\d+/g, "N").slice(0, 60),
      value: orNull(memcheck[1]),
      at,
      rank: memcheck[2] === undefined ? 4 : 3,
      frames: [],
    };
  const assertion =
    /^(?:.{0,300}?: )?([^\s:]{1,400}):(\d{1,9}): (.{1,400}?): Assertion [`'"](.{1,600})['"] failed\.?$/.exec(line) ??
    null;
  if (assertion !== null) {
    const here = frame({ function: assertion[3]!, filename: assertion[1]!, line: Number(assertion[2]), in_app: true });
    return { type: "Assertion failed", value: assertion[4]!, at, rank: 2.5, frames: [here] };
  }
  const apple = /^Assertion failed: \((.{1,600})\), function (\S{1,200}), file (.{1,400}), line (\d{1,9})/.exec(line);
  if (apple !== null)
    return {
      type: "Assertion failed",
      value: apple[1]!,
      at,
      rank: 2.5,
      frames: [frame({ function: apple[2]!, filename: apple[3]!, line: Number(apple[4]), in_app: true })],
    };
  return readLastWords(lines, at);
}

function readLastWords(lines: readonly string[], at: number): Head | null {
  const line = lines[at]!;
  const thrown =
    /^terminate called after throwing an instance of '(.{1,300})'/.exec(line) ??
    /^libc\+\+abi(?:\.dylib)?: terminat\w{1,4} (?:with|due to) uncaught exception of type (.{1,300}?)(?:: (.*))?$/.exec(
      line,
    );
  if (thrown !== null) {
    const what = /^\s{0,10}what\(\): {1,3}(.*)$/.exec(lines[at + 1] ?? "");
    return { type: thrown[1]!, value: orNull(what?.[1] ?? thrown[2]), at, rank: 2.4, frames: [] };
  }
  if (/^terminate called (?:without an active exception|recursively)/.test(line))
    return { type: "terminate", value: line, at, rank: 2, frames: [] };
  const stars = /^\*{3} (?:Error in [`'].{1,300}?': )?(.{1,200}?)(?:: 0x[0-9a-f]{1,18})? ?(?:\*{3}.*|: .{0,60})?$/.exec(
    line,
  );
  if (stars !== null && /detected|corrupt|invalid|free|overflow|unlinked|size/.test(stars[1]!))
    return {
      type: stars[1]!.replace(/[: *]{1,8}(?:terminated|\S{0,80} terminated)?$/, "").slice(0, 80),
      value: null,
      at,
      rank: 2.2,
      frames: [],
    };
  const allocator =
    /^(?:.{0,80}: )?((?:malloc|free|realloc|calloc|munmap_chunk|malloc_consolidate|sysmalloc|tcache|_int_\w{1,20})\(\): .{1,120}|double free or corruption \(.{1,20}\)|corrupted (?:size vs\. prev_size|double-linked list|unsorted chunks).{0,40}|(?:break adjusted to free|munmap).{1,60})$/.exec(
      line,
    );
  if (allocator !== null) return { type: allocator[1]!, value: null, at, rank: 2.2, frames: [] };
  const signal =
    /(?:Program|Thread \d{1,5} .{0,80}) (?:received|terminated with) signal (SIG\w{2,10}), /.exec(line) ??
    /stop reason = (?:signal (SIG\w{2,10})|(EXC_\w{2,30}))/.exec(line);
  if (signal !== null) return { type: signal[1] ?? signal[2]!, value: null, at, rank: 2, frames: [] };
  const segfault = /^(.{1,60}?)(?:\[\d{1,9}\])?:? segfault at [0-9a-f]{1,18} ip .{1,60} in ([^\s[]{1,80})/.exec(line);
  if (segfault !== null) return { type: "SIGSEGV", value: `segfault in ${segfault[2]}`, at, rank: 1.5, frames: [] };
  const shell =
    /(?:^|[:\s])(Segmentation fault|Aborted|Bus error|Illegal instruction|Floating point exception|Trace\/breakpoint trap)(?: {1,12}\(core dumped\))?(?:\s{1,12}\S.{0,200})?$/.exec(
      line,
    );
  if (
    shell !== null &&
    line.length < 300 &&
    (line.includes("core dumped") || line.trim() === shell[1] || /line \d+:\s+\d+ /.test(line))
  )
    return { type: shell[1]!, value: null, at, rank: 1, frames: [] };
  return null;
}

/** `READ of size 4`, or what the leak was. */
function access(lines: readonly string[], at: number): string | null {
  for (let i = at + 1; i < Math.min(lines.length, at + 5); i++) {
    const match =
      /^(?:\s{0,4}(?:Atomic )?(?:READ|WRITE|Read|Write|read|write) of size \d{1,12}|The signal is caused by a \w{1,10} memory access|(?:Direct|Indirect) leak)/.exec(
        lines[i]!,
      );
    if (match !== null) return match[0].trim();
  }
  return null;
}
