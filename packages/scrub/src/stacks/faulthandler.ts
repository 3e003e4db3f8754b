import type { Frame } from "@prunella/contract";
import { isOwnPython } from "./python.ts";
import { errorValue, frame, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * What CPython's faulthandler and its fatal errors print (docs.python.org/3/library/faulthandler): the reason,
 * then every thread with its newest call first. The current thread failed; of a timeout the last one is the
 * main thread.
 */
export const faulthandler: StackParser = {
  language: "python",
  hints: ["most recent call first):"],
  parse: parseFault,
};

const THREAD = /^(Current thread|Thread) 0x[0-9a-f]{4,16}(?: \[.{1,80}\])? \(most recent call first\):$/;
const FRAME = /^ {2}File "(.{1,1500})", line (\d{1,9}|\?\?\?) in (.{1,300})$/;
const REASON =
  /^(Fatal Python error|Windows fatal exception): (.{1,400})$|^(Timeout) \(\d{1,4}:\d\d:\d\d(?:\.\d{1,9})?\)!$/;

function parseFault(lines: readonly string[]): Found | null {
  let reason: RegExpExecArray | null = null;
  let found: Frame[] | null = null;
  let line = 0;
  for (let i = 0; i < lines.length; i++) {
    const said = REASON.exec(lines[i]!);
    if (said !== null) [reason, found] = [said, null];
    const thread = THREAD.exec(lines[i]!);
    if (thread === null || reason === null) continue;
    const { frames, end } = framesBelow(lines, i + 1);
    line = end;
    i = end - 1;
    if (frames.length === 0 || (found !== null && reason[3] === undefined && thread[1] !== "Current thread")) continue;
    found = frames;
  }
  if (reason === null || found === null) return null;
  return { errors: [errorValue(reason[1] ?? reason[3]!, orNull(reason[2]), found)], line };
}

function framesBelow(lines: readonly string[], from: number): { frames: Frame[]; end: number } {
  const frames: Frame[] = [];
  let end = from;
  for (; end < lines.length; end++) {
    const place = FRAME.exec(lines[end]!);
    if (place === null) break;
    frames.push(
      frame({
        function: place[3]!,
        filename: place[1]!,
        line: place[2] === "???" ? null : Number(place[2]),
        in_app: isOwnPython(place[1]!),
      }),
    );
  }
  return { frames: frames.reverse(), end };
}
