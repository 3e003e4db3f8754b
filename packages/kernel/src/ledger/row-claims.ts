import { createHash } from "node:crypto";
import type { LedgerEntry } from "@prunella/contract";
import type { Tables } from "../store/tables.ts";
import { canonicalJson } from "./canonical-json.ts";

type Of<T extends LedgerEntry["type"]> = Extract<LedgerEntry, { type: T }>;
export type AttemptRow = Tables["self_heal_attempts"];
/** What an attempt was permitted; null where the database has none. */
export type PermitRow = {
  readonly [K in "action" | "target" | "args" | "args_sha256"]: string | null;
} & { readonly [K in "fence" | "not_before" | "expires_at" | "redeemed_at"]: number | null };
export type EscalationRow = Tables["escalation_attempts"];

type Step = "attempt_started" | "attempt_outcome" | "attempt_verified" | "escalation_decided";
/** Entries that follow the one that a row points to, each at most once. */
export type FollowingEntry = Of<Step>;

/** What a row says happened after its first entry, as the entry of it would; the ledger must say the same. */
export type Claims = Map<Step, string>;

const ENDED: ReadonlySet<string> = new Set(["succeeded", "failed", "expired", "abandoned"]);

/** What a following entry says, in the form in which claims are kept. */
export function saysOf(entry: FollowingEntry): string {
  switch (entry.type) {
    case "attempt_started":
      return canonicalJson([entry.at]);
    case "attempt_outcome":
      return canonicalJson([entry.at, entry.state]);
    case "attempt_verified":
      return canonicalJson([entry.at, entry.verification]);
    case "escalation_decided":
      return canonicalJson([
        entry.at,
        entry.decision,
        entry.by.kind === "default" ? "expired" : "decided",
        canonicalJson(entry.by),
        entry.args_sha256 ?? null,
      ]);
  }
}

export function claimsOfAttempt(row: AttemptRow): Claims {
  const claims: Claims = new Map();
  if (row.started_at !== null || row.state === "running")
    claims.set("attempt_started", canonicalJson([row.started_at]));
  if (row.ended_at !== null || ENDED.has(row.state))
    claims.set("attempt_outcome", canonicalJson([row.ended_at, row.state]));
  if (row.verified_at !== null || row.verification === "held" || row.verification === "ineffective")
    claims.set("attempt_verified", canonicalJson([row.verified_at, row.verification]));
  return claims;
}

export function claimsOfEscalation(row: EscalationRow): Claims {
  if (row.status === "open" && row.decided_at === null) return new Map();
  const by = row.decided_by === null ? "" : reprint(row.decided_by);
  // What was approved, where the answer asks the gate.
  const digest =
    row.approved_until === null || row.args === null
      ? null
      : hashOfArgs({ action: row.asker, target: row.target }, row.args);
  return new Map([["escalation_decided", canonicalJson([row.decided_at, row.decision, row.status, by, digest])]]);
}

/** Names of what an attempt's row and permit say otherwise than its intent. */
export function differsFromIntent(
  row: AttemptRow,
  permit: PermitRow | null,
  entry: Of<"attempt_intent">,
  index: number,
): string[] {
  const pairs: Pairs = {
    ...sharedPairs(row, entry, index),
    state: [row.state === "refused", false],
    action: [row.action, entry.action],
    target: [row.target, entry.target],
    args: [hashOfArgs(entry, row.args), entry.args_sha256],
    cause: [row.cause === null ? null : reprint(row.cause), entry.cause === null ? null : canonicalJson(entry.cause)],
    fence: [row.fence, entry.fence],
    not_before: [row.not_before, entry.not_before],
    // Success begins the quiet watch in the same unit, and nothing else does.
    verification: [row.verification !== null, row.state === "succeeded"],
  };
  if (permit === null) return [...differing(pairs), "permit"];
  return [
    ...differing(pairs),
    ...differing({
      "permit.action": [permit.action, entry.action],
      "permit.target": [permit.target, entry.target],
      "permit.args": [permit.args, row.args],
      "permit.args_sha256": [permit.args_sha256, entry.args_sha256],
      "permit.fence": [permit.fence, entry.fence],
      "permit.not_before": [permit.not_before, entry.not_before],
      "permit.expires_at": [permit.expires_at, entry.expires_at],
      "permit.redeemed_at": [permit.redeemed_at, row.started_at],
    }),
  ];
}

export function differsFromRefusal(row: AttemptRow, entry: Of<"attempt_refused">, index: number): string[] {
  return differing({
    ...sharedPairs(row, entry, index),
    state: [row.state, "refused"],
    action: [row.action, entry.action],
    refusal: [row.refusal, entry.refusal],
  });
}

/** A refusal of the same subject, trigger and kind within the hour shares the entry of the first. */
export const sharesRefusal = (row: AttemptRow, entry: Of<"attempt_refused">): boolean =>
  row.project_id === entry.project &&
  row.subject_kind === entry.subject.kind &&
  row.subject_id === entry.subject.id &&
  row.trigger_id === entry.trigger &&
  row.refusal === entry.refusal;

export function differsFromOpened(row: EscalationRow, entry: Of<"escalation_opened">, index: number): string[] {
  return differing({
    project: [row.project_id, entry.project],
    asker: [row.asker, entry.asker],
    trigger: [row.trigger_id, entry.trigger],
    fault: [row.fault_id, entry.fault],
    reason: [row.reason, entry.reason],
    opened_at: [row.opened_at, entry.at],
    entry: [row.audit_log_id, index],
  });
}

type Pairs = Readonly<Record<string, readonly [unknown, unknown]>>;

const sharedPairs = (row: AttemptRow, entry: Of<"attempt_intent"> | Of<"attempt_refused">, index: number): Pairs => ({
  project: [row.project_id, entry.project],
  subject: [`${row.subject_kind} ${row.subject_id}`, `${entry.subject.kind} ${entry.subject.id}`],
  trigger: [row.trigger_id, entry.trigger],
  fault: [row.fault_id, entry.fault],
  because: [`${row.because_kind} ${row.because_id}`, `${entry.because.kind} ${entry.because.id}`],
  created_at: [row.created_at, entry.at],
  entry: [row.audit_log_id, index],
});

const differing = (pairs: Pairs): string[] =>
  Object.entries(pairs)
    .filter(([, [row, entry]]) => row !== entry)
    .map(([name]) => name);

function hashOfArgs({ action, target }: Pick<Of<"attempt_intent">, "action" | "target">, args: string): string {
  try {
    return createHash("sha256")
      .update(canonicalJson({ action, target, args: JSON.parse(args) }))
      .digest("hex");
  } catch {
    return "";
  }
}

/** JSON in its one spelling; what is none stays as it is, and differs. */
function reprint(json: string): string {
  try {
    return canonicalJson(JSON.parse(json));
  } catch {
    return json;
  }
}
