import { describe, expect, it } from "vitest";
import { createEngine } from "../../packages/scrub/src/engine/engine.ts";
import { exampleOf } from "../../packages/scrub/src/rules/families/sample.ts";
import { RULES, TYPES } from "../../packages/scrub/src/rules/index.ts";

/**
 * What a text may cost, counted and not timed: looks of rules at keywords. Prose asks for about ten a
 * thousand characters; a text is scanned at most three times until it is settled, and each scan has 400
 * looks and 120 a thousand; those for addresses count an eighth.
 */
let looks = 0;
const engine = createEngine(
  RULES.map((rule) => ({
    ...rule,
    find: (...place: Parameters<typeof rule.find>) => {
      looks += rule.rank === 1 ? 1 / 8 : 1;
      return rule.find(...place);
    },
  })),
  TYPES,
);

function looksAt(text: string): number {
  looks = 0;
  engine.findCuts(text);
  return looks;
}

const again = (unit: string, length: number): string => unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
/** The same, but never twice the same window. */
const counted = (unit: string, length: number): string => {
  let text = "";
  for (let i = 0; text.length < length; i++) text += `${unit}${i.toString(36)} `;
  return text.slice(0, length);
};
const allowed = (length: number): number => 3 * (400 + (length * 120) / 1_000) + 3;

const NAMED = [
  "curl -u ",
  "1,2,3,4\n",
  "a,b,password\n1,2,x\n",
  "a@",
  "::",
  "eyJhbGciOi.",
  btoa("hello world, this reads as text "),
  btoa("password=" + "hunter2hunter2 and "),
  "password=",
  'password="',
  "-----BEGIN PRIVATE KEY-----\n",
  "aB3dE6gH9kL2mN5p\n-----END PRIVATE KEY-----",
  "%67",
  "a\0",
  "\u200b",
  "[REDACTED:EMAIL]a@",
  "0000 0000 ",
  "&{aB3!aB3!x ",
  "seed phrase: ",
];

describe("hostile texts", () => {
  it.each(NAMED)(
    "ask for no more looks than their length allows, again and again and in changing words: %j",
    (unit) => {
      for (const length of [20_000, 80_000, 320_000])
        for (const text of [again(unit, length), counted(unit, length)])
          expect(looksAt(text), `${length}`).toBeLessThanOrEqual(allowed(length) * 2);
    },
  );

  it("of each rule's own words and example ask for no more looks either", () => {
    for (const rule of RULES)
      for (const unit of new Set([
        rule.keywords[0] ?? "",
        `${rule.keywords[0] ?? ""}=`,
        exampleOf(rule),
        exampleOf(rule).slice(0, 24),
      ]))
        expect(looksAt(again(unit, 20_000)), `${rule.name} ${JSON.stringify(unit)}`).toBeLessThanOrEqual(
          allowed(20_000) * 2,
        );
  }, 240_000);

  it("that ask for more leave one placeholder, and real ones never ask for so many", () => {
    const words = ["pw ", "psk ", "sid ", "jwt "];
    const hostile = Array.from({ length: 1_200 }, (_, i) =>
      [...i.toString(4)].map((digit) => words[Number(digit)] ?? "").join(""),
    ).join("");
    expect(engine.findCuts(hostile)).toMatchObject([{ start: 0, end: hostile.length }]);
    const real: Record<string, (i: number) => string> = {
      settings: (i) => `SERVICE_${i}_PASSWORD=Sw0rd${i}fish`,
      table: (i) => `${i},user${i},user${i}@example.com,Sw0rd${i}fish`,
      addresses: (i) => `93.184.${i % 250}.${(i * 7) % 250}`,
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
