/** Under which words this door counts what it drops. */
const REASONS = [
  /** A field of a report: not on the allowlist, or not in its form. The rest of the report is kept. */
  "crash.unknown_field",
  "crash.invalid_field",
  /** The fingerprint is computed anew and was another. The report is kept. */
  "crash.fingerprint_differs",
  /** Something was left for the second scrub, which took it out. */
  "scrub_miss",
  /** A whole report. */
  "crash.too_large",
  "crash.malformed",
  "crash.limited",
  "crash.not_stored",
  /** The door is switched off. */
  "crash.off",
] as const;
export type CrashReason = (typeof REASONS)[number];
export const CRASH_REASONS: ReadonlySet<string> = new Set(REASONS);
