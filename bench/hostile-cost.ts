import { scrubText } from "../packages/scrub/src/index.ts";
import { hostileTexts, plainProse, prose } from "./hostile-texts.ts";

/** Code that a text is the first to reach is compiled in the first passes; what the machine does besides only adds. */
const PASSES = 6;
const WORST = 20;

/** What each hostile text costs as a multiple of prose of its length. `every`: only each so many-th text. */
export function measureHostile(length: number, every: number): object {
  const text = prose(length);
  for (let i = 0; i < 300; i++) milliseconds(text);
  const ofProse: number[] = [];
  const ofPlain: number[] = [];
  const texts = hostileTexts().filter((_, at) => at % every === 0);
  const costs = texts.map(({ name, make }) => {
    const hostile = make(length);
    let least = Infinity;
    // In turn, so that both meet the same machine.
    for (let pass = 0; pass < PASSES; pass++) {
      least = Math.min(least, milliseconds(hostile));
      ofProse.push(milliseconds(text));
    }
    ofPlain.push(milliseconds(plainProse(length)));
    return { name, least };
  });
  // One of six, as the least of a hostile text is.
  const baseline = sixth(ofProse);
  const factors = costs
    .map(({ name, least }) => ({ name, factor: least / baseline }))
    .sort((a, b) => b.factor - a.factor);
  for (const { name, factor } of factors.slice(0, WORST)) process.stdout.write(`${factor.toFixed(1)}  ${name}\n`);
  return {
    length,
    texts: texts.length,
    scrub_worst_factor: round(factors[0]?.factor ?? 0),
    scrub_p99_factor: round(factors[Math.floor(factors.length / 100)]?.factor ?? 0),
    above_four: factors.filter(({ factor }) => factor > 4).length,
    /** What prose costs against sentences that hold no word a rule looks at. */
    prose_factor: round(baseline / sixth(ofPlain)),
    prose_mb_per_s: round(length / 1_000 / baseline),
  };
}

let serial = 0;

/** CPU time of one pass. */
function milliseconds(text: string): number {
  // Never the same text twice.
  const one = Buffer.from(`${serial++} ${text.slice(4)}.`).toString();
  const start = process.cpuUsage();
  scrubText(one);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

function sixth(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / PASSES)] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
