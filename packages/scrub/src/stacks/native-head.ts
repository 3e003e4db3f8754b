import type { Frame } from "@prunella/contract";
import { isFirst } from "./native-frame.ts";
import { frame, orNull } from "./stack.ts";

export type Head = {
  type: string;
  value: string | null;
  at: number;
  /** How much it says: 4 a sanitizer, 3 its kin, 2 libc, 1 the shell. */
  rank: number;
  /** The place that the headline itself names; used when no stack stands below. */
  frames: Frame[];
  /** The function that a debugger stopped in. */
  stoppedIn?: string | null;
};

/** Words without which no line is a headline: most lines are asked nothing else. */
const HEAD =
  /^FATAL ERROR: |Assertion failed: |Sanitizer|heck failed|Check failure|assertion |GWP-ASan|received by PID|received at time|^Crash reason|^\s{0,12}Signal: |are definitely lost|^Possible data race|signal \d{1,3} \(SIG|atal error in |libFuzzer|runtime error: |^(?:Invalid |Use of |Conditional |Mismatched |Process term|Source and |Jump to |Syscall )|Assertion |terminat|^\*{3} |\(\): |free|corrupted |signal SIG|stop reason|fault|Abort|Bus error|Illegal instr|Floating point|breakpoint trap|munmap|^Received signal |PLEASE submit a bug|ExceptionCode: | - code [0-9a-f]{8} /;

/** The line that says what happened. */
export function readHead(lines: readonly string[], at: number): Head | null {
  const line = lines[at]!;
  if (!HEAD.test(line)) return null;
  if (line.includes("Sanitizer") || line.includes("libFuzzer")) {
    const said = /^.{0,80}?(?:ERROR|WARNING|FATAL): {0,2}(\w{1,40}Sanitizer|libFuzzer): (.{1,400})$/.exec(line);
    if (said !== null) {
      const kind = said[2]!
        .replace(
          /(?: on (?:unknown )?address| on 0x| \(pid| \(0x| in thread|:? 0x| \(| after \d|: memory ranges).*$/,
          "",
        )
        .replace(/(?: on|:)$/, "")
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
    /^((?:[\d,]{1,16} (?:\([\d, a-z]{1,60}\) )?bytes in [\d,]{1,12} blocks are definitely lost)|Possible data race during (?:read|write)|Invalid (?:read|write|free)\b.{0,80}|Use of uninitialised value.{0,40}|Conditional jump or move depends on uninitialised value\(s\)|Mismatched free.{0,40}|Process terminating with default action of signal \d{1,3} \((\w{3,12})\).{0,40}|Source and destination overlap in \w{1,20}|Jump to the invalid address.{0,40}|Syscall param .{1,60})/.exec(
      line,
    );
  if (memcheck !== null && lines.slice(at + 1, at + 5).some(isFirst))
    return {
      type:
        memcheck[2] ?? (memcheck[1]!.endsWith("lost") ? "memory leak" : memcheck[1]!.replace(/\d+/g, "N").slice(0, 60)),
      value: orNull(memcheck[1]),
      at,
      rank: memcheck[2] === undefined ? 4 : 3,
      frames: [],
    };
  const assertion =
    /^(?:.{0,300}?: )?([^\s:]{1,400}):(\d{1,9}): (.{1,400}?): Assertion [`'"](.{1,600})['"] failed\.?$/.exec(line) ??
    // Node's own, before version 21.
    /^[^\s:]{1,300}: ([^\s:]{1,400}):(\d{1,9}):(.{1,400}?): Assertion [`'"](.{1,600})['"] failed\.?$/.exec(line);
  if (assertion !== null) {
    const here = frame({ function: assertion[3]!, filename: assertion[1]!, line: Number(assertion[2]), in_app: true });
    return { type: "Assertion failed", value: assertion[4]!, at, rank: 2.5, frames: [here] };
  }
  // libc++: the place is the library's own.
  const hardened = /^\S{1,400}:\d{1,9}: ?(?:libc\+\+ Hardening )?assertion (.{1,400}?) failed: (.{1,400})$/.exec(line);
  if (hardened !== null)
    return { type: "Assertion failed", value: `${hardened[1]!}: ${hardened[2]!}`, at, rank: 2.5, frames: [] };
  const apple = /^Assertion failed: \((.{1,600})\), function (\S{1,200}), file (.{1,400}), line (\d{1,9})/.exec(line);
  if (apple !== null)
    return {
      type: "Assertion failed",
      value: apple[1]!,
      at,
      rank: 2.5,
      frames: [frame({ function: apple[2]!, filename: apple[3]!, line: Number(apple[4]), in_app: true })],
    };
  return readNode(lines, at) ?? readReporter(lines, at) ?? readLastWords(lines, at);
}

/** Node's own ends: out of memory, misuse of the API by an addon, a failed check of its own. */
function readNode(lines: readonly string[], at: number): Head | null {
  const line = lines[at]!;
  const fatal = /^FATAL ERROR: (\S.{0,600})$/.exec(line);
  if (fatal !== null) return { type: "FATAL ERROR", value: fatal[1]!, at, rank: 2.5, frames: [] };
  const failed = /^ {0,6}# {1,4}Assertion failed: (.{1,600})$/.exec(line);
  const place =
    failed === null ? null : /^ {0,6}# {1,4}\S{1,300}: (.{1,600}) at (\S{1,300}):(\d{1,9})$/.exec(lines[at - 1] ?? "");
  if (failed === null || place === null) return null;
  const here = frame({ function: place[1]!, filename: place[2]!, line: Number(place[3]), in_app: true });
  return { type: "Assertion failed", value: failed[1]!, at, rank: 2.5, frames: [here] };
}

/** Crash handlers that are linked in or stand beside the program. */
function readReporter(lines: readonly string[], at: number): Head | null {
  const line = lines[at]!;
  const head = (type: string, value: string | null, rank: number, frames: Frame[] = []): Head => {
    return { type, value, at, rank, frames };
  };
  // glog, Abseil: `F1121 10:10:10.123456  4123 index.cc:51] Check failed: …`; Chromium: `[…:FATAL:index.cc(51)] Check failed: …`
  const check =
    /^(?:F\d{4,8} \d\d:\d\d:\d\d\.\d{3,6} {1,8}\d{1,9} ([^\s:\]]{1,200}):(\d{1,9})\]|\[[^\]]{0,200}:FATAL:([^\s(]{1,200})(?:\((\d{1,9})\)|:(\d{1,9}))\]) (.{1,600})$/.exec(
      line,
    );
  if (check !== null) {
    const place = { filename: check[1] ?? check[3]!, line: Number(check[2] ?? check[4] ?? check[5]), in_app: true };
    const failed = /(?:Check|CHECK|DCHECK) failed: (.{1,600})/.exec(check[6]!);
    return head(failed === null ? "fatal" : "Check failed", failed?.[1] ?? check[6]!, 2.5, [frame(place)]);
  }
  const engine = /^#? ?Fatal error in ([^\s,]{1,300}), line (\d{1,9})$/.exec(line);
  if (engine !== null) {
    const said = orNull(/^# {1,4}(.{1,600})$/.exec(lines[at + 1] ?? "")?.[1]);
    return head("Fatal error", said, 2.5, [frame({ filename: engine[1]!, line: Number(engine[2]), in_app: true })]);
  }
  if (line.includes("GWP-ASan detected a memory error")) {
    const kind = /^([A-Z][\w -]{2,40}?) (?:at|on) 0x/.exec(lines[at + 1] ?? "");
    return head(`GWP-ASan: ${kind?.[1] ?? "memory error"}`, null, 4);
  }
  const signal =
    /^\*{3} (SIG\w{2,10}) (?:\(@0x[0-9a-f]{1,16}\) )?received (?:by PID|at time)/.exec(line) ??
    /^\s{0,8}signal \d{1,3} \((SIG\w{2,10})\), code /.exec(line) ??
    /^Crash reason: {1,4}(\S.{0,80})$/.exec(line);
  if (signal !== null) return head(signal[1]!.split(" ")[0]!, saidByTombstone(lines, at), 3);
  // Chromium's own handler; cdb's analysis and its `(pid.tid): Access violation - code c0000005 (first chance)`.
  const received = /^Received signal (\d{1,3})(?: ([A-Z][A-Z_]{2,20}))?/.exec(line);
  if (received !== null) return head(`signal ${received[1]!}`, received[2] ?? null, 2);
  // The handler of everything built with LLVM: clang, rustc, lldb.
  if (/^(?:\(lldb\) )?PLEASE submit a bug report to /.test(line)) return head("crash", null, 1.5);
  const windows =
    /^\s{0,6}ExceptionCode: [0-9a-f]{8} \((.{1,80})\)$/.exec(line) ??
    /^(?:\([0-9a-f]{1,6}\.[0-9a-f]{1,6}\): )?(.{1,80}) - code [0-9a-f]{8} \((?:first chance|!!! second chance !!!|first\/second chance not available)\)$/.exec(
      line,
    );
  if (windows !== null) return head(windows[1]!, null, line.includes("ExceptionCode") ? 3 : 2.9);
  const dumped = /^\s{0,12}Signal: \d{1,3} \((\w{2,10})\)$/.exec(line);
  return dumped === null ? null : head(`SIG${dumped[1]!}`, null, 2);
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
    // Cocoa said what it was, and where, before libc++abi noticed.
    const rank = thrown[1] === "NSException" ? 2 : 2.4;
    return { type: thrown[1]!, value: orNull(what?.[1] ?? thrown[2]), at, rank, frames: [] };
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
  if (signal !== null)
    return { type: signal[1] ?? signal[2]!, value: null, at, rank: 2, frames: [], stoppedIn: stoppedIn(lines, at) };
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

/** What an Android program said before it aborted, or why debuggerd thinks that it died. */
function saidByTombstone(lines: readonly string[], at: number): string | null {
  for (let i = at + 1; i < Math.min(lines.length, at + 6); i++) {
    const said = /^\s{0,8}(?:Abort message: '(.{1,600})'|Cause: (.{1,200}))$/.exec(lines[i]!);
    if (said !== null) return said[1] ?? said[2]!;
  }
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

/** gdb names the place it stopped at without a number: `0x0000… in walk (n=0x0) at tree.c:17`. */
function stoppedIn(lines: readonly string[], at: number): string | null {
  for (let i = at + 1; i < Math.min(lines.length, at + 4); i++) {
    const match = /^(?:0x[0-9a-f]{4,18} in )?([A-Za-z_~].{0,300}?) \(.{0,1200}\)(?: (?:at|from) |$)/.exec(lines[i]!);
    if (match !== null) return match[1]!;
  }
  return null;
}
