import { describe, expect, it } from "vitest";
import { openServer } from "../end-to-end/server-fixture.ts";

/** A rule that somebody copied from a page, or wrote at night: no server starts with one that can hang it. */
const start = (pattern: string) =>
  openServer({ scrub: { rules: [{ name: "acme-token", type: "ACME_TOKEN", keywords: ["ab"], pattern }] } });

describe("a rule of one's own", () => {
  it.each([
    ["the same alternative twice", "(a|a){26}b"],
    ["an alternative that is another's beginning", "(?:a|ab){20}c"],
    ["one set inside another", "(?:[a-f]|[e-z]){18}1"],
    ["classes that share characters", "(?:\\w|\\d){18}!"],
    ["a set and what it leaves out", "(?:[^\\n]|.){24}x"],
    ["an escape and a set", "(?:\\.|[.]){26}x"],
    ["a code in hex", "(?:a|\\x61){26}b"],
    ["a code in a set", "(?:a|[\\u0061]){26}b"],
    ["an alternative that may be empty", "(?:|a){26}b"],
    ["a repetition inside a repetition", "(?:a{1,9}){1,9}b"],
    ["an option, repeated", "(?:a?){24}b"],
    ["an edge that takes nothing, twice", "(?:\\b|\\b){20}a{1,2}!"],
    ["three lengths in a row", "a{0,90}b{0,90}a{0,90}c"],
    ["lazy lengths in a row", "a{0,90}?a{0,90}?a{0,90}?c"],
    ["characters outside ASCII", "(?:é|è|ê){26}b"],
    ["more digits than a number needs", "(a|a){00026}b"],
    ["a number of five digits", "(a|a){99999}b"],
    ["a long number as the upper end", "a{0,99999}a{0,99999}a{0,99999}b"],
    ["zeros before both ends", "a{00000,00099}a{00000,00099}a{00000,00099}b"],
    ["no upper end", "a{1,}b"],
    ["no end at all", "(?:a+)+b"],
  ])("with %s is refused before the server is up: %s", async (_kind, pattern) => {
    await expect(start(pattern)).rejects.toMatchObject({
      code: "PRUNELLA_CONFIG_INVALID",
      detail: expect.stringContaining('rule "acme-token": pattern'),
    });
  });

  it.each(["(?:abc){2}d", "(?:[0-9]{2}:){5}[0-9]{2}", "ab_[a-z0-9]{20,40}", "(?:foo|bar|qux){3}ab"])(
    "that is bounded is taken, also with groups and alternatives: %s",
    async (pattern) => {
      await (await start(pattern))[Symbol.asyncDispose]();
    },
  );
});
