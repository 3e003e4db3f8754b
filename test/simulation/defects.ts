import type { ProcessDeps } from "./process.ts";
import type { Row } from "./store.ts";

/** Something wrong, put in on purpose from outside: a simulation that does not find it proves nothing. */
export interface Defect {
  /** Made anew for each process. */
  readonly tampering?: () => ProcessDeps["tampering"];
  /** A remedy that changes its target while it should only look at it. */
  readonly looksByTouching?: boolean;
}

const isFacts = (text: string): boolean => text.includes("'budget' as fact");
const keyOf = (values: readonly unknown[]): string => values.filter((value) => typeof value === "string").join(" ");

const lessOne = (row: Row): Row[] => [{ ...row, n: Math.max(0, Number(row["n"]) - 1) }];

/** What the gate reads of one kind, read wrongly. */
export const inFacts =
  (fact: string, change: (row: Row) => Row[]) =>
  (text: string, rows: Row[]): Row[] =>
    isFacts(text) ? rows.flatMap((row) => (row["fact"] === fact ? change(row) : [row])) : rows;

export const DEFECTS = {
  "a budget off by one": { tampering: () => ({ rows: inFacts("budget", lessOne) }) },
  "a ceiling off by one": { tampering: () => ({ rows: inFacts("ceiling", lessOne) }) },
  "a kill switch that is not read": { tampering: () => ({ rows: inFacts("kill", () => []) }) },
  "a pause that is not read": { tampering: () => ({ rows: inFacts("pause", () => []) }) },
  "maintenance that is not read": { tampering: () => ({ rows: inFacts("maintenance", () => []) }) },
  "a fence that stands still": { tampering: () => ({ rows: inFacts("fence", (row) => [{ ...row, n: 0 }]) }) },
  "an intent after the effect": { looksByTouching: true },
  "an event that counts twice": {
    tampering: () => ({
      text: (text) =>
        text.includes("insert into event_seen")
          ? text.replace("on conflict do nothing", "on conflict do update set seen_at = excluded.seen_at")
          : text,
    }),
  },
  "a lost wake-up": {
    tampering: () => {
      let timers = 0;
      return {
        losesTimer: (ms) => {
          // Those of who looks for due work, and not those that beat or tidy.
          if (ms > 1_000) return false;
          timers += 1;
          return timers % 40 === 0;
        },
      };
    },
  },
  "a lease without fence": {
    tampering: () => ({
      text: (text) => (isFinish(text) ? text.replace("and fence = $3", "and $3 is not null") : text),
      rows: (text, rows) => (isFinish(text) && rows.length === 0 ? [{ "1": 1 }] : rows),
    }),
  },
  "a debounce outside the transaction": {
    tampering: () => {
      // The most that was ever screened, however long ago: a window ends with the last failure, so it may count fewer now.
      const screened = new Map<string, Row[]>();
      const sum = (rows: readonly Row[] = []): number => rows.reduce((all, row) => all + Number(row["n"]), 0);
      return {
        rows(text, rows, isInUnit, values) {
          if (!isFacts(text)) return rows;
          const isFailures = (row: Row): boolean => row["fact"] === "failures";
          const found = rows.filter(isFailures);
          if (!isInUnit && sum(found) > sum(screened.get(keyOf(values)))) screened.set(keyOf(values), found);
          const before = isInUnit ? screened.get(keyOf(values)) : undefined;
          return before ? [...rows.filter((row) => !isFailures(row)), ...before] : rows;
        },
      };
    },
  },
} as const satisfies Record<string, Defect>;

function isFinish(text: string): boolean {
  return text.startsWith("delete from work where") && text.includes("and fence = $3 returning");
}
