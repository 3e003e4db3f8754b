import { createHash } from "node:crypto";
import { Grant, PrunellaError, type Actor } from "@prunella/contract";
import { appendLedger } from "../ledger/append.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";
import type { Engine, Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** What a caller from outside may have done; `key` is shown once and kept as its digest alone. */
export async function addGrant(
  tx: Tx,
  now: number,
  given: Grant,
  key: string,
  by: Actor,
  keyDigest = digestOf(key),
): Promise<Grant> {
  const grant = Grant.parse({ ...given, created_at: now, revoked_at: null });
  const policy = canonicalJson({ ...grant });
  const added = await tx.db
    .insertInto("grant_policy")
    .values({
      project_id: grant.project_id,
      grant_id: grant.id,
      policy,
      key_sha256: keyDigest,
      created_at: now,
      expires_at: grant.expires_at,
      revoked_at: null,
    })
    .onConflict((conflict) => conflict.columns(["project_id", "grant_id"]).doNothing())
    .returning("grant_id")
    .executeTakeFirst();
  if (!added) throw new PrunellaError("PRUNELLA_CONFLICT", { detail: `There is a grant ${grant.id} already.` });
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "grant_changed",
    project: grant.project_id,
    grant: grant.id,
    policy_sha256: digestOf(policy),
    by,
  });
  return grant;
}

/** Grants that the configuration makes have such ids, so that it takes back its own and no others. */
const CONFIGURED = "caller-";
export const configuredId = (name: string): string => `${CONFIGURED}${name}`.slice(0, 80);
export const isConfigured = (id: string): boolean => id.startsWith(CONFIGURED);

/** Sets what the configuration says; nothing is written when it stands so already. */
export async function setGrant(
  tx: Tx,
  now: number,
  given: Omit<Grant, "created_at" | "revoked_at">,
  /** null: nobody calls with one. */
  key: string | null,
  by: Actor,
): Promise<void> {
  const said = (grant: Omit<Grant, "created_at">) => canonicalJson({ ...grant, created_at: 0 });
  const row = await tx.db
    .selectFrom("grant_policy")
    .selectAll()
    .where("project_id", "=", given.project_id)
    .where("grant_id", "=", given.id)
    .executeTakeFirst();
  const grant = Grant.parse({ ...given, created_at: row?.created_at ?? now, revoked_at: null });
  const keyDigest = key === null ? `none ${grant.project_id} ${grant.id}` : digestOf(key);
  if (row && said(toGrant(row)) === said(grant) && row.key_sha256 === keyDigest) return;
  if (!row) await addGrant(tx, now, grant, key ?? "", by, keyDigest);
  if (!row) return;
  const policy = canonicalJson({ ...grant });
  await tx.db
    .updateTable("grant_policy")
    .set({ policy, key_sha256: keyDigest, expires_at: grant.expires_at, revoked_at: null })
    .where("project_id", "=", grant.project_id)
    .where("grant_id", "=", grant.id)
    .execute();
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "grant_changed",
    project: grant.project_id,
    grant: grant.id,
    policy_sha256: digestOf(policy),
    by,
  });
}

/** For good: what was permitted and not begun is refused when it is redeemed. */
export async function revokeGrant(tx: Tx, now: number, projectId: string, grantId: string, by: Actor): Promise<void> {
  const revoked = await tx.db
    .updateTable("grant_policy")
    .set({ revoked_at: now })
    .where("project_id", "=", projectId)
    .where("grant_id", "=", grantId)
    .where("revoked_at", "is", null)
    .returning("grant_id")
    .executeTakeFirst();
  if (!revoked) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: `There is no grant ${grantId} to revoke.` });
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "grant_changed",
    project: projectId,
    grant: grantId,
    policy_sha256: null,
    by,
  });
}

export async function readGrant(db: Engine["reader"], projectId: string, grantId: string): Promise<Grant | null> {
  const row = await db
    .selectFrom("grant_policy")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("grant_id", "=", grantId)
    .executeTakeFirst();
  return row ? toGrant(row) : null;
}

/** Who calls with this key; null for a key that nobody was given. */
export async function grantOfKey(db: Engine["reader"], key: string): Promise<Grant | null> {
  const row = await db
    .selectFrom("grant_policy")
    .selectAll()
    .where("key_sha256", "=", digestOf(key))
    .executeTakeFirst();
  return row ? toGrant(row) : null;
}

export async function listGrants(db: Engine["reader"], projectId?: string): Promise<Grant[]> {
  let query = db.selectFrom("grant_policy").selectAll();
  if (projectId !== undefined) query = query.where("project_id", "=", projectId);
  return (await query.orderBy("project_id").orderBy("grant_id").execute()).map(toGrant);
}

const toGrant = (row: Tables["grant_policy"]): Grant =>
  Grant.parse({ ...JSON.parse(row.policy), revoked_at: row.revoked_at });
