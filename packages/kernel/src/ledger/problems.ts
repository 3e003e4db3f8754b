import { PrunellaError, type LedgerReport } from "@prunella/contract";

/** A ledger with a hundred faults is broken; a longer list would only fill a screen. */
const MAX_PROBLEMS = 100;

/** What a verification found, in the order it was found. */
export interface Problems {
  readonly found: LedgerReport["problems"];
  /** `index` is the entry concerned, null when it is none in particular. */
  add(what: string, index: number | null): void;
  full(): boolean;
  /** Notes a ledger error instead of letting it out; anything else is a defect and passes. */
  attempt<T>(step: () => T): T | null;
}

export function createProblems(): Problems {
  const found: LedgerReport["problems"] = [];
  const add = (what: string, index: number | null): void => {
    if (found.length < MAX_PROBLEMS) found.push({ what, index });
  };
  return {
    found,
    add,
    full: () => found.length >= MAX_PROBLEMS,
    attempt(step) {
      try {
        return step();
      } catch (error) {
        if (!(error instanceof PrunellaError) || error.code !== "PRUNELLA_LEDGER_BROKEN") throw error;
        add(error.detail ?? error.message, null);
        return null;
      }
    },
  };
}
