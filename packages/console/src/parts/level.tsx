import type { Level as LevelName } from "@prunella/contract";

/** How many of the four bars are filled. A fault's state has signs of its own, which these must not look like. */
const LOOK: Record<LevelName, { colour: string; bars: number }> = {
  fatal: { colour: "text-bad", bars: 4 },
  error: { colour: "text-bad", bars: 3 },
  warning: { colour: "text-warn", bars: 2 },
  info: { colour: "text-quiet", bars: 1 },
  debug: { colour: "text-quiet", bars: 0 },
};
const BARS = [0, 1, 2, 3].map((bar) => `M${bar * 3.4} ${8 - bar * 2.4}h2.4v${3.5 + bar * 2.4}h-2.4z`);

/** How severe: as many bars as it is worse, with the word beside them. */
export function Level({ level }: { level: LevelName }) {
  const { colour, bars } = LOOK[level];
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap text-sm">
      <svg width="13" height="12" viewBox="0 0 13 12" aria-hidden="true" className={`shrink-0 ${colour}`}>
        <path d={BARS.slice(0, bars).join("")} fill="currentColor" />
        <path d={BARS.slice(bars).join("")} fill="currentColor" opacity="0.28" />
      </svg>
      {level}
    </span>
  );
}
