import type { Kysely } from "kysely";
import type { Tables } from "./tables.ts";

export type EngineKind = "sqlite" | "postgres";

/**
 * An open database. `writer` is one connection that belongs to the writer queue alone; `reader`
 * sees committed rows only, so a page never shows what may still be rolled back.
 */
/** For the disk: not at all, since it would only be done again; beside the commit, by `sync`; or in the commit itself. */
export type Wait = "not" | "beside" | "within";

export interface Engine {
  /** How processes on one database tell each other that something changed; null where one process has it alone. */
  readonly channel: Channel | null;
  readonly kind: EngineKind;
  readonly writer: Kysely<Tables>;
  readonly reader: Kysely<Tables>;
  /** Shared with other threads that write; null where the database lets several write, or nobody else does. */
  readonly turn: Turn | null;
  /**
   * Begins a transaction on the writer's connection, in which `rows` reach the driver directly. One that need not wait for the disk is committed at
   * once, and reaches it with the next that waits: commits reach it in their order.
   */
  begin(db: Kysely<Tables>, wait: Wait): Promise<void>;
  /**
   * What was committed is on the disk when it resolves; null where the commit itself waits for that. Until then
   * others may see what is not there after a loss of power, so nothing for the ledger is written that way.
   * Throws `NotOnDisk`.
   */
  readonly sync: (() => Promise<void>) | null;
  /** Resolves after one turn of the event loop, when the input that had already arrived has been taken in. */
  nextTurn(): Promise<void>;
  /** True when the transaction lost a race and may simply be run again. */
  isRetryable(error: unknown): boolean;
  /** Makes what was deleted unreadable in the engine's own files too, as far as it can. */
  scrubFiles(): Promise<void>;
  close(): Promise<void>;
}

/** Whose the one place of writing is. Waiting for it stops no event loop. */
export interface Turn {
  /** True while this thread has it. */
  readonly isMine: boolean;
  take(): Promise<void>;
  release(): void;
}

/** Short texts to every process on the same database. Nothing is promised: what matters is also polled. */
export interface Channel {
  send(text: string): Promise<void>;
  /** `onGap`: the line was down, and texts may have been lost. The returned function ends it. */
  listen(onText: (text: string) => void, onGap: () => void): () => Promise<void>;
}

/** Queries inside a unit go through this; nothing else is awaited there. */
export interface Tx {
  readonly db: Kysely<Tables>;
  readonly kind: EngineKind;
  /** False when what is seen of it may be lost with the machine's power: nothing for the ledger. */
  readonly doesWait: boolean;
  /**
   * Something that is under way and has no answer that the unit needs: what is asked after it comes after it,
   * and the unit ends when it is done, or fails with it.
   */
  later(done: Promise<unknown>): void;
  /** Done once, before what the unit wrote is kept; units of one batch may share it. A name that is waiting already changes nothing. */
  atEnd(name: string, step: () => Promise<unknown>): void;
}

/** Committed and seen by others, but perhaps gone after a loss of power: it is not done once more. */
export class NotOnDisk extends Error {}

/** A ledger entry in a unit that does not wait for the disk by itself. */
export class NeedsDisk extends Error {}
