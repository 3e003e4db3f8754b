import type { SecretKey } from "./secret-key.ts";
import { isCode, isHarmless, isLabel, isNoSecret, looksSecret } from "./value.ts";

/** A member of an object in JSON with a text for a value, or a brace. */
const MEMBER = /"(?:[^"\\\n]|\\.){1,64}"\s{0,8}:\s{0,8}"((?:[^"\\\n]|\\.){1,200})"|[{}]/y;
const MEMBERS = 16;

type Nested = { start: number; end: number; open: boolean; more: { start: number; end: number }[] };

/**
 * `"secrets": {"shop": {"live": "…"}}`: what stands below such a key in JSON, as the same object loses it.
 * Plain words describe it: `"password": {"type": "string"}`. `at`: the opening brace.
 */
export function nestedValues(text: string, at: number, hi: number, key: SecretKey): Nested | null {
  const window = text.slice(at, hi);
  const found: { start: number; end: number }[] = [];
  let depth = 0;
  for (let from = 0; from < window.length && found.length < MEMBERS;) {
    MEMBER.lastIndex = from;
    const match = MEMBER.exec(window);
    if (match === null) {
      from++;
      continue;
    }
    from = MEMBER.lastIndex;
    if (match[0] === "{") depth++;
    else if (match[0] === "}" && --depth === 0) break;
    const value = match[1];
    if (value === undefined || isNoSecret(value, key) || isHarmless(value) || isLabel(value) || isCode(value, true, 34))
      continue;
    if (looksSecret(value, ":", false)) {
      const end = at + MEMBER.lastIndex - 1;
      found.push({ start: end - value.length, end });
    }
  }
  const [first, ...more] = found;
  return first === undefined ? null : { ...first, open: false, more };
}
