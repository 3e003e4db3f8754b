import type { LedgerEntry } from "@prunella/contract";
import type { Problems } from "./problems.ts";
import {
  claimsOfAttempt,
  claimsOfEscalation,
  differsFromIntent,
  differsFromOpened,
  differsFromRefusal,
  saysOf,
  type AttemptRow,
  type Claims,
  type EscalationRow,
  type FollowingEntry,
  type PermitRow,
} from "./row-claims.ts";

/** The rows that a page's first entries speak of, read after those entries. */
export type Rows = {
  readonly attempts: ReadonlyMap<string, { readonly row: AttemptRow; readonly permit: PermitRow | null }>;
  readonly escalations: ReadonlyMap<string, EscalationRow>;
};

/** Entries in order, each held against its row. */
export interface Comparison {
  compare(entry: LedgerEntry, index: number, rows: Rows): void;
  /** An entry that came after the rows were read: what a row said beforehand is thereby said by both. */
  catchUp(entry: LedgerEntry): void;
  /** Names what rows say and no entry did. */
  end(): void;
}

export function createComparison(problems: Problems): Comparison {
  /** What rows say and no entry has said so far; null where the row itself is missing. */
  const pending = new Map<string, Claims | null>();

  function lacks(id: string, index: number): void {
    pending.set(id, null);
    problems.add(`Entry ${index} speaks of ${id}, and there is no row of it.`, index);
  }

  function differs(id: string, index: number, names: readonly string[]): void {
    if (names.length > 0) problems.add(`The row of ${id} differs from entry ${index}: ${names.join(", ")}.`, index);
  }

  function expects(id: string, claims: Claims): void {
    if (claims.size > 0) pending.set(id, claims);
  }

  function follow(entry: FollowingEntry, index: number): void {
    const id = idOf(entry);
    const claims = pending.get(id);
    // That its row is missing has been said.
    if (claims === null) return;
    const said = claims?.get(entry.type);
    if (said === undefined)
      problems.add(`The row of ${id} does not say what entry ${index} does: ${entry.type}.`, index);
    else if (said !== saysOf(entry))
      problems.add(`The row of ${id} says otherwise than entry ${index}: ${entry.type}.`, index);
    settle(id, entry.type);
  }

  function settle(id: string, step: FollowingEntry["type"]): void {
    const claims = pending.get(id);
    claims?.delete(step);
    if (claims?.size === 0) pending.delete(id);
  }

  return {
    compare(entry, index, rows) {
      switch (entry.type) {
        case "attempt_intent":
        case "attempt_refused": {
          const id = `attempt ${entry.attempt}`;
          const found = rows.attempts.get(entry.attempt);
          if (found === undefined) return lacks(id, index);
          const { row, permit } = found;
          if (entry.type === "attempt_refused") return differs(id, index, differsFromRefusal(row, entry, index));
          differs(id, index, differsFromIntent(row, permit, entry, index));
          return expects(id, claimsOfAttempt(row));
        }
        case "escalation_opened": {
          const id = `escalation ${entry.escalation}`;
          const row = rows.escalations.get(entry.escalation);
          if (row === undefined) return lacks(id, index);
          differs(id, index, differsFromOpened(row, entry, index));
          return expects(id, claimsOfEscalation(row));
        }
        case "attempt_started":
        case "attempt_outcome":
        case "attempt_verified":
        case "escalation_decided":
          return follow(entry, index);
        default:
      }
    },
    catchUp(entry) {
      if (!isFollowing(entry)) return;
      const id = idOf(entry);
      if (pending.get(id)?.get(entry.type) === saysOf(entry)) settle(id, entry.type);
    },
    end() {
      for (const [id, claims] of pending)
        for (const step of claims?.keys() ?? [])
          problems.add(`The row of ${id} says more than the ledger does: ${step}.`, null);
    },
  };
}

const idOf = (entry: FollowingEntry): string =>
  entry.type === "escalation_decided" ? `escalation ${entry.escalation}` : `attempt ${entry.attempt}`;

function isFollowing(entry: LedgerEntry): entry is FollowingEntry {
  return (
    entry.type === "attempt_started" ||
    entry.type === "attempt_outcome" ||
    entry.type === "attempt_verified" ||
    entry.type === "escalation_decided"
  );
}
