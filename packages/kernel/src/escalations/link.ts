import { PrunellaError } from "@prunella/contract";
import { sql } from "kysely";
import { digestOf } from "../access/secret.ts";
import type { Signer } from "../ledger/note.ts";
import type { Tx } from "../store/engine.ts";

/** So that a signature over a link is one over nothing else. */
const PURPOSE = "prunella-escalation-link-v1";
const KIND = "escalation_link";

interface Link {
  readonly escalationId: string;
  readonly expiresAt: number;
  readonly nonce: string;
}

/**
 * What a message's link holds beside the address: which question it was sent for, until when, and a number
 * that serves once. It opens the page and decides nothing; whoever decides there is signed in
 * (docs/decisions/0019-a-link-is-no-key.md).
 */
export function makeLink(signer: Signer, { escalationId, expiresAt, nonce }: Link): string {
  const said = Buffer.from(JSON.stringify([escalationId, expiresAt, nonce])).toString("base64url");
  return `${said}.${Buffer.from(signer.sign(bytesOf(said))).toString("base64url")}`;
}

/** In the unit of what the link is used for. Throws when it is not one of ours, for another question, over, or used. */
export async function useLink(
  tx: Tx,
  signer: Signer,
  given: { now: number; escalationId: string; link: string },
): Promise<void> {
  const link = readLink(signer, given.link);
  if (link === null || link.escalationId !== given.escalationId) throw refused("It was not sent for this question.");
  if (link.expiresAt <= given.now) throw refused("Its time is over.");
  const { rows } = await sql`insert into challenge (challenge_hash, kind, data, expires_at)
    values (${digestOf(link.nonce)}, ${KIND}, ${link.escalationId}, ${link.expiresAt}) on conflict (challenge_hash) do nothing
    returning challenge_hash`.execute(tx.db);
  if (rows.length === 0) throw refused("It was used already.");
}

const refused = (detail: string): PrunellaError =>
  new PrunellaError("PRUNELLA_CONFLICT", {
    detail: `The link cannot be used. ${detail}`,
    hint: "Open the question in the console and decide there, or in a terminal: prunella escalations",
  });

function readLink(signer: Signer, text: string): Link | null {
  const [said = "", signature = ""] = text.split(".");
  // Ed25519 gives the same signature each time.
  const right = Buffer.from(signer.sign(bytesOf(said)));
  const given = Buffer.from(signature, "base64url");
  let differs = right.length === given.length ? 0 : 1;
  for (const [at, byte] of right.entries()) differs |= byte ^ (given[at] ?? 0);
  if (differs !== 0) return null;
  const parsed: unknown = JSON.parse(Buffer.from(said, "base64url").toString());
  if (!Array.isArray(parsed)) return null;
  const [escalationId, expiresAt, nonce]: unknown[] = parsed;
  return typeof escalationId === "string" && typeof expiresAt === "number" && typeof nonce === "string"
    ? { escalationId, expiresAt, nonce }
    : null;
}

const bytesOf = (said: string): Uint8Array => Buffer.from(`${PURPOSE}\n${said}\n`);
