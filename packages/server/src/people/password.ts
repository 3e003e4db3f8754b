import { scrypt, timingSafeEqual } from "node:crypto";
import { PrunellaError } from "@prunella/contract";
import type { Rng } from "@prunella/kernel";

/** OWASP's strongest for scrypt: 128 MiB and a quarter of a second each. */
const COST = { N: 2 ** 17, r: 8, p: 1 };
const MAXMEM = 192 * 1024 * 1024;
const KEY_BYTES = 32;
/** At once: a quarter of a GiB, whoever knocks. */
const SLOTS = 2;
/** Waiting for their turn; more are told to come later. */
const MAX_WAITING = 16;
export const MIN_PASSWORD = 12;

/** Held against when nobody is called so: takes as long, and no password gives it. */
const NOBODY = `scrypt$17$8$1$${"A".repeat(22)}$${"A".repeat(43)}`;

/** Passwords are kept as their slow digest and nothing else. */
export function createPasswords(rng: Rng, maxWaiting = MAX_WAITING) {
  let busy = 0;
  const waiting: (() => void)[] = [];

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (busy >= SLOTS) {
      if (waiting.length >= maxWaiting) throw new PrunellaError("PRUNELLA_TOO_MANY_TRIES");
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else busy += 1;
    try {
      return await work();
    } finally {
      // Whoever waits takes over the place.
      const next = waiting.shift();
      if (next === undefined) busy -= 1;
      else next();
    }
  }

  return {
    async hash(password: string): Promise<string> {
      const salt = Buffer.from(rng.bytes(16));
      const key = await inTurn(() => derive(password, salt));
      return `scrypt$17$8$1$${salt.toString("base64url")}$${key.toString("base64url")}`;
    },
    /** `stored` null takes as long and is never right. */
    async isRight(password: string, stored: string | null): Promise<boolean> {
      const [, , , , salt = "", key = ""] = (stored ?? NOBODY).split("$");
      const derived = await inTurn(() => derive(password, Buffer.from(salt, "base64url")));
      return timingSafeEqual(derived, Buffer.from(key, "base64url")) && stored !== null;
    },
  };
}

/** Composed or not, the same characters are one password. */
function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFC"), salt, KEY_BYTES, { ...COST, maxmem: MAXMEM }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

/** What lists of stolen passwords hold of twelve characters and more, without its digits and signs. */
const COMMON = new Set([
  // The longest first: what is left of a password without them is looked at.
  "correcthorsebatterystaple",
  "qwertyuiopasdfghjkl",
  "administrator",
  "administration",
  "password",
  "passwort",
  "prunella",
  "qwertyuiop",
  "asdfghjkl",
  "abcdefghijkl",
  "iloveyou",
  "welcome",
  "changeme",
  "letmein",
  "qwerty",
  "unknown",
  "superman",
  "football",
  "baseball",
  "princess",
  "sunshine",
]);

/**
 * Twelve characters, and none of what is guessed first: one character or a short piece over and over, a
 * run of the alphabet or of digits, the usual words with digits around them, the person's or our own name.
 */
export function assertStrong(password: string, name: string): void {
  const weak = (detail: string): never => {
    throw new PrunellaError("PRUNELLA_PASSWORD_WEAK", {
      detail,
      hint: "Four words that do not belong together are easy to keep and hard to guess.",
    });
  };
  if ([...password].length < MIN_PASSWORD) weak(`It has fewer than ${MIN_PASSWORD} characters.`);
  const plain = password.toLowerCase();
  if (/^(.{1,4})\1+.{0,3}$/su.test(plain)) weak("It says one thing over and over.");
  if (isRun(plain)) weak("It is a run of the alphabet or of digits.");
  const letters = plain.replaceAll("0", "o").replaceAll(/[@4]/g, "a").replaceAll("3", "e").replaceAll("$", "s");
  const names = name.replaceAll(/[^a-z]/g, "");
  for (const each of [plain, letters]) {
    const word = each.replaceAll(/[^a-z]/g, "");
    const rest = [...COMMON, ...(names.length < 3 ? [] : [names])].reduce(
      (left, one) => left.replaceAll(one, ""),
      word,
    );
    if (rest !== word && rest.length < 4) weak("It is a usual word, or a name, with something around it.");
  }
}

function isRun(text: string): boolean {
  const steps = [...text].slice(1).map((character, at) => character.charCodeAt(0) - text.charCodeAt(at));
  const usual = steps.filter((step) => step === 1 || step === -1).length;
  return usual >= steps.length - 2;
}
