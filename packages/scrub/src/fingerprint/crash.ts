import type { ErrorValue } from "@prunella/contract";
import { scrubString } from "../faces/scrub-text.ts";
import { sha256 } from "../text/sha256.ts";
import type { DeepReadonly } from "../faces/scrubbed.ts";

/** Names of a crash payload's signature. */
const TOP = 5;

/** The fingerprint of an anonymous report, as docs/PRIVACY.md gives it: 64 lower-case hex digits. */
export function crashFingerprint(errorClass: string, signature: readonly string[]): string {
  return sha256(`${errorClass}\n${signature.join("\n")}`);
}

/**
 * The newest five symbol names of what was thrown, crash first, without places. Names are scrubbed
 * and hold no blanks, so the signature of a scrubbed stack is the signature of the raw one.
 */
export function stackSignature(parsed: { readonly errors: readonly DeepReadonly<ErrorValue>[] } | null): string[] {
  const frames = parsed?.errors.findLast((error) => error.frames.length > 0)?.frames ?? [];
  const names: string[] = [];
  for (let i = frames.length - 1; i >= 0 && names.length < TOP; i--) {
    const name = symbolOf(frames[i]!.function);
    if (name !== null) names.push(name);
  }
  return names;
}

function symbolOf(name: string | null): string | null {
  if (name === null) return null;
  const safe = scrubString(name, ignore)
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^(?:async|new|bound|get|set) /, "")
    .replace(/ \[as [^\]]{0,200}\]$/, "")
    .replace(/\(.{0,1200}$/, "")
    .slice(0, 200);
  return safe === "" || /^<.{0,40}>$|^\?+$/.test(safe) ? null : scrubString(safe, ignore);
}

/**
 * sha256 of a remote in normal form; its ssh and https forms are equal. Scheme, user, port of the
 * scheme, `.git` and a slash at the end go, the host is lower case. None gives sha256("no-remote").
 */
export function projectIdHash(remote: string | null): string {
  return sha256(remote === null || remote.trim() === "" ? "no-remote" : normalRemote(remote));
}

/** `github.com/octocat/repo` for every way to write it. */
function normalRemote(remote: string): string {
  let rest = remote
    .trim()
    .slice(0, 2048)
    .replace(/^[A-Za-z][A-Za-z0-9+.-]{0,30}:\/\//, "");
  const slash = rest.indexOf("/");
  const at = rest.lastIndexOf("@", slash < 0 ? rest.length : slash);
  if (at >= 0) rest = rest.slice(at + 1);
  // `host:owner/repo` is ssh's short form; a port is digits alone.
  rest = rest.replace(/^([^/:]{1,255}):(?:(\d{1,5})(?=\/))?\/{0,4}/, (_all, host: string, port: string | undefined) =>
    port === undefined || /^(?:22|80|443)$/.test(port) ? `${host}/` : `${host}:${port}/`,
  );
  rest = rest
    .replace(/^([^/]{1,255})\/{2,8}/, "$1/")
    .replace(/\/{1,8}$/, "")
    .replace(/\.git$/, "")
    .replace(/\/{1,8}$/, "");
  const end = rest.indexOf("/");
  return end < 0 ? rest.toLowerCase() : rest.slice(0, end).toLowerCase() + rest.slice(end);
}

function ignore(): void {}
