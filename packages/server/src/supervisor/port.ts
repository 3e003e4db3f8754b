import type { CrashBody, Instruction, RestartPolicy, VitalsBody } from "@prunella/contract";
import type { Redeemer } from "@prunella/kernel";

/**
 * How a supervisor speaks with the owner of the data folder: in the same process
 * ({@link createLocalPort}) or over the operator API ({@link createHttpPort}). An owner that cannot
 * be reached is PRUNELLA_SERVER_NOT_FOUND; other errors are those of the catalogue.
 */
export interface SupervisorPort {
  /** Opts the program in to being restarted, itself alone. */
  announce(given: {
    name: string;
    project: string;
    pid: number | null;
    policy: RestartPolicy;
  }): Promise<{ runId: string }>;
  /** Resolves when the crash is durable. The same `event_id` again counts once. */
  crash(runId: string, body: CrashBody): Promise<void>;
  /** How the program is; the last report counts, and one that is lost is not missed. */
  vitals(runId: string, body: VitalsBody): Promise<void>;
  /** Waits up to 25 s for something newer than the attempt or the stop `seen`; nobody waits once `signal` came. */
  next(runId: string, seen: string | null, signal?: AbortSignal): Promise<Instruction>;
  readonly redeem: Redeemer;
  outcome(attemptId: string, fence: number, state: "succeeded" | "failed", pid: number | null): Promise<void>;
  /** A clean exit, or a person's stop: this run is over. */
  end(runId: string): Promise<void>;
}
