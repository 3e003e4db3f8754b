import type { Rng } from "@prunella/kernel";

const PERIOD_MS = 30_000;
/** A clock that is half a minute off is right; a code is read for a minute and a half at most. */
const WINDOW = 1;
const RECOVERY_CODES = 10;

/** Loaded when somebody signs in by password: a server that starts needs none of it. */
const load = () => import("otpauth");

const totpOf = async (secret: string, name: string) => {
  const { Secret, TOTP } = await load();
  return new TOTP({ issuer: "Prunella", label: name, secret: Secret.fromBase32(secret), digits: 6, period: 30 });
};

/** A secret for an app, and the address that apps read. */
export async function newSecret(rng: Rng, name: string): Promise<{ secret: string; url: string }> {
  const { Secret } = await load();
  const secret = new Secret({ buffer: Uint8Array.from(rng.bytes(20)).buffer }).base32;
  return { secret, url: (await totpOf(secret, name)).toString() };
}

/** The half minute that a code belongs to; null when it is none of now. */
export async function stepOf(secret: string, name: string, code: string, now: number): Promise<number | null> {
  const token = code.replaceAll(" ", "");
  if (!/^\d{6}$/.test(token)) return null;
  const delta = (await totpOf(secret, name)).validate({ token, timestamp: now, window: WINDOW });
  return delta === null ? null : Math.floor(now / PERIOD_MS) + delta;
}

/** 80 random bits each, in letters and digits that are not mistaken for each other. */
export const newRecoveryCodes = (rng: Rng): string[] =>
  Array.from({ length: RECOVERY_CODES }, () => {
    const letters = [...rng.bytes(16)].map((byte) => ALPHABET[byte % ALPHABET.length] ?? "");
    return [0, 4, 8, 12].map((at) => letters.slice(at, at + 4).join("")).join("-");
  });

/** 32 of them, so that each is as likely as the others: no l, o, 0 and 1. */
const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";

/** As it was given out, however it was typed. */
export function recoveryCodeOf(typed: string): string | null {
  const plain = typed.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  return plain.length === 16 ? [0, 4, 8, 12].map((at) => plain.slice(at, at + 4)).join("-") : null;
}
