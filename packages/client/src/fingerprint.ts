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
