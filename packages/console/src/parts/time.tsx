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

/** "4 min ago", with the exact time on hover. */
export function Ago({ at }: { at: number }) {
  const current = useNow();
  const zone = useZone();
  return (
    <time dateTime={new Date(at).toISOString()} title={exact(at, zone)} className="whitespace-nowrap">
      {relative(at, Math.max(current, Date.now()))}
    </time>
  );
}

/** The exact time, for tables and records: `2026-11-21 07:52:20 UTC`, or the reader's own zone. */
export function Exact({ at }: { at: number }) {
  const zone = useZone();
  return (
    <time dateTime={new Date(at).toISOString()} className="whitespace-nowrap">
      {exact(at, zone)}
    </time>
  );
}

/** One zone for every exact time of this browser. */
export type Zone = "utc" | "local";
const ZONE_KEY = "prunella-zone";
let zone: Zone = "utc";
const zoneListeners = new Set<() => void>();

/** Call once before the first render. */
export function startZone(): void {
  zone = localStorage.getItem(ZONE_KEY) === "local" ? "local" : "utc";
}

export function switchZone(): void {
  zone = zone === "utc" ? "local" : "utc";
  localStorage.setItem(ZONE_KEY, zone);
  for (const listener of zoneListeners) listener();
}

export function useZone(): Zone {
  return useSyncExternalStore(
    (listener) => {
      zoneListeners.add(listener);
      return () => zoneListeners.delete(listener);
    },
    () => zone,
  );
}

const pad = (value: number) => String(value).padStart(2, "0");

/** `2026-11-21 07:52:20 UTC`, `2026-11-21 08:52:20 UTC+1`. */
export const exact = (at: number, of: Zone): string =>
  `${moment(at, of)}:${pad(new Date(at).getUTCSeconds())} ${zoneName(at, of)}`;

/** To the minute and without the zone, where a heading says it: `2026-11-21 07:52`. */
export function moment(at: number, of: Zone): string {
  const { year, month, day, hour, minute } = partsOf(at, of);
  return `${year}-${pad(month)}-${pad(day)} ${pad(hour)}:${pad(minute)}`;
}

/** `UTC`, `UTC+1`, `UTC-3:30`: the reader's distance from it at that moment, summer time included. */
export function zoneName(at: number, of: Zone): string {
  const ahead = of === "utc" ? 0 : -new Date(at).getTimezoneOffset();
  if (ahead === 0) return "UTC";
  const [hours, minutes] = [Math.floor(Math.abs(ahead) / 60), Math.abs(ahead) % 60];
  return `UTC${ahead < 0 ? "-" : "+"}${hours}${minutes === 0 ? "" : `:${pad(minutes)}`}`;
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
export function partsOf(at: number, of: Zone) {
  // A moment that reads in UTC as the reader's clock does.
  const date = new Date(of === "utc" ? at : at - new Date(at).getTimezoneOffset() * 60_000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    weekday: DAYS[date.getUTCDay()] ?? "",
  };
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
