import { PrunellaError, type Config } from "@prunella/contract";
import { parseVkey, parseWitnessVkey, type Verifier } from "@prunella/kernel";

/** The keys of the witnesses that are asked. Throws PRUNELLA_CONFIG_INVALID for a key that is none, also among those that are witnessed. */
export function readKeys({ ledger, witness }: Config): Verifier[] {
  for (const [at, vkey] of witness.origins.entries()) read(`witness.origins.${at}`, () => parseVkey(vkey));
  return ledger.witnesses.map(({ vkey }, at) => read(`ledger.witnesses.${at}.vkey`, () => parseWitnessVkey(vkey)));
}

function read(key: string, parse: () => Verifier): Verifier {
  try {
    return parse();
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
      detail: `${key}: ${cause instanceof PrunellaError && cause.detail !== null ? cause.detail : "not a verifier key."}`,
      hint: "A ledger's key stands at /ledger/vkey (type 1), a witness's at /witness/vkey (type 4).",
      cause,
    });
  }
}
