import { createHmac } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const STEP_MS = 30_000;
/** Far longer than from reading a code to its being checked. */
const ENOUGH_MS = 10_000;

/** Until the half minute has enough left: the code of the one before is taken for as long as this one lasts. */
export async function withinOneStep(): Promise<void> {
  const left = STEP_MS - (Date.now() % STEP_MS);
  if (left < ENOUGH_MS) await wait(left);
}

/** What an app shows (RFC 6238), so many half minutes from now; written anew, so that ours is held against it. */
export function oneTimeCode(secret: string, steps = 0, now = Date.now()): string {
  const bits = [...secret.trim()].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / STEP_MS) + steps));
  const digest = createHmac("sha1", key).update(counter).digest();
  const at = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, "0");
}
