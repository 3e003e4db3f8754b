import { describe, expect, it } from "vitest";
import { hostileTexts, textsOfRule, type HostileText } from "../../bench/hostile-texts.ts";
import { createEngine } from "../../packages/scrub/src/engine/engine.ts";
import { RULES, TYPES } from "../../packages/scrub/src/rules/index.ts";

/**
 * What a text may cost, counted and not timed: looks of rules at keywords, and readings of the whole text.
 * Prose asks for about ten looks a thousand characters and is read once. `npm run bench:scrub -- --hostile`
 * says what the same texts cost in time.
 */
let looks = 0;
let readings = 0;
/** Stands at the end of a text, so its guard is asked once in each reading. */
const END = " zqjxkvw";
const engine = createEngine(
  [
    ...RULES.map((rule) => ({
      ...rule,
      find: (...place: Parameters<typeof rule.find>) => {
        looks += rule.rank === 1 ? 1 / 8 : 1;
        return rule.find(...place);
      },
    })),
    {
      type: "SECRET",
      rank: 1,
      find: () => null,
      name: "end",
      keywords: [END.trim()],
      guard: () => {
        readings += 1;
        return false;
      },
    },
  ],
  TYPES,
);

const LENGTHS = [20_000, 80_000, 320_000];
/** One budget for all rounds: 120 looks a thousand, and 48 more for those who are read once. */
const A_THOUSAND = 170;
const FREE = 500;
/** What one text is read through at most. */
const READINGS = 6;

function expectBounded({ name, make }: HostileText, length: number): void {
  looks = readings = 0;
  engine.findCuts(make(length) + END);
  expect(looks, `looks of ${name} at ${length}`).toBeLessThanOrEqual(FREE + (length * A_THOUSAND) / 1_000);
  expect(readings, `readings of ${name} at ${length}`).toBeLessThanOrEqual(READINGS);
}

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
    for (const rule of RULES)
      for (const [at, text] of textsOfRule(rule).entries())
        // Another quarter of them for each rule; the bench runs all.
        if ((at + rule.name.length) % 4 === 0) expectBounded(text, 5_000);
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
    expect(engine.findCuts(hostile)).toMatchObject([{ start: 0, end: hostile.length }]);
    const real: Record<string, (i: number) => string> = {
      settings: (i) => `SERVICE_${i}_PASSWORD=Sw0rd${i}fish`,
      "settings with escapes": (i) => `SERVICE_${i}_PASSWORD=Sw0rd${i}fish&next=%2Fa%2Fb${i}`,
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
        (engine.findCuts(text) ?? []).some(({ start, end }) => end - start > 200),
        name,
      ).toBe(false);
    }
  });
});
