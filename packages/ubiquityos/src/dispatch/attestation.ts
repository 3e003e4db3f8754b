import { createHash, sign, verify, type KeyObject } from "node:crypto";
import { parseJson } from "@prunella/contract/json";
import { z } from "zod";

/**
 * A short-lived proof that this kernel dispatched to a plugin (a JWT of RFC 7519, RS256). A plugin that runs longer
 * than its token holds sends it back and gets a new pair; it is bound to the token, the repository and the dispatch
 * that it came with.
 */
const Claims = z.object({
  iss: z.string(),
  aud: z.string(),
  iat: z.int(),
  exp: z.int(),
  jti: z.string(),
  owner: z.string(),
  repo: z.string(),
  installation_id: z.int().nullable(),
  auth_token_sha256: z.string(),
  state_id: z.string(),
});
export type Claims = z.infer<typeof Claims>;

export interface Attested {
  readonly issuer: string;
  readonly audience: string;
  readonly owner: string;
  readonly repo: string;
  readonly installationId: number | null;
  readonly authToken: string;
  readonly stateId: string;
  /** Unique, so that one proof is told from the next. */
  readonly id: string;
}

/** How long a proof holds: as long as an installation's token, an hour. */
export const ATTESTATION_SECONDS = 3_600;

export function attest(of: Attested, nowMs: number, privateKey: KeyObject): string {
  const now = Math.floor(nowMs / 1_000);
  const claims: Claims = {
    iss: of.issuer,
    aud: of.audience,
    iat: now,
    exp: now + ATTESTATION_SECONDS,
    jti: of.id,
    owner: of.owner,
    repo: of.repo,
    installation_id: of.installationId,
    auth_token_sha256: tokenHash(of.authToken),
    state_id: of.stateId,
  };
  const text = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}`;
  return `${text}.${sign("sha256", Buffer.from(text), privateKey).toString("base64url")}`;
}

export type AttestationReading =
  | { readonly ok: true; readonly claims: Claims }
  | { readonly ok: false; readonly why: "malformed" | "forged" | "expired" | "for_another" };

/** Believes a proof only with our own signature, in its time, for us, and beside the token that it was made for. */
export function readAttestation(
  token: string,
  expected: { readonly audience: string; readonly authToken: string },
  nowMs: number,
  publicKey: KeyObject,
): AttestationReading {
  const [head = "", body = "", signature = "", ...more] = token.split(".");
  const claims = Claims.safeParse(decode(body));
  const header = Header.safeParse(decode(head));
  if (more.length > 0 || !header.success || !claims.success) return { ok: false, why: "malformed" };
  const isOurs = verify("sha256", Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, "base64url"));
  if (!isOurs) return { ok: false, why: "forged" };
  if (claims.data.exp * 1_000 <= nowMs) return { ok: false, why: "expired" };
  const isFor =
    claims.data.aud === expected.audience && claims.data.auth_token_sha256 === tokenHash(expected.authToken);
  return isFor ? { ok: true, claims: claims.data } : { ok: false, why: "for_another" };
}

/** Only the one algorithm that we sign with: `none` and the symmetric ones have been used to forge (RFC 8725, 3.1). */
const Header = z.object({ alg: z.literal("RS256") });

const tokenHash = (token: string) => createHash("sha256").update(token).digest("base64url");
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const decode = (part: string): unknown => parseJson(Buffer.from(part, "base64url").toString());
