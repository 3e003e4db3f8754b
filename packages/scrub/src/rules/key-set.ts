import { isRandom } from "../keys/value.ts";
import { RANK, type Rule } from "../engine/rule.ts";

/** RFC 7517 and RFC 7518, section 6: the members of a key that only its owner knows. */
const PRIVATE_MEMBERS: ReadonlySet<string> = new Set(["d", "k", "p", "q", "dp", "dq", "qi", "oth"]);
/** What stands next to them in such a key. */
const COMPANY = /["'](?:kty|key_ops|crv|alg|dp|dq|qi|AQAB)\\{0,31}["']/;

/** The end of the member in front, too long for its name to be seen. */
const BEHIND_ANOTHER = /[A-Za-z0-9_-]{40}\\{0,31}["'],\s{0,20}\\{0,30}$/;

/** Private members of a JSON Web Key. Their names are single letters, so the key around them must show. */
export const WEB_KEY: Rule = {
  name: "json-web-key",
  type: "PRIVATE_KEY",
  rank: RANK.token,
  keywords: [...PRIVATE_MEMBERS].flatMap((name) => [`"${name}"`, `'${name}'`, `"${name}\\`]),
  guard: (text, _start, end) => {
    const next = text.charCodeAt(end);
    return next === 58 || next === 32 || next === 34 || next === 92;
  },
  find(text, start, end, lo, hi) {
    const match = /^\\{0,31}["']?\s{0,3}:\s{0,3}\\{0,31}["']([A-Za-z0-9_-]{16,})(={0,2})\\{0,31}(["']|$)/.exec(
      text.slice(end, hi),
    );
    if (match === null || !isRandom(match[1]!.slice(0, 400))) return null;
    if (
      !COMPANY.test(text.slice(lo, start)) &&
      !BEHIND_ANOTHER.test(text.slice(lo, start)) &&
      !COMPANY.test(text.slice(end + match[0].length, hi))
    )
      return null;
    const from = end + match[0].indexOf(match[1]!);
    return { start: from, end: from + match[1]!.length + match[2]!.length, open: match[3] === "" };
  },
  tail: (code) => code > 32 && code !== 34 && code !== 39 && code !== 92,
  example: () => '{"kty":"oct","k":"' + "aB3dE6gH9kL2mN5p".repeat(2) + '"}',
};

/** Google's Tink writes key sets without encryption in one form of JSON. */
export const TINK_KEY: Rule = {
  name: "tink-key",
  type: "PRIVATE_KEY",
  rank: RANK.token,
  keywords: ["google.crypto.tink."],
  find(text, _start, end, _lo, hi) {
    const match =
      /^(\w{3,60})\\{0,31}"\s{0,20},\s{0,40}(?:\\{0,31}"keyMaterialType\\{0,31}"\s{0,3}:\s{0,3}\\{0,31}"\w{4,24}\\{0,31}"\s{0,20},\s{0,40})?\\{0,31}"value\\{0,31}"\s{0,3}:\s{0,3}\\{0,31}"([A-Za-z0-9+/_=-]{12,})/.exec(
        text.slice(end, hi),
      );
    if (match === null || match[1]!.endsWith("PublicKey")) return null;
    const stop = end + match[0].length;
    return { start: stop - match[2]!.length, end: stop, open: stop >= hi };
  },
  tail: (code) => code > 32 && code !== 34 && code !== 92,
  example: () =>
    '"typeUrl":"type.googleapis.com/google.crypto.tink.AesGcmKey","value":"' + "GhDLqUxXbS6q9sKm".repeat(2) + '"',
};

const TINK_MEMBERS: ReadonlySet<string> = new Set(["value"]);

/** Which members of a JSON Web Key, or of a key of Tink, are its secret. */
export function privateMembers(object: Record<string, unknown>): ReadonlySet<string> | null {
  if (typeof object["kty"] === "string") return PRIVATE_MEMBERS;
  const url = object["typeUrl"];
  return typeof url === "string" && url.includes("google.crypto.tink.") && !url.endsWith("PublicKey")
    ? TINK_MEMBERS
    : null;
}
