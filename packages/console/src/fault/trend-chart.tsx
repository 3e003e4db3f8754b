import "uplot/dist/uPlot.min.css";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import type { TrendRange } from "@prunella/contract";
import { partsOf, useZone, zoneName, type Zone } from "../parts/time.tsx";
import { plural } from "../parts/words.ts";
import { RANGES, type Mark, type Steps } from "./trend.tsx";

const HEIGHT = 176;

/** Zero-based bars in the zone that everything on the page is in; releases and attempts stand as vertical hairlines. */
export function TrendChart({ steps, marks, range }: { steps: Steps; marks: Mark[]; range: TrendRange }) {
  const zone = useZone();
  const { by, over } = RANGES[range];
  // Days are those of UTC: that is how counts are kept once they are old.
  const shown = range === "30d" ? "utc" : zone;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const [at, setAt] = useState<number | null>(null);
  // The plot outlives renders; it reads what is current from here.
  const latest = useRef({ steps, marks });

  useEffect(() => {
    const host = box.current;
    if (host === null) return;
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(
        options(host.clientWidth, shown, () => latest.current.marks, setAt),
        [[], []],
        host,
      );
      plot.current.setData(dataOf(latest.current.steps));
    };
    draw();
    const size = new ResizeObserver(() => plot.current?.setSize({ width: host.clientWidth, height: HEIGHT }));
    size.observe(host);
    // Colours come from CSS variables, which a canvas reads only once.
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    scheme.addEventListener("change", draw);
    return () => {
      size.disconnect();
      theme.disconnect();
      scheme.removeEventListener("change", draw);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shown]);

  useEffect(() => {
    latest.current = { steps, marks };
    plot.current?.setData(dataOf(steps));
  }, [steps, marks]);

  const point = (index: number) => {
    const chart = plot.current;
    const start = steps.starts[index];
    if (chart === null || start === undefined) return;
    chart.setCursor({ left: chart.valToPos(middleOf(start, steps.step), "x"), top: HEIGHT / 2 });
    setAt(index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = steps.starts.length - 1;
    const current = at ?? last + 1;
    const next = {
      ArrowLeft: current - 1,
      ArrowRight: current + 1,
      Home: 0,
      End: last,
      PageUp: current - 12,
      PageDown: current + 12,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    point(Math.min(last, Math.max(0, next)));
  };

  const total = steps.counts.reduce((sum, count) => sum + count, 0);
  return (
    <div>
      <div
        ref={box}
        role="slider"
        tabIndex={0}
        aria-label={`Events by ${by}, ${plural(total, "event")} in ${over}`}
        aria-valuemin={0}
        aria-valuemax={steps.starts.length - 1}
        aria-valuenow={at ?? steps.starts.length - 1}
        aria-valuetext={readout(steps, marks, shown, range, at ?? steps.starts.length - 1)}
        className="h-44 rounded-md"
        onKeyDown={onKeyDown}
      />
      <p className="min-h-7 text-sm text-quiet">
        {at === null
          ? "Line: a release. Dashes: an attempt. Point at the plot or use the arrow keys for values."
          : readout(steps, marks, shown, range, at)}
      </p>
    </div>
  );
}

function readout({ starts, counts, step }: Steps, marks: Mark[], zone: Zone, range: TrendRange, index: number): string {
  const start = starts[index];
  if (start === undefined) return "";
  const { weekday, day, month, hour, minute } = partsOf(start, zone);
  const time = `${pad(hour)}:${pad(minute)} ${zoneName(start, zone)}`;
  const when = `${weekday} ${day} ${MONTHS[month - 1] ?? ""}${range === "30d" ? " (UTC)" : `, ${time}`}`;
  const here = marks.filter(({ at }) => at >= start && at < start + step).map(({ label }) => label);
  return [`${when}: ${plural(counts[index] ?? 0, "event")}`, ...here].join(" · ");
}

/** uPlot counts in seconds; a bar stands in the middle of its step. */
const middleOf = (start: number, step: number): number => (start + step / 2) / 1_000;

function dataOf({ starts, counts, step }: Steps): uPlot.AlignedData {
  return [starts.map((start) => middleOf(start, step)), counts];
}

function options(
  width: number,
  zone: Zone,
  marks: () => Mark[],
  onPoint: (index: number | null) => void,
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  // light-dark() is not resolved in the variable itself, so a probe element computes it.
  const probe = document.body.appendChild(document.createElement("i"));
  const colour = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const [bar, line, ink, quiet, warn] = [
    colour("--edge"),
    colour("--line"),
    colour("--ink"),
    colour("--quiet"),
    colour("--warn"),
  ];
  probe.remove();
  // uPlot scales whole pixels only, by looking for digits before "px": 11.2px would become 11.4px on a fine screen.
  const font = `${Math.round(Number.parseFloat(style.fontSize) * 0.8)}px ${style.fontFamily}`;
  const axis = { stroke: quiet, font, ticks: { show: false }, grid: { stroke: line, width: 1 } };
  const bars = uPlot.paths.bars?.({ size: [0.8, 24], align: 0 });
  return {
    width,
    height: HEIGHT,
    tzDate: (seconds) =>
      zone === "utc" ? uPlot.tzDate(new Date(seconds * 1_000), "Etc/UTC") : new Date(seconds * 1_000),
    legend: { show: false },
    // On the right as much as half of a label, or the last one would be cut.
    padding: [8, 20, 0, 0],
    cursor: { y: false, drag: { setScale: false, x: false }, points: { show: false } },
    scales: { x: { time: true }, y: { range: (_chart, _min, max) => [0, Math.max(4, Math.ceil((max ?? 0) * 1.1))] } },
    axes: [
      {
        ...axis,
        size: 28,
        space: 70,
        grid: { show: false },
        values: (_chart, ticks) => ticks.map((tick) => dayOrHour(tick, zone)),
      },
      {
        ...axis,
        size: 44,
        space: 40,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6, 1e7],
      },
    ],
    series: [
      {},
      { fill: bar, stroke: bar, width: 0, points: { show: false }, ...(bars === undefined ? {} : { paths: bars }) },
    ],
    hooks: {
      setCursor: [(chart) => onPoint(chart.cursor.idx ?? null)],
      draw: [
        (chart) => {
          const { ctx, bbox } = chart;
          ctx.save();
          ctx.lineWidth = devicePixelRatio;
          for (const { at, kind } of marks()) {
            const x = Math.round(chart.valToPos(at / 1_000, "x", true)) + 0.5;
            ctx.strokeStyle = kind === "release" ? ink : warn;
            ctx.setLineDash(kind === "release" ? [] : [3 * devicePixelRatio, 3 * devicePixelRatio]);
            ctx.beginPath();
            ctx.moveTo(x, bbox.top);
            ctx.lineTo(x, bbox.top + bbox.height);
            ctx.stroke();
          }
          ctx.restore();
        },
      ],
    },
  };
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const pad = (value: number) => String(value).padStart(2, "0");

function dayOrHour(seconds: number, zone: Zone): string {
  const { weekday, day, hour, minute } = partsOf(seconds * 1_000, zone);
  return hour === 0 && minute === 0 ? `${weekday} ${day}` : `${pad(hour)}:${pad(minute)}`;
}
