import { z } from "zod";
import { Millis } from "../ids.ts";
import { operation } from "./operation.ts";

/**
 * Without `from`: the newest, below `before` where it is given. `type`, `actor` (`person:operator`, `system`) and
 * `fault` are compared exactly, and find the newest that fit; they go without `from`.
 */
export const LedgerQuery = z.strictObject({
  from: z.coerce.number<string | number>().int().min(0).optional(),
  before: z.coerce.number<string | number>().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  type: z.string().max(64).optional(),
  actor: z.string().max(120).optional(),
  fault: z.string().max(64).optional(),
  limit: z.coerce.number<string | number>().int().min(1).max(500).default(50),
});
export const LedgerPage = z.strictObject({
  size: z.int().min(0),
  root: z.string(),
  entries: z.array(
    z.strictObject({
      index: z.int().min(0),
      leaf_hash: z.string(),
      /** As docs/ledger.md has it; one that was written later may be of a type that this version does not know. */
      entry: z.looseObject({ at: Millis, type: z.string() }),
    }),
  ),
});
export type LedgerPage = z.infer<typeof LedgerPage>;
export const LedgerReport = z.strictObject({
  ok: z.boolean(),
  size: z.int().min(0),
  root: z.string(),
  checked_entries: z.int().min(0),
  checked_tiles: z.int().min(0),
  problems: z.array(z.strictObject({ what: z.string(), index: z.int().min(0).nullable() })),
});
export type LedgerReport = z.infer<typeof LedgerReport>;

/** `from`: the size of a checkpoint that was kept elsewhere. */
export const CheckpointQuery = z.strictObject({
  from: z.coerce.number<string | number>().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
});
export const LedgerCheckpoint = z.strictObject({
  vkey: z.string(),
  /** The signed note, as `/ledger/checkpoint` serves it. */
  note: z.string(),
  size: z.int().min(0),
  /** RFC 6962 consistency proof from the size asked for, in base64; empty when the ledger is shorter than that. */
  proof: z.array(z.string()),
  /** Of the configured witnesses; `at` is when each says that it saw this checkpoint. */
  cosignatures: z.array(z.strictObject({ name: z.string(), at: Millis })),
});
export type LedgerCheckpoint = z.infer<typeof LedgerCheckpoint>;

export const LedgerExportQuery = z.strictObject({
  /** The schema of an audit log of others: Ouroboros' plugin events (0.1). */
  format: z.enum(["ouroboros"]),
  from: z.coerce.number<string | number>().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  limit: z.coerce.number<string | number>().int().min(1).max(500).default(200),
});
export const LedgerExport = z.strictObject({
  /** As the schema has them, oldest first. */
  events: z.array(z.record(z.string(), z.unknown())),
  /** Index to go on from; null: that was all. */
  next: z.int().nullable(),
});

export const LEDGER = {
  list_entries: operation({
    method: "GET",
    path: "/v1/ledger",
    query: LedgerQuery,
    output: LedgerPage,
    status: 200,
    who: "viewer",
    within: "all",
    effect: "read",
    summary: "entries by their index, oldest first; or the newest of a type, an actor or a fault",
  }),
  export_ledger: operation({
    method: "GET",
    path: "/v1/ledger/export",
    query: LedgerExportQuery,
    output: LedgerExport,
    status: 200,
    who: "viewer",
    within: "all",
    effect: "read",
    summary: "runs of plugins as another audit log's schema has them",
  }),
  verify_ledger: operation({
    method: "GET",
    path: "/v1/ledger/verify",
    output: LedgerReport,
    status: 200,
    who: "viewer",
    within: "all",
    effect: "read",
    summary: "checks every entry, tile, signature and law, the rows, and asks the witnesses",
  }),
  get_checkpoint: operation({
    method: "GET",
    path: "/v1/ledger/checkpoint",
    query: CheckpointQuery,
    output: LedgerCheckpoint,
    status: 200,
    who: "viewer",
    within: "all",
    effect: "read",
    summary: "the signed checkpoint, and the proof that it extends an earlier one",
  }),
} as const;
