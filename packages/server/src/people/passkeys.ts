import { isIP } from "node:net";
import { PrunellaError } from "@prunella/contract";
import type { MadePasskey, UsedPasskey } from "@prunella/contract/operations";
import type { Kernel, Rng } from "@prunella/kernel";
import type { z } from "zod";

/** To find the device and touch it. */
const ANSWER_MS = 5 * 60_000;

export interface Place {
  /** The name that passkeys are bound to. */
  readonly id: string;
  readonly origin: string;
}

/**
 * Where passkeys work. Browsers bind them to a name and to none of the numbers, so a server on loopback
 * is `localhost` for them; null when it is reached by a number from elsewhere, or in the clear.
 */
export function placeOf(address: string): Place | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isLoopback = host === "localhost" || host === "::1" || host.startsWith("127.");
  if (isLoopback)
    return { id: "localhost", origin: `${url.protocol}//localhost${url.port === "" ? "" : `:${url.port}`}` };
  return isIP(host) > 0 || url.protocol !== "https:" ? null : { id: host, origin: url.origin };
}

interface Deps {
  readonly kernel: Pick<Kernel, "access">;
  readonly rng: Rng;
  readonly now: () => number;
  readonly url: () => string;
}

export type Passkeys = ReturnType<typeof createPasskeys>;

/** What browsers are asked, and what of their answers holds. The library is loaded with the first of them. */
export function createPasskeys({ kernel: { access }, rng, now, url }: Deps) {
  const load = () => import("@simplewebauthn/server");

  function place(): Place {
    const found = placeOf(url());
    if (found !== null) return found;
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: "Passkeys need a name: this server is reached by a number, or in the clear.",
      hint: "Set server.public_url to an https address.",
    });
  }

  /** Fresh each time; kept by its digest, and gone with the first answer. */
  async function challenge(kind: string, data: string): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = Uint8Array.from(rng.bytes(32));
    const secret = Buffer.from(bytes).toString("base64url");
    await access.keepChallenge({ kind, secret, data, expiresAt: now() + ANSWER_MS });
    return bytes;
  }

  /** For the library: whether the challenge in an answer is one of ours, for this. It is none any more then. */
  const isOurs = (kind: string, data: string) => async (given: string) =>
    (await access.takeChallenge(kind, given)) === data;

  return {
    place: () => placeOf(url()),

    async beginAdding(person: { readonly id: string; readonly name: string }) {
      const { generateRegistrationOptions } = await load();
      const own = await access.passkeysOf(person.id);
      const options = await generateRegistrationOptions({
        rpName: "Prunella",
        rpID: place().id,
        userName: person.name,
        userID: Uint8Array.from(Buffer.from(person.id)),
        challenge: await challenge("passkey_add", person.id),
        timeout: ANSWER_MS,
        attestationType: "none",
        excludeCredentials: own.map((each) => ({ id: each.credential_id })),
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
      });
      return { options: { ...options } };
    },
    async add(personId: string, title: string, made: z.output<typeof MadePasskey>): Promise<void> {
      const { verifyRegistrationResponse } = await load();
      const { id, origin } = place();
      const verified = await refusing(
        verifyRegistrationResponse({
          response: made,
          expectedChallenge: isOurs("passkey_add", personId),
          expectedOrigin: origin,
          expectedRPID: id,
          requireUserVerification: true,
        }),
      );
      if (!verified.verified) throw refused();
      const { credential } = verified.registrationInfo;
      await access.addPasskey({
        credential_id: credential.id,
        person_id: personId,
        title,
        public_key: Buffer.from(credential.publicKey).toString("base64url"),
        counter: credential.counter,
      });
    },

    /** Names nobody: the device itself knows whose passkeys it holds, so nothing tells who is known here. */
    async begin() {
      const { generateAuthenticationOptions } = await load();
      const options = await generateAuthenticationOptions({
        rpID: place().id,
        challenge: await challenge("passkey_use", ""),
        timeout: ANSWER_MS,
        userVerification: "required",
      });
      return { options: { ...options } };
    },
    /** Whose it is. */
    async use(used: z.output<typeof UsedPasskey>): Promise<string> {
      const { verifyAuthenticationResponse } = await load();
      const { id, origin } = place();
      const standing = await access.passkeyOf(used.id);
      if (standing === null) throw refused();
      const verified = await refusing(
        verifyAuthenticationResponse({
          response: used,
          expectedChallenge: isOurs("passkey_use", ""),
          expectedOrigin: origin,
          expectedRPID: id,
          requireUserVerification: true,
          credential: {
            id: standing.credential_id,
            publicKey: Uint8Array.from(Buffer.from(standing.public_key, "base64url")),
            counter: standing.counter,
          },
        }),
      );
      if (!verified.verified) throw refused();
      // Once more where it is written: of two answers at once one is a copy's.
      const isFirst = await access.countPasskey(standing.credential_id, verified.authenticationInfo.newCounter);
      if (!isFirst) throw refused();
      return standing.person_id;
    },
  };
}

const refused = (cause?: unknown): PrunellaError =>
  new PrunellaError("PRUNELLA_SIGN_IN_REFUSED", {
    detail: "The passkey was not accepted.",
    hint: "Try again; the question that it answers is good for five minutes and once.",
    cause,
  });

/** What the library throws is about what came in, and none of ours. */
async function refusing<T>(verifying: Promise<T>): Promise<T> {
  try {
    return await verifying;
  } catch (cause) {
    if (cause instanceof PrunellaError) throw cause;
    throw refused(cause);
  }
}
