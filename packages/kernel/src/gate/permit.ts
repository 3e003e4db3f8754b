import { PrunellaError, type Args } from "@prunella/contract";
import type { Clock } from "../ports.ts";
import { parseVkey, type Signer } from "../ledger/note.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";

/** What a redeemed permit allows, once. */
export interface Redeemed {
  readonly permitId: string;
  readonly attemptId: string;
  readonly projectId: string;
  readonly action: string;
  readonly target: string;
  readonly args: Args;
  readonly fence: number;
  /** Epoch milliseconds; after it the permit is void, however it is held. */
  readonly expiresAt: number;
}

/** A redeemed permit on its way to an executor in another process: what it says, signed with the ledger's key. */
export interface Ticket extends Redeemed {
  /** Base64 of Ed25519 over the ticket's canonical JSON under its own heading. */
  readonly signature: string;
}

/** Redeems permits for whoever carries effects out. Throws PRUNELLA_PERMIT_INVALID. */
export type Redeemer = (permitId: string, fence: number) => Promise<Permit>;

const KEY = Symbol("redeemed");
/** Permits that are valid now; what only looks like one is not in here. */
const VALID = new WeakSet<object>();

/**
 * The right to run one effect once. Only a redeemer of the kernel makes one, and an effect takes
 * nothing else, so code that has not been through the gate has nothing to call it with.
 */
export class Permit {
  readonly #redeemed: Redeemed;

  constructor(key: symbol, redeemed: Redeemed) {
    if (key !== KEY) throw invalid("A permit comes from redeeming one.");
    const { permitId, attemptId, projectId, action, target, args, fence, expiresAt } = redeemed;
    const held = { permitId, attemptId, projectId, action, target, args: Object.freeze({ ...args }), fence, expiresAt };
    this.#redeemed = Object.freeze(held);
    VALID.add(this);
    Object.freeze(this);
  }

  /** What it allows; throws for anything that only looks like a permit. */
  static read(permit: Permit): Redeemed {
    if (typeof permit !== "object" || permit === null || !(#redeemed in permit) || !VALID.has(permit))
      throw invalid("An effect was asked for without a permit.");
    return permit.#redeemed;
  }

  /** Reads it and uses it up: the second time throws. */
  static use(permit: Permit): Redeemed {
    const redeemed = Permit.read(permit);
    VALID.delete(permit);
    return redeemed;
  }
}
// Nobody may swap the ways in.
Object.freeze(Permit.prototype);
Object.freeze(Permit);

/** For the kernel alone (`index.ts` does not list it): `redeem` writes the ledger's `attempt_started`. */
export function createRedeemer(redeem: (permitId: string, fence: number) => Promise<Redeemed>): Redeemer {
  return async (permitId, fence) => new Permit(KEY, await redeem(permitId, fence));
}

const HEADING = "prunella permit v1\n";
/** Void permits are forgotten after so many. */
const MAX_REMEMBERED = 10_000;

/** The bytes that a ticket's signature is over. */
export const ticketBytes = (said: Redeemed): Uint8Array => {
  const { permitId, attemptId, projectId, action, target, args, fence, expiresAt } = said;
  const exactly = { permitId, attemptId, projectId, action, target, args: { ...args }, fence, expiresAt };
  return Buffer.from(HEADING + canonicalJson(exactly));
};

/** For the kernel alone: signs what a redeemed permit says. */
export const toTicket = (redeemed: Redeemed, signer: Signer): Ticket => ({
  ...redeemed,
  signature: Buffer.from(signer.sign(ticketBytes(redeemed))).toString("base64"),
});

/**
 * The redeemer of an executor in another process. `fetchTicket` asks the kernel's server; a ticket
 * counts only when the ledger's key signed it, when it speaks of the permit that was asked for, once,
 * and within its time. So whatever stands between can refuse, but not permit.
 */
export function createTicketRedeemer(deps: {
  /** The ledger's verifier key, from a place that the answering side cannot change. */
  readonly vkey: () => Promise<string>;
  readonly fetchTicket: (permitId: string, fence: number) => Promise<Ticket>;
  readonly clock: Pick<Clock, "now">;
}): Redeemer {
  const seen = new Set<string>();
  return async (permitId, fence) => {
    const ticket = await deps.fetchTicket(permitId, fence);
    const signature = Buffer.from(ticket.signature, "base64");
    if (!parseVkey(await deps.vkey()).verify(ticketBytes(ticket), signature))
      throw invalid("Its ticket is not signed with the ledger's key.");
    if (ticket.permitId !== permitId || ticket.fence !== fence) throw invalid("Its ticket speaks of another permit.");
    if (deps.clock.now() >= ticket.expiresAt) throw invalid("Its time is over.");
    if (seen.has(permitId)) throw invalid("Its ticket has been used already.");
    if (seen.size >= MAX_REMEMBERED) seen.clear();
    seen.add(permitId);
    return new Permit(KEY, ticket);
  };
}

const invalid = (detail: string) => new PrunellaError("PRUNELLA_PERMIT_INVALID", { detail });
