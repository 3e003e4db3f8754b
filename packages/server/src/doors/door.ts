import type { Config } from "@prunella/contract";
import type { DoorKernel } from "@prunella/kernel";
import type { Answer, Refusal } from "./kit/answers.ts";
import type { Arrival } from "./kit/arrival.ts";
import type { Head } from "./kit/head.ts";
import type { Loss } from "./kit/losses.ts";

/**
 * One way in for failures. A door says which requests are its own and translates them into events;
 * bounds, decompression, back-pressure, projects, answers and losses come from the kit. To add one:
 * a folder here, and its line in index.ts.
 */
export interface Door {
  /** One word, the name of its folder. */
  readonly name: string;
  /**
   * Every reason under which it counts losses, beside those of the kit (`KIT_REASONS`). The list is
   * closed, because the words enter the ledger: what stands on neither is counted as `door.other`.
   */
  readonly reasons: ReadonlySet<string>;
  /** Whether a request is for it. Asked by whoever answers the port, where no door is open. */
  takes(request: Pick<Head, "method" | "url">): boolean;
  /** Called once by each thread that opens doors. What the door remembers between requests lives in there. */
  open(kit: DoorKit): OpenDoor;
}

export interface OpenDoor {
  readonly receive: Receive;
  /** Refusals in the words of its clients. Without it, those of the operator API. */
  readonly refuse?: (refusal: Refusal) => Answer;
}

/**
 * Receives one request to its end. Whatever it throws becomes a refusal, and a loss of the project that
 * was entered before; what it keeps nothing of and answers all the same, it counts itself (`kit.lose`).
 */
export type Receive = (arrival: Arrival) => Promise<Answer>;

/** What all doors share. */
export interface DoorKit {
  readonly kernel: Reached;
  readonly config: Config;
  readonly now: () => number;
  /** 32 lower-case hex digits. */
  readonly newId: () => string;
  /**
   * For what only the operator's own tools may do.
   *
   * @throws PRUNELLA_SIGN_IN_REQUIRED
   */
  assertOperator(authorization: string | undefined): void;
  /** Counts what came in and is not kept. Kept in memory for seconds: back-pressure must not write. */
  lose(projectId: string, losses: readonly Loss[]): void;
  /** As `lose`, resolving when it is written: for losses of which the request is the only record. */
  loseNow(projectId: string, losses: readonly Loss[]): Promise<void>;
}

/** The part of the kernel that doors reach. */
export interface Reached extends Pick<DoorKernel, "report" | "pressure" | "heartbeats" | "releases" | "sourceMaps"> {
  readonly projects: Pick<DoorKernel["projects"], "list" | "add">;
}
