import type { Tx } from "../store/engine.ts";
import { digestOf } from "./secret.ts";

/** Outstanding at once: anybody may ask for one, and nobody may fill the disk with them. */
const MOST = 10_000;

export interface Challenge {
  readonly kind: string;
  /** What is known under it: only its digest is written. */
  readonly secret: string;
  /** Whatever the answer is held against. */
  readonly data: string;
  readonly expiresAt: number;
}

export async function keepChallenge(tx: Tx, { kind, secret, data, expiresAt }: Challenge): Promise<void> {
  const standing = await tx.db
    .selectFrom("challenge")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirst();
  if (Number(standing?.count ?? 0) >= MOST) {
    const oldest = await tx.db
      .selectFrom("challenge")
      .select("challenge_hash")
      .orderBy("expires_at")
      .limit(1)
      .executeTakeFirst();
    if (oldest) await tx.db.deleteFrom("challenge").where("challenge_hash", "=", oldest.challenge_hash).execute();
  }
  await tx.db
    .insertInto("challenge")
    .values({ challenge_hash: digestOf(secret), kind, data, expires_at: expiresAt })
    .execute();
}

/** What was kept, once; null when there is none, or its time is over. */
export async function takeChallenge(tx: Tx, now: number, kind: string, secret: string): Promise<string | null> {
  const taken = await tx.db
    .deleteFrom("challenge")
    .where("challenge_hash", "=", digestOf(secret))
    .where("kind", "=", kind)
    .returning(["data", "expires_at"])
    .executeTakeFirst();
  return taken && taken.expires_at > now ? taken.data : null;
}
