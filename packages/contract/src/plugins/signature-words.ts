import type { Signature } from "./artifact.ts";

/** Whose a plugin is, as far as anybody can tell; never that it is safe. */
export function signatureWords({ state, by, issuer, root, problem }: Signature): string {
  const words = {
    signed: `signed by ${by}, as ${issuer} says (looked at with the root of ${root})`,
    pinned: "pinned to a commit, and not signed",
    unsigned: "not signed",
  }[state];
  return problem === null ? words : `${words}: a signature is there, but ${problem}`;
}
