import type { Actor, Args, Cause, EscalationReason } from "@prunella/contract";
import type { Tx } from "../store/engine.ts";

/** What is left for a person: equal episodes are one question. */
export interface Episode {
  readonly projectId: string;
  /** What asks: an action of the remedy registry, or `work`. */
  readonly asker: string;
  readonly triggerId: string | null;
  readonly faultId: string | null;
  readonly target: string;
  readonly reason: EscalationReason;
  readonly cause: Cause | null;
  /** What would be done about it, as a permit would pin it; null: nobody could see that. */
  readonly args: Args | null;
  /** The person who had asked for what did not help; null: policy, or a caller from outside. */
  readonly requestedBy: Actor | null;
  /** The envelope around it is not trusted to do what anybody answers: it is done by hand, or not at all. */
  readonly isByHand?: boolean;
  /** Leave for one thing is asked, and nothing failed: beside those above, what makes it a question of its own. */
  readonly about?: string;
  /** Told beside something that is permitted in the same unit: what somebody approved beforehand waits for its own question. */
  readonly isNotice?: boolean;
}

/** Hands an episode to a person, in the unit that ends the ladder; returns the open question's id. */
export type Escalate = (tx: Tx, episode: Episode) => Promise<string>;
