import { ERROR_CLASS, isSymbol } from "./fields.ts";

export { crashFingerprint, projectIdHash } from "@prunella/scrub";

/** Names of functions on top of a stack that make the signature. */
const TOP = 5;

/** `[A-Za-z0-9_.:-]{1,64}`, or `UnknownError`. */
export const errorClass = (name: string): string => (ERROR_CLASS.test(name) ? name : "UnknownError");

/** At most five function names, newest call first, without places. */
export function stackSignature(names: readonly string[]): string[] {
  return names.filter(isSymbol).slice(0, TOP);
}

/** Names of the functions of a V8 stack, newest call first; Node's own frames do not count. */
export function functionNames(stack: string): string[] {
  const names: string[] = [];
  for (const line of stack.split("\n").slice(0, 200)) {
    const [, name = "", place = ""] =
      /^\s{1,8}at (?:async )?(.{1,200}?) \((.{1,1000})\)$/.exec(line.slice(0, 1300)) ?? [];
    if (name === "" || place.startsWith("node:") || place === "native" || place === "<anonymous>") continue;
    names.push(name.replace(/^(?:new|bound|get|set) /, "").replace(/ \[as .{1,120}\]$/, ""));
  }
  return names;
}
