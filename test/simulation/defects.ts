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

export const DEFECTS = {
  "a budget off by one": {
    tampering: () => ({
      rows: (text, rows) =>
        isFacts(text)
          ? rows.map((row) => (row["fact"] === "budget" ? { ...row, n: Math.max(0, Number(row["n"]) - 1) } : row))
          : rows,
    }),
  },
  "an intent after the effect": { looksByTouching: true },
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
      const screened = new Map<string, Row[]>();
      return {
        rows(text, rows, isInUnit, values) {
          if (!isFacts(text)) return rows;
          const isFailures = (row: Row): boolean => row["fact"] === "failures";
          if (!isInUnit) screened.set(keyOf(values), rows.filter(isFailures));
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
