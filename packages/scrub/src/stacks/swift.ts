import type { Frame } from "@prunella/contract";
import { scriptFrames } from "./react-native.ts";
import { isNativeMachinery } from "./native-noise.ts";
import { errorValue, frame, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * Swift on Linux and Apple's crash reports: `Fatal error: …`, then `0 0x1a2b foo(_:) + 12 in app at
 * /src/main.swift:3:5` or, by thread, `0   App   0x0001 foo() + 123 (main.swift:12)`.
 */
export const swift: StackParser = {
  language: "swift",
  hints: ["Fatal error: ", "Simultaneous accesses to ", "Crashed:", "crashed:", ".swift", "Terminating app due to"],
  parse: parseSwift,
};

const SAID =
  /^(?:.{0,600}?\.swift:\d{1,9}: )?(Fatal error|Precondition failed|Assertion failed)(?:: (.*?))?(?:: file (.{1,600}?), line (\d{1,9}))?$/;
const LINUX =
  /^\s{0,4}\d{1,5}(?: \[\w+\])* {1,4}0x[0-9a-f]{4,16} (.{1,600}?) (?:\+ \d{1,9} )?in (\S{1,200})(?: at (.{1,600}?):(\d{1,9})(?::\d{1,9})?)?$/;
const APPLE =
  /^\d{1,5} {1,4}(\S.{0,100}?)[ \t]{1,60}0x[0-9a-f]{4,16} (0x[0-9a-f]{4,16} \+ \d{1,12}|.{1,600}? \+ \d{1,12})(?: \(([^():]{1,200}):(\d{1,9})\))?$/;

function parseSwift(lines: readonly string[]): Found | null {
  const thrownAt = lines.findIndex((line) => line.startsWith("Last Exception Backtrace:"));
  const cocoa = readException(lines);
  if (cocoa !== null) return cocoa;
  let said: RegExpExecArray | null = null;
  let exception: string | null = null;
  let saidAt = -1;
  let reason: string | null = null;
  const program = programOf(lines);
  for (let i = 0; i < lines.length; i++) {
    const fatal = lines[i]!.trimStart().startsWith('"') ? null : SAID.exec(lines[i]!.trim());
    if (fatal !== null) [said, saidAt] = [fatal, i];
    reason = reasonIn(lines[i]!) ?? reason;
    if (lines[i]!.startsWith("Simultaneous accesses to 0x")) exception = "Simultaneous accesses";
    exception = /^Exception Type: {1,10}(\S{1,80})/.exec(lines[i]!)?.[1] ?? exception;
    // Where an exception was thrown says more than the thread that noticed it.
    if (
      thrownAt > i ||
      (thrownAt < 0 &&
        !/^(?:Thread \d{1,5}.{0,80} [Cc]rashed:?|.{0,40}Crashed:|Current stack trace:|Current access .{1,80} started at:)/.test(
          lines[i]!,
        ) &&
        !LINUX.test(lines[i]!))
    )
      continue;
    const frames: Frame[] = [];
    let end = LINUX.test(lines[i]!) ? i : i + 1;
    for (; end < lines.length && end < i + 600; end++) {
      const linux = LINUX.exec(lines[end]!);
      const apple = linux === null ? APPLE.exec(lines[end]!) : null;
      if (linux !== null) frames.push(frameOf(linux[1]!, linux[2]!, linux[3], linux[4], null));
      else if (apple !== null) frames.push(frameOf(apple[2]!, apple[1]!.trim(), apple[3], apple[4], program));
      else if (lines[end]!.trim() !== "" || frames.length > 0) break;
    }
    if (frames.length > 0)
      return {
        errors: [
          errorValue(said?.[1] ?? exception ?? "crash", orNull(said?.[2] ?? reason ?? undefined), frames.reverse()),
        ],
        line: end,
      };
  }
  if (said === null) return null;
  // Without a backtrace the file of the message is all there is; the standard library's own says nothing.
  const file = said[3] ?? /^(.{1,600}?\.swift):\d{1,9}: /.exec(lines[saidAt]!.trim())?.[1];
  if (file === undefined) return null;
  const frames = [frame({ filename: file, in_app: !file.startsWith("Swift/") })];
  return { errors: [errorValue(said[1]!, orNull(said[2]), frames)], line: saidAt + 1 };
}

/** `Process: Shop [412]` of a crash report: what is not of this program is the system's or a library's. */
function programOf(lines: readonly string[]): string | null {
  for (const line of lines.slice(0, 60)) {
    const match = /^Process: {1,20}(\S.{0,80}?) \[\d{1,9}\]$/.exec(line);
    if (match !== null) return match[1]!;
  }
  return null;
}

const THROWN = /^(?:.{0,120} )?\*{3} Terminating app due to uncaught exception '(.{1,120}?)', reason: '([^]{0,1600})'$/;

/** Cocoa's own words for an exception that nobody caught, and the stack it was thrown in. */
function readException(lines: readonly string[]): Found | null {
  const at = lines.findLastIndex((line) => line.includes("*** Terminating app due to"));
  const thrown = at < 0 ? null : THROWN.exec(wholeReason(lines, at));
  if (thrown === null) return null;
  const program = programOf(lines);
  const stack = lines.findIndex((line) => /First throw call stack:|^Last Exception Backtrace:/.test(line));
  const frames: Frame[] = [];
  let end = at + 1;
  for (let i = stack + 1; stack >= 0 && i < Math.min(lines.length, stack + 400); i++) {
    const apple = APPLE.exec(lines[i]!.trim());
    if (apple !== null) frames.push(frameOf(apple[2]!, apple[1]!.trim(), apple[3], apple[4], program));
    else if (frames.length > 0 || !/^[\s(]*$/.test(lines[i]!)) break;
    end = Math.max(end, i + 1);
  }
  // libc++abi repeats the same words below, and knows less of them.
  const repeated = lines.findIndex((line, i) => i >= end && line.startsWith("libc++abi"));
  if (repeated >= 0) end = Math.max(end, repeated + 2);
  const script = scriptFrames(thrown[2]!);
  const newest = script === null ? frames.reverse() : [...frames.reverse(), ...script.frames];
  return { errors: [errorValue(thrown[1]!, orNull(script?.said ?? thrown[2]), newest)], line: Math.max(end, at + 2) };
}

/** A reason of several lines ends where its quote does. */
function wholeReason(lines: readonly string[], at: number): string {
  let whole = lines[at]!.trim();
  for (let i = at + 1; !whole.endsWith("'") && i < Math.min(lines.length, at + 40); i++)
    whole += `\n${lines[i]!.trimEnd()}`;
  return whole;
}

/** Which address, which watchdog: crash reports say it beside the type. */
function reasonIn(line: string): string | null {
  const said =
    /^Exception (?:Subtype|Message): {1,10}(.{1,300})$/.exec(line) ??
    /^Exception Type: {1,10}\S{1,80} \((SIG\w{2,10})\)$/.exec(line) ??
    /\bexplanation:(.{1,200}?)(?::\d{1,9} | ProcessVisibility|$)/.exec(line);
  return said?.[1] ?? null;
}

const SYSTEM =
  /^(?:libswift|libsystem|libobjc|libdispatch|libxpc|libc\.so|libc\+\+|libdyld|dyld|CoreFoundation|CFNetwork|CoreData|CoreGraphics|CoreLocation|CoreText|CoreAutoLayout|QuartzCore|UIKit\w*|AppKit|Foundation|SwiftUI|Combine|GraphicsServices|WebKit|JavaScriptCore|AVFoundation|MapKit|StoreKit|UserNotifications|FrontBoardServices|BackBoardServices|BoardServices|RunningBoardServices|libclang_rt|\?{3})/;

/** `0x100f38000 + 17880`: an address without a name is known by its place in its image; others lose theirs. */
function called(name: string, image: string): string {
  const bare = /^0x[0-9a-f]{4,16} \+ (\d{1,12})$/.exec(name);
  return bare === null ? name.replace(/ \+ \d{1,12}$/, "") : `${image}!sub_${Number(bare[1]).toString(16)}`;
}

function frameOf(
  name: string,
  image: string,
  file: string | undefined,
  line: string | undefined,
  program: string | null,
): Frame {
  return frame({
    function: called(name, image),
    filename: file ?? null,
    module: image,
    line: line === undefined ? null : Number(line),
    in_app:
      (program === null || image === program || file !== undefined ? !SYSTEM.test(image) : false) &&
      !isNativeMachinery(name) &&
      !/^(?:_assertionFailure|closure #1 in .{0,60}assertionFailure|_start|__libc_start)/.test(name),
  });
}
