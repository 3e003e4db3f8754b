import type { Frame } from "@prunella/contract";
import { frame } from "./stack.ts";

const CALL = /^(?:([^@\s]{1,200})@)?(?:.{0,200}:)?\d{1,9}:\d{1,9}$/;

/**
 * React Native hands an error of its script to the platform as a message with the script's stack in it:
 * `TypeError: …, stack:`, then `hatch@1:4521`, newest call first. The platform's own frames only report it.
 */
export function scriptFrames(message: string): { said: string; frames: Frame[] } | null {
  const at = message.search(/, stack:\n/);
  if (at < 0) return null;
  const frames: Frame[] = [];
  for (const line of message.slice(at + 9).split("\n", 100)) {
    const call = CALL.exec(line.trim());
    // Columns of a bundle move with every build, and names do not.
    if (call?.[1] !== undefined) frames.push(frame({ function: call[1], filename: "index.bundle.js", in_app: true }));
    else if (call === null && line.trim() !== "") break;
  }
  return frames.length === 0 ? null : { said: message.slice(0, at), frames: frames.reverse() };
}
