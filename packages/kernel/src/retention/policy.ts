import type { RetentionConfig, RetentionPolicy } from "@prunella/contract";

export type PolicyOf = (projectId: string) => RetentionPolicy;

/** What holds for each project: its own keys, and those of the installation for the rest. */
export function retentionOf({ projects, ...common }: RetentionConfig): PolicyOf {
  const own = new Map<string, RetentionPolicy>();
  for (const { project, ...given } of projects) {
    const policy = { ...(own.get(project) ?? common) };
    for (const key of KEYS) policy[key] = given[key] ?? policy[key];
    own.set(project, policy);
  }
  return (projectId) => own.get(projectId) ?? common;
}

export const KEYS = [
  "counts_by_second_ms",
  "counts_by_hour_ms",
  "bodies_ms",
  "faults_ms",
  "source_maps_ms",
  "project_bytes",
] as const satisfies readonly (keyof RetentionPolicy)[];

/** What goes is counted by these; docs/losses.md has a row for each. */
export const RETENTION_REASONS = [
  "retention.age.bodies",
  "retention.age.fault",
  "retention.age.source_map",
  "retention.cap.bodies",
  "retention.cap.counts",
  "retention.cap.fault",
  "retention.cap.source_map",
] as const;
export type RetentionReason = (typeof RETENTION_REASONS)[number];

/** Rows that one step changes at most: it stays far under 50 ms on both engines. */
export const STEP_ROWS = 250;
