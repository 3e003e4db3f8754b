import { describe, expect, it } from "vitest";
import { hostileTexts, prose, textsOfRule } from "../../bench/hostile-texts.ts";
import { applyCuts } from "../../packages/scrub/src/engine/engine.ts";
import { RULES } from "../../packages/scrub/src/rules/index.ts";
import { cutsOf, expectBounded, LENGTHS, stepsOf, timesProse } from "./scrub-steps.ts";

describe("hostile texts", () => {
  const own = new Set(RULES.flatMap((rule) => textsOfRule(rule).map(({ name }) => name)));
  const shapes = hostileTexts().filter(({ name }) => !own.has(name));

  it.each(LENGTHS)(
    "of every shape ask for no more than their length allows, at %i characters",
    (length) => {
      expect(shapes.length).toBeGreaterThan(100);
      // The longest are few: what bounds them is the same count.
      for (const [at, text] of shapes.entries()) if (length < 100_000 || at % 4 === 0) expectBounded(text, length);
    },
    240_000,
  );

  it("of each rule's own words, example and near misses ask for no more either", () => {
    let texts = 0;
    for (const rule of RULES)
      for (const [at, text] of textsOfRule(rule).entries()) {
        // Others for each rule; `npm run attack` takes all.
        if ((at + rule.name.length) % 24 !== 0) continue;
        texts++;
        expectBounded(text, 20_000);
      }
    expect(texts).toBeGreaterThan(RULES.length);
  }, 240_000);

  it("of a few rules ask for no more when they are long", () => {
    for (const rule of RULES.filter((_, at) => at % 60 === 0))
      for (const [at, text] of textsOfRule(rule).entries()) if (at % 6 === 0) expectBounded(text, 80_000);
  }, 240_000);

  it("that ask for more leave one placeholder, and real ones never ask for so many", () => {
    const words = ["pw ", "psk ", "sid ", "jwt "];
    const hostile = Array.from({ length: 1_200 }, (_, i) =>
      [...i.toString(4)].map((digit) => words[Number(digit)] ?? "").join(""),
    ).join("");
    expect(cutsOf(hostile)).toMatchObject([{ start: 0, end: hostile.length }]);
    const real: Record<string, (i: number) => string> = {
      settings: (i) => `SERVICE_${i}_PASSWORD=Sw0rd${i}fish`,
      "settings with escapes": (i) => `SERVICE_${i}_PASSWORD=Sw0rd${i}fish&next=%2Fa%2Fb${i}`,
      "settings, one password": (i) => `SERVICE_${i}_PASSWORD=Sw0rdfish77 # ${i}`,
      table: (i) => `${i},user${i},user${i}@example.com,Sw0rd${i}fish`,
      addresses: (i) => `93.184.${i % 250}.${(i * 7) % 250}`,
      "addresses of six": (i) => `connect from 2a00:1450:4001:${i.toString(16)}::200e port ${i}`,
      access: (i) => `93.184.216.${i % 250} - - "GET /x?token=aB3dE6gH9kL2${i} HTTP/1.1" 200 12 "Chrome/120.0.0.0"`,
      trace: (i) => `#${i} 0x00007f${i}a in boost::asio::detail::scheduler::run(boost::system::error_code&) a::b::c`,
      objects: (i) => `{"user":"u${i}@example.com","password":"Sw0rd${i}fish","token":"aB3dE6gH9kL2mN5p${i}"},`,
    };
    for (const [name, line] of Object.entries(real)) {
      const text = Array.from({ length: 1_500 }, (_, i) => line(i)).join("\n");
      expect(
        (cutsOf(text) ?? []).some(({ start, end }) => end - start > 200),
        name,
      ).toBe(false);
      // The dearest that anybody writes: nothing but secrets.
      expect(timesProse(text), name).toBeLessThan(4);
    }
  });

  it("are told after a few pages, however long they are", () => {
    const hostile = (length: number): string => Array.from({ length: length / 9 }, (_, i) => `pw=${i}x9 psk:`).join("");
    expect(cutsOf(hostile(320_000))).toHaveLength(1);
    // Counted to its end it would spend all that its length allows. Most of this is one reading.
    expect(timesProse(hostile(320_000))).toBeLessThan(1);
  });

  it("of words that need a closer look are read no further, and rules of one character are", () => {
    for (const word of ["sk_", "lmb_=", "a@", "0.", "sk_ "]) {
      const text = word.repeat(20_000 / word.length);
      expect(cutsOf(text), word).toHaveLength(1);
      expect(timesProse(text), word).toBeLessThan(4);
    }
    for (const rule of ["x", "a", "-", "=", "*", ":"]) expect(cutsOf(rule.repeat(20_000)), rule).toBeNull();
  });

  it("change nothing the second time, with real text in front of them and behind", () => {
    const settings = Array.from({ length: 150 }, (_, i) => `SERVICE_${i}_PASSWORD=Sw0rd${i}fish\n`).join("");
    const texts = hostileTexts().filter((_, at) => at % 400 === 3);
    for (const { name, make } of texts)
      for (const text of [settings + make(3_000), make(5_000) + settings, prose(4_000) + make(3_000) + settings]) {
        const once = applyCuts(text, cutsOf(text) ?? []);
        expect(cutsOf(once), name).toBeNull();
      }
  }, 120_000);

  it("cost the same number of steps each time, and more when there is more to look at", () => {
    const dense = Array.from({ length: 200 }, (_, i) => `SERVICE_${i}_PASSWORD=Sw0rd${i}fish`).join("\n");
    expect(stepsOf(dense)).toBe(stepsOf(dense));
    expect(stepsOf(dense)).toBeGreaterThan(2 * stepsOf(dense.replaceAll("PASSWORD", "HOSTNAME")));
  });
});
