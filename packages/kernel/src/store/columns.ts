import type { Level, Source, Trust } from "@prunella/contract";

/** What tells one delta from another, beside its fault and its second; a row of the digest queue carries the same. */
export interface DeltaKey {
  project_id: string;
  fault_id: string;
  release: string;
  environment: string;
  level: Level;
  source: Source;
  trust: Trust;
  /** Empty when the events name no target. */
  target: string;
  /** Which probe or heartbeat of ours saw it, by its name; empty for all other sources. */
  origin: string;
}

/** How many events, and when the first and the last of them came in. */
export interface DeltaSum {
  count: number;
  first_at: number;
  last_at: number;
}

/** The columns of `DeltaKey` and `DeltaSum`, in the order in which batches write them. */
export const DELTA_KEY = {
  project_id: "text",
  fault_id: "text",
  release: "text",
  environment: "text",
  level: "text",
  source: "text",
  trust: "text",
  target: "text",
  origin: "text",
} as const satisfies Record<keyof DeltaKey, "text">;
export const DELTA_SUM = { count: "int", first_at: "int", last_at: "int" } as const satisfies Record<
  keyof DeltaSum,
  "int"
>;

/** As SQL, for the schema. */
export const deltaColumns = (): string =>
  [
    ...Object.keys(DELTA_KEY).map((name) => `${name} text not null`),
    ...Object.keys(DELTA_SUM).map((name) => `${name} bigint not null`),
  ].join(", ");

/** Longer names are cut: they stand in keys. */
const MAX_COLUMN = 200;

/** PostgreSQL stores neither NUL nor half a surrogate pair; what is a key must be one on both engines. */
export function columnText(text: string | null, most = MAX_COLUMN): string {
  return (text ?? "")
    .slice(0, most)
    .toWellFormed()
    .replaceAll(/[\u0000-\u001f\u007f]/g, "\ufffd");
}
