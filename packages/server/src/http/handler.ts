import type { Actor, Channel, LedgerReport, Notice, Operation, OutputOf, ParsedOf, Reloaded } from "@prunella/contract";
import type { Kernel, Verifier, Whence } from "@prunella/kernel";
import type { LedgerPublisher } from "../ledger-publisher.ts";
import type { RepositoriesView } from "../forge/shown.ts";
import type { CallLog } from "../plugins/broker/call-log.ts";
import type { InvokePlugin } from "../plugins/host.ts";
import type { PluginManager } from "../plugins/manager/manager.ts";
import type { WaysIn } from "../people/people.ts";
import type { Caller } from "./auth.ts";

/** What the operator API is built of. */
export interface ApiDeps {
  readonly kernel: Kernel;
  readonly publisher: LedgerPublisher;
  /** Whatever can be checked of the ledger, at once. */
  readonly verifyLedger: () => Promise<LedgerReport>;
  /** Those whose cosignatures are asked for. */
  readonly witnesses: readonly Verifier[];
  /** Ways to people, as the configuration has them. */
  readonly channels: readonly Channel[];
  readonly token: string;
  /** Whether one-time links sign in, beside people's own ways. */
  readonly linkSignIn: boolean;
  readonly waysIn: WaysIn;
  readonly plugins: PluginManager;
  readonly invokePlugin: InvokePlugin;
  /** The host of repositories that is configured; null: none is. */
  readonly repositories: RepositoriesView | null;
  readonly pluginCalls: Pick<CallLog, "after">;
  readonly url: () => string;
  /** Reads the configuration file again. */
  readonly reload: (by: Actor) => Promise<Reloaded>;
  readonly dsnOf: (row: { dsn_id: string; public_key: string }) => string;
  readonly now: () => number;
  readonly startedAt: number;
  readonly isDemo: boolean;
  /** How the command is called where the server was started. */
  readonly command: string;
  /** Ends with the server, so that open streams do not hold it up. */
  readonly closing: AbortSignal;
  /** For tests: an answer that its schema does not allow becomes an error. */
  readonly checksAnswers: boolean;
}

/** Event streams that are open, so that signing out ends those of the session. */
export interface Streams {
  /** What changed in the last seconds: a page asks before its stream is open, and must miss nothing in between. */
  recent(): readonly Notice[];
  /** The signal aborts when the session ends; the disposer forgets the stream. */
  open(session: string): { readonly signal: AbortSignal; forget(): void };
  end(session: string): void;
}

/** What one call is answered with. */
export interface Context extends Omit<ApiDeps, "token" | "checksAnswers"> {
  /** Null where anyone may call. */
  readonly caller: Caller | null;
  /** As whom the ledger knows them. */
  readonly by: Actor;
  /** What a list holds is of these projects; null: of all. */
  readonly sees: readonly string[] | null;
  /** From where, for the list of sessions. */
  readonly whence: Whence;
  readonly request: Request;
  /** Of the answer. */
  readonly headers: Headers;
  readonly streams: Streams;
}

type AnswerOf<O extends Operation> = O extends { readonly streams: true } ? Response : OutputOf<O>;

/** One handler for each operation of an area of the table: its input is parsed, its answer fits the schema. */
export type Handlers<Area extends Readonly<Record<string, Operation>>> = {
  readonly [K in keyof Area]: (input: ParsedOf<Area[K]>, context: Context) => Promise<AnswerOf<Area[K]>>;
};
