import type { Actor, Args, Choice, Source, State } from "@prunella/contract";
import type { z } from "zod";
import type { Engine, Tx } from "../store/engine.ts";
import type { Permit } from "./permit.ts";
import type { Request } from "./request.ts";

/** What a look at a target found; null where there is no such target. */
export interface Observation {
  /** Somebody is there who could carry the remedy out. */
  readonly isReachable: boolean;
  readonly isHealthy: boolean;
  /** Nothing more will be heard of it until something acts: a refusal now is final. */
  readonly staysDown: boolean;
  /** What was seen and pins the effect to it, such as the run of a program. */
  readonly args: Args;
  /** A state in which it must not be touched, such as one that it is about to leave by itself. */
  readonly hinders?: string;
  /** Flat, for people: what was seen before and after. */
  readonly state?: State;
  /** `<provider>_app`: the part of a provider that it belongs to. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A refusal of check 3 (`plugin_disabled`) or 4 (the others), and why. */
export interface Barred {
  readonly refusal: "plugin_disabled" | "not_granted" | "artifact_changed";
  readonly detail: string;
}

/** Whether a remedy has helped. No evidence is `inconclusive`, which counts as a failure. */
export type Verified = "healthy" | "unhealthy" | "inconclusive";

/**
 * What can be done about a failure. The gate knows none by name: it looks, compares and permits.
 * `act` is null when an executor outside asks for its permit and carries it out.
 */
export interface Remedy {
  readonly name: string;
  /** Other names that callers know it by. */
  readonly aliases?: readonly string[];
  /** `*`: whatever its envelope lists. */
  readonly targetKinds: readonly string[];
  /** It acts inside an envelope of the configuration alone, whoever asks. */
  readonly isEnveloped?: true;
  /** Of which provider the token is missing now, inside the envelope of this name; null: none. */
  lacks?(projectId: string, target: string, envelope?: string): string | null;
  /** What stands against whoever asks, whatever the target is like: checks 3 and 4, read in the unit that decides. */
  bars?(db: Engine["reader"], request: Pick<Request, "projectId" | "args">, now: number): Promise<Barred | null>;
  /** Until when whoever carries it out may still be at it; null: nobody is. Left out: it takes moments. */
  underWay?(db: Engine["reader"], args: Args): Promise<number | null>;
  /** Whoever asked hears what came of it, and nobody else is asked. */
  readonly asksNobody?: true;
  /** Of the arguments that a trigger or a caller gives; what is observed is pinned beside them. */
  readonly args: z.ZodType<Args>;
  /** Bounded in time; changes nothing. */
  observe(projectId: string, target: string, args: Args, db: Engine["reader"]): Promise<Observation | null>;
  /** It looks at the rows of `db` and at nothing else: then it is asked in the unit that decides. */
  readonly readsRowsAlone?: true;
  /** Bounded in time; resolves whether it was done. */
  readonly act: ((permit: Permit) => Promise<boolean>) | null;
  /** Asked when the quiet watch is over. */
  verify(projectId: string, target: string, args: Args): Promise<Verified>;
  /** A person may have it done to a target that is well. */
  readonly mayTouchHealthy: boolean;
  /** Sources whose events it causes itself while it is at work. */
  readonly symptoms: readonly Source[];
  readonly choices: readonly Offered[];
  /** The name of the choice that is taken when nobody decides; one of effect `leave`. */
  readonly defaultChoice: string;
  /** What `leave` means for the target, in the unit of the decision; `by`: whose it was. */
  leave(tx: Tx, now: number, projectId: string, target: string, by: Actor | null): Promise<void>;
  readonly words: RemedyWords;
}

/** A choice as its remedy offers it; a promise that names a command names it whole. */
export interface Offered extends Omit<Choice, "promise"> {
  readonly promise: string | ((projectId: string, target: string) => string);
}

export interface RemedyWords {
  /** "light" in "an attempt to light hall". */
  readonly verb: string;
  /** "lit" in "hall was lit". */
  readonly done: string;
  /** What a person calls the target. */
  name(target: string): string;
  /** What a person is asked when it did not help. */
  question(target: string): string;
  missing(target: string): string;
  healthy(target: string): string;
  /** What makes a missing target one that can be reached. */
  readonly reach: string;
  /** Settings that change what was refused, by refusal. */
  readonly settings: Readonly<Partial<Record<string, string>>>;
}

export type Remedies = ReadonlyMap<string, Remedy>;

/** What stands before the colon: `program` of `program:shop`. */
export const kindOf = (target: string): string => target.slice(0, target.indexOf(":"));
/** What stands behind it. */
export const idOf = (target: string): string => target.slice(target.indexOf(":") + 1);
