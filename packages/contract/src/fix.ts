import type { FixAction } from "./fix-envelope.ts";
import type { Credential, HttpAnswer, Reached } from "./probe.ts";
import type { State } from "./audit.ts";

/** Everything outside that a fix can touch: each bounded by the signal, resolves with why it failed, never rejects. */
export interface FixHands {
  /** By the rules of what the server itself sends: no redirects, no neighbours of the wire, no other machine in the clear. */
  http(
    this: void,
    ask: {
      readonly url: string;
      readonly method: string;
      readonly body?: string | null;
      /** The host reads it and sends it as a bearer token; a fix never has it. */
      readonly credential?: Credential | null;
    },
    signal: AbortSignal,
  ): Promise<Reached<Pick<HttpAnswer, "status" | "body">>>;
  /** Program and arguments, no shell, with the few variables of the environment that programs need. */
  spawn(
    this: void,
    ask: { readonly command: readonly string[] },
    signal: AbortSignal,
  ): Promise<Reached<{ readonly code: number | null; readonly stdout: string }>>;
  /** To the process whose id stands in a file. */
  signal(this: void, ask: { readonly pidFile: string; readonly name: string }): Promise<Reached<object>>;
  pause(this: void, ms: number, signal: AbortSignal): Promise<void>;
  /** Whether a credential has a value now. */
  isSet(this: void, credential: Credential): boolean;
}

/** What an envelope says about one action, with what belongs to its provider. */
export interface FixTold {
  readonly action: FixAction;
  readonly baseUrl: string | null;
  readonly credential: Credential | null;
}

/** What a look found. */
export interface FixSeen {
  readonly isHealthy: boolean;
  /** Nobody can say how it is: what is done about it is inconclusive, and that counts as a failure. */
  readonly isUnknown?: true;
  /** A state in which it must not be touched, such as `replacing`. */
  readonly hinders?: string;
  /** Flat, for people: before and after. */
  readonly state: State;
  /** `<provider>_app`: the part of a provider that it belongs to. */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Something that can be done inside an envelope, as a plain object. It gets what the envelope pins and hands;
 * whether it may is not its question: the host asks the gate, and calls `act` with a permit in its own hand.
 */
export interface Fix {
  readonly name: string;
  /** Other names that callers know it by. */
  readonly aliases: readonly string[];
  /** `*`: whatever the envelope lists. */
  readonly targetKinds: readonly string[];
  /** Whose token it needs, and where the provider's own tools look for it; null: none. */
  readonly provider: { readonly name: string; readonly credential: Credential } | null;
  /** Changes nothing. Null: there is no such thing. */
  look(target: string, told: FixTold, hands: FixHands, signal: AbortSignal): Promise<FixSeen | null>;
  /** Whether it was done. */
  act(target: string, told: FixTold, hands: FixHands, signal: AbortSignal): Promise<boolean>;
  readonly words: {
    readonly verb: string;
    readonly done: string;
    missing(target: string): string;
    healthy(target: string): string;
  };
}
