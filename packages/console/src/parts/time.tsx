import { useSyncExternalStore } from "react";

/** One clock for every relative time on the page, so that they all turn at once. */
const TICK_MS = 5_000;
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** "4 min ago", with the exact time in UTC on hover. */
export function Ago({ at }: { at: number }) {
  const current = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={utc(at)} className="whitespace-nowrap">
      {relative(at, Math.max(current, Date.now()))}
    </time>
  );
}

/** The exact time, for tables and records: `2026-11-21 07:52:20 UTC`. */
export function Utc({ at }: { at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} className="whitespace-nowrap">
      {utc(at)}
    </time>
  );
}

export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

export function relative(at: number, from: number): string {
  const ahead = at > from + 1_000;
  const text = span(Math.abs(from - at));
  if (text === "0 s") return "now";
  return ahead ? `in ${text}` : `${text} ago`;
}

/** A length of time in its largest sensible unit: "45 s", "3 min", "2 h", "5 d". */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${ms > 0 && ms < 500 ? 0 : seconds} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(ms / 3_600_000);
  if (hours < 48) return `${hours} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}

/** For what is quick: below ten seconds, tenths count. "420 ms", "3.3 s", "13 s". */
export function shortSpan(ms: number): string {
  return ms < 1_000 ? `${Math.max(0, Math.round(ms))} ms` : ms < 9_950 ? `${(ms / 1_000).toFixed(1)} s` : span(ms);
}
