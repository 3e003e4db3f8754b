import { createHash } from "node:crypto";
import { PrunellaError } from "@prunella/contract";
import type { Core } from "../core.ts";
import type { Duty } from "../nodes/housekeeping.ts";
import type { Rng } from "../ports.ts";
import type { Engine, Tx } from "../store/engine.ts";

/** Long enough for a coffee, short enough for a terminal's scroll-back. */
const CODE_LIFE_MS = 15 * 60_000;
const SESSION_LIFE_MS = 14 * 24 * 3_600_000;

/** 256 random bits as text that fits a URL and a cookie. Only its hash is ever written. */
export const newSecret = (rng: Rng): string => Buffer.from(rng.bytes(32)).toString("base64url");

const digestOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** A one-time code for the sign-in link. */
export async function mintSignInCode(tx: Tx, now: number, rng: Rng): Promise<string> {
  const code = newSecret(rng);
  await tx.db
    .insertInto("sign_in_code")
    .values({ code_hash: digestOf(code), expires_at: now + CODE_LIFE_MS })
    .execute();
  return code;
}

/** Trades a code for a session, once. */
export async function signIn(
  tx: Tx,
  now: number,
  rng: Rng,
  code: string,
): Promise<{ token: string; expiresAt: number }> {
  const taken = await tx.db
    .deleteFrom("sign_in_code")
    .where("code_hash", "=", digestOf(code))
    .returning("expires_at")
    .executeTakeFirst();
  if (!taken || taken.expires_at <= now) {
    throw new PrunellaError("PRUNELLA_SIGN_IN_CODE_INVALID", {
      hint: "Run `prunella sign-in` in a terminal for a fresh link.",
    });
  }
  const token = newSecret(rng);
  const expiresAt = now + SESSION_LIFE_MS;
  await tx.db
    .insertInto("session")
    .values({ token_hash: digestOf(token), created_at: now, expires_at: expiresAt })
    .execute();
  return { token, expiresAt };
}

export async function hasSession(db: Engine["reader"], now: number, token: string): Promise<boolean> {
  const row = await db
    .selectFrom("session")
    .select("expires_at")
    .where("token_hash", "=", digestOf(token))
    .executeTakeFirst();
  return row !== undefined && row.expires_at > now;
}

export async function signOut(tx: Tx, token: string): Promise<void> {
  await tx.db.deleteFrom("session").where("token_hash", "=", digestOf(token)).execute();
}

async function forgetExpired(tx: Tx, now: number): Promise<void> {
  await tx.db.deleteFrom("session").where("expires_at", "<=", now).execute();
  await tx.db.deleteFrom("sign_in_code").where("expires_at", "<=", now).execute();
}

export const expiredSignIns: Duty = { name: "expired_sign_ins", run: (tx, now) => forgetExpired(tx, now) };

/** How browsers get in. */
export const createAccess = ({ db, writer, clock, rng }: Core) => ({
  mint: () => writer.run((tx) => mintSignInCode(tx, clock.now(), rng)),
  signIn: (code: string) => writer.run((tx) => signIn(tx, clock.now(), rng, code)),
  hasSession: (token: string) => hasSession(db, clock.now(), token),
  signOut: (token: string) => writer.run((tx) => signOut(tx, token)),
});
