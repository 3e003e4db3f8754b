import { lazy, Suspense, useId, useMemo, useState } from "react";
import type { Attempt, FaultDetail } from "@prunella/contract";
import { useNow, utc } from "../parts/time.tsx";
import { plural, actionWords } from "../parts/words.ts";

const TrendChart = lazy(() => import("./trend-chart.tsx").then((module) => ({ default: module.TrendChart })));

const HOUR = 3_600_000;
const HOURS = 7 * 24;

export type Mark = { at: number; kind: "release" | "attempt"; label: string };
export type Hours = { starts: number[]; counts: number[] };

/** Events by the hour over seven days, as a plot or as the same numbers in a table. */
export function Trend({ detail }: { detail: FaultDetail }) {
  const [table, setTable] = useState(false);
  const headingId = useId();
  const hour = Math.floor(useNow() / HOUR) * HOUR;
  const hours = useMemo(() => fill(detail.trend, hour), [detail.trend, hour]);
  const from = hours.starts[0] ?? 0;
  const marks = useMemo(
    () => marksOf(detail.releases, detail.attempts, from),
    [detail.releases, detail.attempts, from],
  );
  return (
    <section aria-labelledby={headingId}>
      <div className="flex items-center justify-between gap-4">
        <h2 id={headingId} className="section-title">
          Trend by the hour, 7 days
        </h2>
        <button
          type="button"
          className="button button-plain button-small"
          aria-pressed={table}
          onClick={() => setTable(!table)}
        >
          {table ? "Show as plot" : "Show as table"}
        </button>
      </div>
      {table ? (
        <TrendTable hours={hours} marks={marks} />
      ) : (
        <Suspense fallback={<div className="h-51" />}>
          <TrendChart hours={hours} marks={marks} />
        </Suspense>
      )}
    </section>
  );
}

function TrendTable({ hours, marks }: { hours: Hours; marks: Mark[] }) {
  const rows = hours.starts
    .map((start, index) => ({
      start,
      count: hours.counts[index] ?? 0,
      marks: marks.filter(({ at }) => at >= start && at < start + HOUR),
    }))
    .filter(({ count, marks: here }) => count > 0 || here.length > 0)
    .toReversed();
  return (
    <div
      className="h-51 overflow-auto rounded-md border border-line"
      tabIndex={0}
      role="region"
      aria-label="Events by the hour"
    >
      <table className="w-full text-left text-sm">
        <thead className="sticky top-0 bg-sunk text-quiet">
          <tr>
            <th scope="col" className="px-3 py-1 font-medium">
              hour, UTC
            </th>
            <th scope="col" className="px-3 py-1 text-right font-medium">
              events
            </th>
            <th scope="col" className="px-3 py-1 font-medium">
              marks
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ start, count, marks: here }) => (
            <tr key={start} className="border-t border-line">
              <td className="whitespace-nowrap px-3 py-1">{utc(start).slice(0, 16)}</td>
              <td className="px-3 py-1 text-right">{count.toLocaleString("en")}</td>
              <td className="px-3 py-1 [overflow-wrap:anywhere]">{here.map(({ label }) => label).join(", ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="border-t border-line px-3 py-1 text-sm text-quiet">
        {plural(hours.starts.length - rows.length, "hour")} without events left out.
      </p>
    </div>
  );
}

/** Empty hours are left out by the API; a plot without them would lie about time. */
function fill(trend: FaultDetail["trend"], hour: number): Hours {
  const counts = new Map(trend);
  const last = Math.max(hour, ...trend.map(([start]) => start));
  const starts = Array.from({ length: HOURS }, (_, index) => last - (HOURS - 1 - index) * HOUR);
  return { starts, counts: starts.map((start) => counts.get(start) ?? 0) };
}

function marksOf(releases: FaultDetail["releases"], attempts: Attempt[], from: number): Mark[] {
  return [
    ...releases.map(({ release, first_seen }): Mark => ({
      at: first_seen,
      kind: "release",
      label: `release ${release}`,
    })),
    ...attempts
      .filter(({ state }) => state !== "refused")
      .map((attempt): Mark => ({ at: attempt.created_at, kind: "attempt", label: actionWords(attempt.action) })),
  ].filter(({ at, label }) => at >= from && label !== "release ");
}
