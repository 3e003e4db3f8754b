import { FRAME, frameOf, withoutCore } from "./ruby.ts";
import { errorValue, frame, MAX_FRAMES, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * Ruby's own crash: `file:line: [BUG] Segmentation fault at 0x…`, then pages about the process, C's
 * frames last. The program's stand under a heading of their own, oldest first.
 */
export const rubyBug: StackParser = { language: "ruby", hints: ["[BUG] "], parse: parseBug };

const HEAD = /^(?:(.{1,600}?):(\d{1,9}): )?\[BUG\] (.{1,300})$/;

function parseBug(lines: readonly string[]): Found | null {
  const at = lines.findIndex((each) => HEAD.test(each));
  if (at < 0) return null;
  const [, file, line, said] = HEAD.exec(lines[at]!)!;
  const newest = [];
  const heading = lines.findIndex((each, i) => i > at && each.startsWith("-- Ruby level backtrace information"));
  for (let i = heading + 1; heading >= 0 && i < lines.length && newest.length < MAX_FRAMES; i++) {
    const called = FRAME.exec(lines[i]!);
    if (called === null) break;
    newest.unshift(frameOf(called));
  }
  if (newest.length === 0 && file !== undefined)
    newest.push(frame({ filename: file, line: Number(line), in_app: true }));
  // All that follows is of the same crash, C's frames too.
  return { errors: [errorValue("BUG", orNull(said), withoutCore(newest).reverse())], line: lines.length };
}
