import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KEYS, nearest, PLAIN_KEYS } from "./keys.ts";
import { momentOf } from "./moment.ts";
import { parseQuery } from "./query.ts";
import { tokensOf, written } from "./tokens.ts";
import { endsOf, wordsOf } from "./words.ts";

const asked = (text: string) => {
  const { query, problems } = parseQuery(text);
  expect(problems).toEqual([]);
  return query;
};
const refused = (text: string) => parseQuery(text).problems.map(({ says, nearest: near }) => [says, near] as const);

describe("a query", () => {
  it("is words, quotations, and keys with values", () => {
    const query = asked(
      'release:shop@1.4.0 level:error,fatal is:open cart "payment timeout" tag.Browser:"Fire fox" has:user',
    );
    expect(query.terms.map(({ words, isOpen }) => [words.join(" "), isOpen])).toEqual([
      ["cart", true],
      ["payment timeout", false],
    ]);
    expect(query.conditions).toEqual([
      { name: "release", values: ["shop@1.4.0"], isNegated: false },
      { name: "level", values: ["error", "fatal"], isNegated: false },
      { name: "is", values: ["open"], isNegated: false },
      { name: "tag.Browser", values: ["Fire fox"], isNegated: false },
      { name: "has", values: ["user"], isNegated: false },
    ]);
  });

  it("takes values of one key as alternatives, but asks for all that has to be there", () => {
    expect(asked("level:error level:fatal").conditions).toEqual([
      { name: "level", values: ["error", "fatal"], isNegated: false },
    ]);
    expect(asked("has:user has:release").conditions).toHaveLength(2);
  });

  it.each(["-level:warning", "!level:warning"])("says not by %s", (text) => {
    expect(asked(text).conditions).toEqual([{ name: "level", values: ["warning"], isNegated: true }]);
  });

  it("takes text with colons in it for text where it can be nothing else", () => {
    for (const text of ["TypeError:", "std::vector", "https://shop.example/pay", '"a:b"', "-"])
      expect(asked(text).conditions, text).toEqual([]);
    expect(asked("std::vector").terms[0]?.words).toEqual(["std", "vector"]);
  });

  it("passes over signs between words, and takes signs alone for a search that nothing fits", () => {
    expect(asked("a -> b % c").isWordless).toBe(false);
    expect(asked("%").isWordless).toBe(true);
    for (const text of ["", " ", "-", "!", '"', "level:error"]) expect(asked(text).isWordless, text).toBe(false);
  });

  it("knows other names of its keys", () => {
    expect(asked("env:prod status:muted version:1").conditions.map(({ name }) => name)).toEqual([
      "environment",
      "is",
      "release",
    ]);
  });

  it("says which key or value was probably meant", () => {
    expect(refused("relaese:1")).toEqual([[expect.stringContaining("no key relaese"), "release:"]]);
    expect(refused("level:eror")).toEqual([[expect.stringContaining("fatal, error"), "level:error"]]);
    expect(refused("is:resolvd")).toEqual([[expect.stringContaining("resolved"), "is:resolved"]]);
    expect(refused("zzzzzz:1")).toEqual([[expect.stringContaining("quotes"), null]]);
    expect(refused("since:yesterday")).toEqual([[expect.stringContaining("24h"), null]]);
    expect(refused("-since:1h")).toEqual([[expect.stringContaining("turned round"), "before:"]]);
  });

  it("never throws, and loses nothing: each part is a term, a condition, a time, or a problem that names its place", () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom(
        ...PLAIN_KEYS.map((key) => `${key}:`),
        "tag.x:",
        "-",
        "!",
        '"',
        "\\",
        " ",
        ":",
        ",",
        "24h",
        "error",
      ),
      fc.string({ unit: "binary", maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join("");
        const { problems, query } = parseQuery(text);
        for (const { at, text: shown } of problems) expect(text.slice(at, at + shown.length)).toBe(shown);
        for (const { words } of query.terms) expect(words.length).toBeGreaterThan(0);
        for (const { values } of query.conditions) expect(values.length).toBeGreaterThan(0);
      }),
      { numRuns: 2_000 },
    );
  });

  it("covers its text: tokens stand in order and leave only space between them", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        let from = 0;
        for (const { at, end } of tokensOf(text)) {
          expect(text.slice(from, at).trim()).toBe("");
          expect(end).toBeGreaterThan(at);
          from = end;
        }
        expect(text.slice(from).trim()).toBe("");
      }),
      { numRuns: 1_000 },
    );
  });

  it("reads back every value that it writes", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40 }), (value) => {
        const [token, ...others] = tokensOf(written("user", value));
        expect(others).toEqual([]);
        expect([token?.key, token?.value]).toEqual(["user", value]);
        expect(parseQuery(written("user", value)).query.conditions).toEqual([
          { name: "user", values: [value], isNegated: false },
        ]);
      }),
      { numRuns: 2_000, examples: [[":#"], ["//x"], ["a,b"], ['"'], ["\\"]] },
    );
  });

  it("is bounded", () => {
    const { problems, query } = parseQuery("word ".repeat(500));
    expect(query.terms).toHaveLength(50);
    expect(problems).toHaveLength(1);
  });
});

describe("what was probably meant", () => {
  it("is a key itself when it is typed right, and its rest when it is begun", () => {
    for (const key of PLAIN_KEYS) expect(nearest(key, PLAIN_KEYS)).toBe(key);
    expect(nearest("rel", PLAIN_KEYS)).toBe("release");
    expect(nearest("enviroment", PLAIN_KEYS)).toBe("environment");
    expect(nearest("qwertz", Object.keys(KEYS))).toBeNull();
  });
});

describe("a moment", () => {
  it("is a span or a day, in UTC where nothing is said", () => {
    expect(momentOf("24h")).toEqual({ agoMs: 86_400_000 });
    expect(momentOf("2w")).toEqual({ agoMs: 1_209_600_000 });
    expect(momentOf("2026-11-01")).toEqual({ at: Date.UTC(2026, 10, 1) });
    expect(momentOf("2026-11-01T08:30+02:00")).toEqual({ at: Date.UTC(2026, 10, 1, 6, 30) });
    for (const text of [
      "2026-02-30",
      "1969-12-31",
      "2026-11-01T25:00",
      "",
      "h",
      "24",
      "2026-13-01",
      "1e3h",
      "yesterday",
    ])
      expect(momentOf(text), text).toBeNull();
  });
});

describe("a day", () => {
  it("is the one that the calendar of the machine has", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date("2399-12-31T23:59:59Z"), noInvalidDate: true }), (date) => {
        const text = `${date.toISOString().slice(0, 19)}Z`;
        expect(momentOf(text)).toEqual({ at: Date.parse(text) });
      }),
    );
  });
});

describe("words", () => {
  it("are letters and digits that stand together, in lower case and one form", () => {
    expect(wordsOf("Cannot read /srv/shop/src/pay.js: ÜBER\u0041\u030a 支払い失敗")).toEqual([
      "cannot",
      "read",
      "srv",
      "shop",
      "src",
      "pay",
      "js",
      "überå",
      "支",
      "払",
      "い",
      "失",
      "敗",
    ]);
  });

  it("of a name are found by what it ends with", () => {
    expect(endsOf("getUserName")).toEqual(["username", "name"]);
    expect(endsOf("HTTPServer")).toEqual(["server"]);
    expect(endsOf("plain")).toEqual([]);
  });

  it("hold nothing that an engine could take for a sign of its own", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
        for (const word of wordsOf(text)) expect(word).not.toMatch(/[\s'"\\:*&|!()<>·\u0000]/);
      }),
      { numRuns: 2_000 },
    );
  });
});
