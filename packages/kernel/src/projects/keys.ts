import { createHash } from "node:crypto";
import { PrunellaError, type Actor, type LedgerEntry } from "@prunella/contract";
import { appendLedger } from "../ledger/append.ts";
import type { Rng } from "../ports.ts";
import type { Tx } from "../store/engine.ts";
import type { ProjectRow } from "./projects.ts";

/** More than anybody tells apart; a list that grows for ever hides the one that leaked. */
const MAX_KEYS = 20;

export const newKey = (rng: Rng): string => Buffer.from(rng.bytes(16)).toString("hex");

interface Change {
  readonly row: ProjectRow;
  readonly now: number;
  readonly by: Actor;
}

/** A further key; the one that is handed out stays the same. */
export async function addKey(tx: Tx, { row, now, rng, by }: Change & { readonly rng: Rng }): Promise<void> {
  assertRoom(row);
  const key = newKey(rng);
  await tx.db
    .insertInto("project_key")
    .values({ project_id: row.project_id, public_key: key, created_at: now, ends_at: null })
    .execute();
  await note(tx, { row, now, by }, key, "added", null);
}

/** A new key is handed out. All others are taken until the overlap is over, none longer than before. */
export async function rotateKey(
  tx: Tx,
  { row, now, rng, overlapMs, by }: Change & { readonly rng: Rng; readonly overlapMs: number },
): Promise<void> {
  assertRoom(row);
  const ends = now + overlapMs;
  const key = newKey(rng);
  const former = { public_key: row.public_key, created_at: row.key_at, ends_at: null };
  await tx.db.deleteFrom("project_key").where("project_id", "=", row.project_id).execute();
  for (const { public_key, created_at, ends_at } of [former, ...row.keys]) {
    const last = Math.min(ends_at ?? ends, ends);
    if (last > now)
      await tx.db
        .insertInto("project_key")
        .values({ project_id: row.project_id, public_key, created_at, ends_at: last })
        .execute();
    await note(tx, { row, now, by }, public_key, last > now ? "ending" : "revoked", last > now ? last : null);
  }
  await tx.db
    .updateTable("project")
    .set({ public_key: key, key_at: now })
    .where("project_id", "=", row.project_id)
    .execute();
  await note(tx, { row, now, by }, key, "added", null);
}

/** `key`: its unique beginning. */
export async function revokeKey(tx: Tx, { row, now, key, by }: Change & { readonly key: string }): Promise<void> {
  const found = row.keys.filter(({ public_key }) => public_key.startsWith(key.toLowerCase()));
  const [only] = found;
  if (row.public_key.startsWith(key.toLowerCase()))
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: "This is the key that is handed out.",
      hint: "Rotate first, with an overlap of 0 to refuse it at once.",
    });
  if (only === undefined || found.length > 1)
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail: found.length > 1 ? "Several keys begin so." : `The project ${row.project_id} has no such key.`,
    });
  await tx.db
    .deleteFrom("project_key")
    .where("project_id", "=", row.project_id)
    .where("public_key", "=", only.public_key)
    .execute();
  await note(tx, { row, now, by }, only.public_key, "revoked", null);
}

function assertRoom(row: ProjectRow): void {
  if (row.keys.length >= MAX_KEYS)
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: `The project ${row.project_id} has ${MAX_KEYS} further keys already.`,
      hint: "Revoke those that nobody uses.",
    });
}

type Noted = Extract<LedgerEntry, { type: "project_key_changed" }>["change"];

const note = (tx: Tx, { row, now, by }: Change, key: string, change: Noted, ends_at: number | null): Promise<number> =>
  appendLedger(tx, {
    v: 1,
    at: now,
    type: "project_key_changed",
    project: row.project_id,
    key_sha256: createHash("sha256").update(key).digest("hex"),
    change,
    ends_at,
    by,
  });
