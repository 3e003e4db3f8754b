/**
 * Names of the functions of a V8 stack, newest call first; Node's own frames do not count. A message that
 * looks like frames is none of them: with `message` it is cut out of the head, and without, or when the
 * head has another one, only the last block of frames counts.
 */
export function functionNames(stack: string, message = ""): string[] {
  const names: string[] = [];
  for (const line of framesOf(stack, message).slice(0, 200)) {
    const [, name = "", place = ""] =
      /^\s{1,8}at (?:async )?(.{1,200}?) \((.{1,1000})\)$/.exec(line.slice(0, 1300)) ?? [];
    if (name === "" || place.startsWith("node:") || place === "native" || place === "<anonymous>") continue;
    names.push(name.replace(/^(?:new|bound|get|set) /, "").replace(/ \[as .{1,120}\]$/, ""));
  }
  return names;
}

const FRAME = /^\s{1,8}at \S/;

function framesOf(stack: string, message: string): string[] {
  const at = message === "" ? -1 : stack.indexOf(message);
  const lines = (at < 0 ? stack : stack.slice(at + message.length)).split("\n").slice(1);
  const isFrame = (line: string): boolean => FRAME.test(line);
  if (at >= 0) {
    const first = lines.findIndex(isFrame);
    const behind = lines.findIndex((line, index) => index > first && !isFrame(line));
    return first < 0 ? [] : lines.slice(first, behind < 0 ? undefined : behind);
  }
  const last = lines.findLastIndex(isFrame);
  const before = lines.findLastIndex((line, index) => index < last && !isFrame(line));
  return lines.slice(before + 1, last + 1);
}
