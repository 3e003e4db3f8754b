import type { Day, DaySlot } from "@prunella/contract";
import { span } from "../parts/time.tsx";
import { plural } from "../parts/words.ts";

/** Height and colour both say it: a full red bar is a crash, a low grey one a person's stop, a line nobody's watch. */
const LOOK: Record<DaySlot["state"], { from: number; fill: string }> = {
  running: { from: 8, fill: "var(--good)" },
  waiting: { from: 0, fill: "var(--bad)" },
  stopped: { from: 14, fill: "var(--edge)" },
  gone: { from: 19, fill: "var(--line)" },
};
const WIDE = 5;
const TALL = 20;

/** The last 24 hours in half hours, now at the right. */
export function DayStrip({ day, name }: { day: Day; name: string }) {
  const width = day.slots.length * WIDE;
  return (
    <div className="max-w-60">
      <svg
        viewBox={`0 0 ${width} ${TALL}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`The last 24 hours of ${name}: ${dayWords(day)}`}
        className="block h-5 w-full"
      >
        {day.slots.map(({ state }, at) => (
          <rect
            key={at}
            x={at * WIDE + 0.5}
            y={LOOK[state].from}
            width={WIDE - 1}
            height={TALL - LOOK[state].from}
            fill={LOOK[state].fill}
          />
        ))}
      </svg>
      <div aria-hidden="true" className="mt-0.5 flex justify-between text-xs text-quiet">
        <span>24 h ago</span>
        <span>now</span>
      </div>
    </div>
  );
}

/** "up 23 h, 6 crashes". */
export function dayWords({ up_ms: upMs, crashes, slots }: Day): string {
  const isWatched = slots.some(({ state }) => state !== "gone");
  const up = isWatched ? `up ${span(upMs)}` : "not watched";
  return crashes === 0 ? `${up}, no crash` : `${up}, ${plural(crashes, "crash", "crashes")}`;
}
