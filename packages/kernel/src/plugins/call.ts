import type { Refusal } from "@prunella/contract";
import type { Access } from "@prunella/contract/plugins";
import type { Permit } from "../gate/permit.ts";

/** One thing that a plugin asks of its host while a command of it runs. */
export interface BrokerCall {
  /** The invocation within which it is asked; its row says which command runs, for which project. */
  readonly invocation: string;
  readonly projectId: string;
  readonly plugin: string;
  /** Of the bundle that was checked when the process was launched. */
  readonly digest: string;
  /** `net.fetch`, `state.put`. */
  readonly method: string;
  readonly access: Access;
  /** Of the registry; a capability is `capability:<name>:<access>`. */
  readonly scope: string;
  /** What of the scope, exactly, such as `GET api.example.com/v1/users` or `octo/shop`; `*` where it has no parts. */
  readonly resource: string;
  /** SHA-256 in hex of the arguments: the audit holds this and never the arguments. */
  readonly argumentsDigest: string;
  /** Whoever confirmed the command was not shown what this call is about: their yes does not cover it. */
  readonly isUnseen?: boolean;
  /** The arguments for people, after the scrubber, without what is large. */
  readonly preview?: string;
}

/** Whoever asks, while a person is asked: its own time stands still. */
export interface Waiting {
  readonly signal: AbortSignal;
  readonly begins: () => void;
  readonly ends: () => void;
}

/** Why not, and what a person can do about it. */
export interface BrokerDenial {
  readonly refusal: Refusal | "not_declared" | "not_used";
  readonly detail: string;
  /** The command line that would allow it; null: nothing would. */
  readonly mend: string | null;
}

export type BrokerVerdict =
  | { readonly kind: "allowed"; readonly permit: null }
  /** An effect on the outside: the holder of the permit carries it out once and says what came of it. */
  | { readonly kind: "allowed"; readonly permit: Permit; readonly done: (succeeded: boolean) => Promise<void> }
  | ({ readonly kind: "denied" } & BrokerDenial)
  | { readonly kind: "needs_approval"; readonly escalationId: string | null; readonly detail: string }
  | { readonly kind: "budget"; readonly detail: string }
  | { readonly kind: "expired"; readonly detail: string };

/** Declared, granted, policy, this invocation and its budget, each read now. Where nobody can wait, no person is asked. */
export type Authorize = (call: BrokerCall, waiting?: Waiting) => Promise<BrokerVerdict>;
