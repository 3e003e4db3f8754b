import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { scrubText } from "../../index.ts";
import { FAMILIES } from "./index.ts";
import { seeded, sampleToken } from "./sample.ts";

const clean = (text: string): string => scrubText(text).text.value;

/** True when a piece of 12 characters, or the whole when it is shorter, still stands there. */
function survives(secret: string, text: string): boolean {
  if (secret.length <= 12) return text.includes(secret);
  for (let at = 0; at + 12 <= secret.length; at++) if (text.includes(secret.slice(at, at + 12))) return true;
  return false;
}

describe("the table of families", () => {
  it("holds at least 250, each with a name of its own and a source", () => {
    expect(FAMILIES.length).toBeGreaterThanOrEqual(250);
    expect(new Set(FAMILIES.map((family) => family.name)).size).toBe(FAMILIES.length);
    for (const { name, source } of FAMILIES) {
      expect(name).toMatch(/^[a-z][a-z0-9-]+$/);
      expect(source.length, name).toBeGreaterThan(8);
    }
  });

  it("is understood alike by an engine that cannot backtrack", () => {
    const random = seeded(11);
    for (const family of FAMILIES) {
      const linear = RE2JS.compile(family.pattern);
      const own = new RegExp(`^(?:${family.pattern})$`);
      for (let i = 0; i < 4; i++) {
        const token = sampleToken(family, random);
        const broken = token.slice(0, 3) + "\u00e9" + token.slice(4);
        expect(own.test(token), family.name).toBe(true);
        expect(linear.matches(token), family.name).toBe(true);
        expect(linear.matches(broken), family.name).toBe(own.test(broken));
      }
    }
  });

  it("has no unbounded quantifier, so that no input is slower than linear", () => {
    for (const { name, pattern } of FAMILIES) {
      const outside = pattern.replace(/\\./g, "x").replace(/\[[^\]]*\]/g, "x");
      expect(outside, name).not.toMatch(/[*+]|\{\d+,\}|\(\?[=!<]/);
      for (const [, , most] of outside.matchAll(/\{(\d+)(?:,(\d+))?\}/g))
        expect(Number(most ?? 0), name).toBeLessThanOrEqual(400);
    }
  });

  it("names a keyword that every token of the family begins with", () => {
    const random = seeded(3);
    for (const family of FAMILIES.filter((each) => each.near !== true)) {
      for (let i = 0; i < 12; i++) {
        const token = sampleToken(family, random).toLowerCase();
        const meets = family.keywords.some((keyword) => token.startsWith(keyword, family.lead ?? 0));
        expect(meets, `${family.name}: ${token.slice(0, 12)}`).toBe(true);
      }
    }
  });

  it.each(FAMILIES.map((family) => [family.name, family] as const))("%s goes wherever it stands", (_, family) => {
    const random = seeded(family.name.length + 1);
    for (let i = 0; i < 3; i++) {
      let token = sampleToken(family, random);
      for (let again = 0; again < 20 && !/\d/.test(token); again++) token = sampleToken(family, random);
      const vendor = family.keywords[0]!;
      const texts =
        family.near === true
          ? [
              `${vendor.toUpperCase()}_API_KEY=${token}`,
              `${vendor}_token: "${token}"`,
              `"${vendor}": {"secret": "${token}"}`,
            ]
          : [`value ${token} was refused`, `f("${token}")`, `{"a":{"b":"${token}"}}`];
      const secret = family.keepsKeyword === true ? token.slice(token.search(/[=/ ]/) + 1) : token;
      for (const text of texts) {
        const safe = clean(text);
        expect(survives(secret.split("\n")[0]!, safe.replace(/\[REDACTED:[A-Z0-9_]+\]/g, "\0"))).toBe(false);
        expect(clean(safe)).toBe(safe);
      }
    }
  });
});
