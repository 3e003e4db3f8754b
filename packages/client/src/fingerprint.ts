import { createHash } from "node:crypto";
import { ERROR_CLASS, isSymbol } from "./fields.ts";

/** Names of functions on top of a V8 stack that make the signature. */
const TOP = 5;

/** sha256(class, newline, names joined by newlines): the key of FORMATS section 2, which the server computes again. */
export function crashFingerprint(errorClass: string, signature: readonly string[]): string {
  return createHash("sha256")
    .update(`${errorClass}\n${signature.join("\n")}`)
    .digest("hex");
}

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
    names.push(name.replace(/ \[as .{1,120}\]$/, ""));
  }
  return names;
}

/** sha256 of the remote as ssh and https forms of it agree: no scheme, user, `.git`, slash at the end; host in small letters. */
export function projectIdHash(remote: string | null): string {
  return createHash("sha256")
    .update(remote === null ? "no-remote" : normaliseRemote(remote))
    .digest("hex");
}

function normaliseRemote(remote: string): string {
  const bare = remote
    .trim()
    .slice(0, 1000)
    .replace(/^[a-z][a-z0-9+.-]{0,30}:\/\//i, "")
    .replace(/^[^@/]{0,200}@/, "")
    .replace(/\/{1,20}$/, "")
    .replace(/\.git$/i, "")
    .replace(/\/{1,20}$/, "");
  const [, host = bare, path = ""] = /^([^/:]{1,255})(?::(?!\d{1,5}\/)|\/|(?=:))(.*)$/.exec(bare) ?? [];
  return path === ""
    ? host.toLowerCase()
    : `${host.toLowerCase()}${path.startsWith(":") ? "" : "/"}${path.replace(/^\/{1,20}/, "")}`;
}
