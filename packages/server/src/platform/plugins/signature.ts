import { bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toSignedEntity, toTrustMaterial, VerificationError, Verifier } from "@sigstore/verify";
import type { FoundSignature } from "@prunella/contract/plugins";
import { z } from "zod";
import shipped from "./sigstore-root-2026-11-05.json" with { type: "json" };

/** Of the root that comes with this version: what is signed with keys that are newer does not count here. */
const SHIPPED = "2026-11-05";
/** Below it the library does not promise to work. */
const OLDEST_NODE = [24, 15] as const;

const Statement = z.object({
  _type: z.string().startsWith("https://in-toto.io/Statement/"),
  subject: z.array(z.object({ digest: z.record(z.string(), z.string()) })).max(1_000),
});

/**
 * Whether a Sigstore bundle is a signature over exactly these files, by nothing but what lies here: no network, no
 * key server. Signed is either the digest of the files with a line break (`cosign sign-blob`), or a statement of
 * in-toto that names the digest as a subject (`actions/attest`).
 */
export function checkSignature(
  text: string,
  treeDigest: string,
  root: { readonly json: unknown; readonly date: string } = { json: shipped, date: SHIPPED },
): FoundSignature {
  const no = (problem: string): FoundSignature => ({ by: null, issuer: null, root: root.date, problem });
  if (!isNewEnough())
    return no(`a signature is looked at by Node ${OLDEST_NODE.join(".")} or later, and not by this one`);
  let bundle: ReturnType<typeof bundleFromJSON>;
  try {
    bundle = bundleFromJSON(JSON.parse(text));
  } catch {
    return no("it is no Sigstore bundle");
  }
  try {
    if (bundle.content.$case === "dsseEnvelope" && !names(bundle.content.dsseEnvelope, treeDigest))
      return no("it is a signature of something else");
    const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(root.json)));
    const { identity } = verifier.verify(toSignedEntity(bundle, Buffer.from(`${treeDigest}\n`)));
    if (identity?.subjectAlternativeName === undefined) return no("it does not say whose it is");
    return {
      by: line(identity.subjectAlternativeName),
      issuer: line(identity.extensions?.issuer ?? "nobody"),
      root: root.date,
      problem: null,
    };
  } catch (error) {
    return no(error instanceof VerificationError ? (PROBLEMS[error.code] ?? OTHER) : OTHER);
  }
}

/** In our own words: a message of the library may hold what a stranger wrote. */
const OTHER = "it could not be checked";
const PROBLEMS: Readonly<Record<string, string>> = {
  SIGNATURE_ERROR: "it is a signature of something else",
  CERTIFICATE_ERROR: "its certificate is of nobody that the root knows",
  PUBLIC_KEY_ERROR: "it is made with a key of its author's own, which nothing here knows",
  TIMESTAMP_ERROR: "nobody that the root knows says when it was made",
  TLOG_ERROR: "it does not stand in a log that the root knows",
  TLOG_INCLUSION_PROOF_ERROR: "it does not stand in a log that the root knows",
  TLOG_INCLUSION_PROMISE_ERROR: "it does not stand in a log that the root knows",
  TLOG_MISSING_INCLUSION_ERROR: "it does not stand in a log that the root knows",
  TLOG_BODY_ERROR: "what the log says of it is of something else",
};

function names({ payload, payloadType }: { readonly payload: Buffer; readonly payloadType: string }, digest: string) {
  if (payloadType !== "application/vnd.in-toto+json") return false;
  const read = Statement.safeParse(JSON.parse(payload.toString("utf8")));
  return read.success && read.data.subject.some(({ digest: of }) => `sha256:${of["sha256"]}` === digest);
}

function isNewEnough(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
}

const line = (text: string): string => text.replaceAll(/[^ -~]/g, "?").slice(0, 500);
