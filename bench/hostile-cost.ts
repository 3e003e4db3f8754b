import { scrubText } from "../packages/scrub/src/index.ts";
import { hostileTexts, plainProse, prose } from "./hostile-texts.ts";

/** The machine has other work and counts its time in coarse ticks: CPU time of so many passes, at least so long. */
const LEAST_PASSES = 3;
/** Code that a text is the first to reach is compiled in these. */
const WARM_UP = 6;
const LEAST_MS = 40;
const WORST = 20;

/** What each hostile text costs as a multiple of prose of its length. `every`: only each so many-th text. */
export function measureHostile(length: number, every: number): object {
  for (let i = 0; i < 300; i++) scrubText(`${i} ${prose(length)}`);
  const baseline = milliseconds(prose(length));
  const plain = milliseconds(plainProse(length));
  const texts = hostileTexts().filter((_, at) => at % every === 0);
  const factors = texts
    .map(({ name, make }) => ({ name, factor: milliseconds(make(length)) / baseline }))
    .sort((a, b) => b.factor - a.factor);
  for (const { name, factor } of factors.slice(0, WORST)) process.stdout.write(`${factor.toFixed(1)}  ${name}\n`);
  return {
    length,
    texts: texts.length,
    scrub_worst_factor: round(factors[0]?.factor ?? 0),
    scrub_p99_factor: round(factors[Math.floor(factors.length / 100)]?.factor ?? 0),
    above_four: factors.filter(({ factor }) => factor > 4).length,
    /** What prose costs against sentences that hold no word a rule looks at. */
    prose_factor: round(baseline / plain),
    prose_mb_per_s: round(length / 1_000 / baseline),
  };
}

let serial = 0;

function milliseconds(text: string): number {
  let used = 0;
  let passes = 0;
  // Never the same text twice.
  const fresh = (): string => Buffer.from(`${serial++} ${text.slice(4)}.`).toString();
  for (let pass = 0; pass < WARM_UP; pass++) scrubText(fresh());
  for (; passes < LEAST_PASSES || used < LEAST_MS; passes++) {
    const one = fresh();
    const start = process.cpuUsage();
    scrubText(one);
    const { user, system } = process.cpuUsage(start);
    used += (user + system) / 1_000;
  }
  return used / passes;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
