import { PrunellaError } from "@prunella/contract";
import type { Kernel, Rng } from "@prunella/kernel";
import { networkOf } from "../doors/kit/network-of.ts";
import { recoveryCodeOf, stepOf } from "./codes.ts";
import { createPasswords } from "./password.ts";
import { createTries } from "./tries.ts";

interface Deps {
  readonly kernel: Pick<Kernel, "access">;
  readonly rng: Rng;
  readonly now: () => number;
}

export type PasswordSignIn = ReturnType<typeof createPasswordSignIn>;

/**
 * Password and code, both or nothing: which of the three was wrong nobody learns, and a name that nobody has
 * takes as long as one that somebody has. Tries are counted by name and address, by name, and by address; the
 * other ways in are not touched by it, so nobody is locked out by somebody else's guesses.
 */
export function createPasswordSignIn({ kernel: { access }, rng, now }: Deps) {
  const passwords = createPasswords(rng);
  const limits = [
    { tries: createTries(10, 10, now), key: (name: string, network: string) => `${name} ${network}` },
    { tries: createTries(50, 50, now), key: (name: string) => name },
    { tries: createTries(100, 100, now), key: (_name: string, network: string) => network },
  ];

  /** Answers whose they are. */
  async function check(name: string, password: string, code: string): Promise<string | null> {
    const known = await access.credentialsOf(name);
    const isRight = await passwords.isRight(password, known?.password ?? null);
    if (known === null || known.totp_secret === null || !isRight) return null;
    const step = await stepOf(known.totp_secret, known.name, code, now());
    if (step !== null) return (await access.takeStep(known.person_id, step)) ? known.person_id : null;
    const recovery = recoveryCodeOf(code);
    if (recovery === null) return null;
    return (await access.takeRecoveryCode(known.person_id, recovery)) ? known.person_id : null;
  }

  /** Counts a try; gives it back when `trying` says that it was right. */
  async function limited<T>(name: string, address: string, trying: () => Promise<T | null>): Promise<T | null> {
    const network = networkOf(address);
    const keys = limits.map(({ tries, key }) => ({ tries, key: key(name.trim().toLowerCase(), network) }));
    // All are counted, also those behind one that says no.
    const isAllowed = keys.map(({ tries, key }) => tries.take(key)).every(Boolean);
    if (!isAllowed)
      throw new PrunellaError("PRUNELLA_TOO_MANY_TRIES", {
        hint: "Wait some minutes, or get in another way: a passkey, or a fresh invitation from an owner.",
      });
    const found = await trying();
    if (found !== null) for (const { tries, key } of keys) tries.giveBack(key);
    return found;
  }

  return {
    passwords,
    async signIn(given: { name: string; password: string; code: string; address: string }): Promise<string> {
      const found = await limited(given.name, given.address, () => check(given.name, given.password, given.code));
      if (found !== null) return found;
      throw new PrunellaError("PRUNELLA_SIGN_IN_REFUSED", {
        detail: "Name, password or code is not right.",
        hint: "A code works once; wait for the next one. An owner can invite you again.",
      });
    },
    /** Of somebody who is signed in, before what only they may change. Throws PRUNELLA_SIGN_IN_REFUSED. */
    async assertPassword(person: { id: string; name: string }, password: string, address: string): Promise<void> {
      const known = await access.credentialsOf(person.id);
      const isRight = await limited(person.name, address, async () =>
        (await passwords.isRight(password, known?.password ?? null)) ? true : null,
      );
      if (isRight === null)
        throw new PrunellaError("PRUNELLA_SIGN_IN_REFUSED", { detail: "The password is not the present one." });
    },
  };
}
