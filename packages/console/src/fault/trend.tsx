import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useId, useMemo, useState } from "react";
import type { Attempt, FaultDetail, TrendRange } from "@prunella/contract";
import { call } from "../api/client.ts";
import { moment, useNow, useZone, zoneName } from "../parts/time.tsx";
import { actionWords, plural } from "../parts/words.ts";

const TrendChart = lazy(() => import("./trend-chart.tsx").then((module) => ({ default: module.TrendChart })));

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type Mark = { at: number; kind: "release" | "attempt"; label: string };
/** Counts by steps of equal length, the last one under way. */
export type Steps = { starts: number[]; counts: number[]; step: number };

/** What each range is called, and its steps as the API counts them. */
export const RANGES: Record<
  TrendRange,
  { title: string; over: string; by: string; unit: string; step: number; count: number }
> = {
  "1h": { title: "1 h", over: "the last hour", by: "the minute", unit: "minute", step: MINUTE, count: 60 },
  "24h": {
    title: "24 h",
    over: "24 hours",
    by: "the quarter of an hour",
    unit: "quarter",
    step: 15 * MINUTE,
    count: 96,
  },
  "7d": { title: "7 d", over: "7 days", by: "the hour", unit: "hour", step: HOUR, count: 168 },
  "30d": { title: "30 d", over: "30 days", by: "the day", unit: "day", step: DAY, count: 30 },
};
const NAMES: readonly TrendRange[] = ["1h", "24h", "7d", "30d"];

/** Events over the range that the address names, as a plot or as the same numbers in a table. */
export function Trend({ detail }: { detail: FaultDetail }) {
  const { fault } = detail;
  const navigate = useNavigate({ from: "/faults/$id" });
  const asked = useSearch({ from: "/shell/faults/$id" }).range;
  // The first hour of a fault is a line at the end of a week; chosen once, so that it does not change under the eyes.
  const [fitting] = useState(() => fittingRange(Date.now() - fault.first_seen));
  const range = asked ?? fitting;
  const [table, setTable] = useState(false);
  const headingId = useId();
  const { step, count, over, by } = RANGES[range];
  const isKnown = range === "7d";
  const query = useQuery({
    // Under the fault's own key, so that a notice about it fetches this too.
    queryKey: ["fault", fault.id, "trend", range],
    queryFn: ({ signal }) => call("GET /v1/faults/:id/trend", { id: fault.id, range }, signal),
    enabled: !isKnown,
    placeholderData: keepPreviousData,
  });
  const fetched = isKnown ? detail.trend : query.data?.step_ms === step ? query.data.counts : NOTHING;
  const last = Math.floor(useNow() / step) * step;
  const steps = useMemo(() => fill(fetched, last, step, count), [fetched, last, step, count]);
  const from = steps.starts[0] ?? 0;
  const marks = useMemo(
    () => marksOf(detail.releases, detail.attempts, from),
    [detail.releases, detail.attempts, from],
  );
  return (
    <section aria-labelledby={headingId}>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h2 id={headingId} className="section-title">
          Trend over {over}, by {by}
        </h2>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <div role="group" aria-label="Range of the trend" className="flex">
            {NAMES.map((name) => (
              <button
                key={name}
                type="button"
                className="choice"
                aria-pressed={name === range}
                onClick={() =>
                  void navigate({ search: (before) => ({ ...before, range: name }), replace: true, resetScroll: false })
                }
              >
                {RANGES[name].title}
              </button>
            ))}
          </div>
          <button
            type="button"
            className="button button-plain button-small"
            aria-pressed={table}
            onClick={() => setTable(!table)}
          >
            {table ? "Show as plot" : "Show as table"}
          </button>
        </div>
      </div>
      {query.isError && !isKnown && <p className="text-sm text-bad">These counts could not be fetched.</p>}
      {table ? (
        <TrendTable steps={steps} marks={marks} range={range} />
      ) : (
        <Suspense fallback={<div className="h-51" />}>
          <TrendChart key={range} steps={steps} marks={marks} range={range} />
        </Suspense>
      )}
    </section>
  );
}

const NOTHING: FaultDetail["trend"] = [];

export function fittingRange(age: number): TrendRange {
  return age < HOUR ? "1h" : age < DAY ? "24h" : "7d";
}

function TrendTable({ steps, marks, range }: { steps: Steps; marks: Mark[]; range: TrendRange }) {
  const zone = useZone();
  const { unit } = RANGES[range];
  // Days are those of UTC: that is how counts are kept once they are old.
  const shown = range === "30d" ? "utc" : zone;
  const rows = steps.starts
    .map((start, index) => ({
      start,
      count: steps.counts[index] ?? 0,
      marks: marks.filter(({ at }) => at >= start && at < start + steps.step),
    }))
    .filter(({ count, marks: here }) => count > 0 || here.length > 0)
    .toReversed();
  return (
    <div
      className="h-51 overflow-auto rounded-md border border-line"
      tabIndex={0}
      role="region"
      aria-label={`Events by the ${unit}`}
    >
      <table className="w-full text-left text-sm">
        <thead className="sticky top-0 bg-sunk text-quiet">
          <tr>
            <th scope="col" className="px-3 py-1 font-medium">
              {unit}, {zoneName(steps.starts.at(-1) ?? 0, shown)}
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
              <td className="whitespace-nowrap px-3 py-1">
                {moment(start, shown).slice(0, range === "30d" ? 10 : undefined)}
              </td>
              <td className="px-3 py-1 text-right">{count.toLocaleString("en")}</td>
              <td className="px-3 py-1 [overflow-wrap:anywhere]">{here.map(({ label }) => label).join(", ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="border-t border-line px-3 py-1 text-sm text-quiet">
        {plural(steps.starts.length - rows.length, unit)} without events left out.
      </p>
    </div>
  );
}

/** Empty steps are left out by the API; a plot without them would lie about time. */
function fill(trend: FaultDetail["trend"], current: number, step: number, count: number): Steps {
  const counts = new Map(trend);
  const last = Math.max(current, ...trend.map(([start]) => start));
  const starts = Array.from({ length: count }, (_, index) => last - (count - 1 - index) * step);
  return { starts, counts: starts.map((start) => counts.get(start) ?? 0), step };
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
