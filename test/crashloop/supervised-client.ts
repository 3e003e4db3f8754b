import { createHttpPort, type Owner, type SupervisorPort } from "@prunella/server";
import { RestartPolicy, type Instruction } from "@prunella/contract";
import { crashNow } from "../../bench/cells/decision.ts";
import type { Where } from "./where.ts";

export interface SupervisedClient {
  /** Ids of crash events that were acknowledged. */
  readonly acknowledged: ReadonlySet<string>;
  /** Attempts whose permit was redeemed: these effects have happened in the world. */
  readonly effects: ReadonlySet<string>;
  /** Crashes that got no instruction within the wait: the program would have stayed down without a word. */
  readonly stranded: number;
  finish(): Promise<void>;
}

/** How long an instruction may take before the round counts as stranded, ms. */
const INSTRUCTION_MS = 2_000;
const BUDGET = 1_000_000;

/** A program that crashes all the time, under a supervisor that does an effect for each permit. */
export function startSupervisedClient({
  where,
  name,
  vkey,
}: {
  where: Where<Owner>;
  name: string;
  /** Of the ledger, from the data folder. */
  vkey: () => Promise<string>;
}): SupervisedClient {
  const acknowledged = new Set<string>();
  const effects = new Set<string>();
  const counts = { stranded: 0 };
  let isFinishing = false;
  const port = createHttpPort(async () => where.current(), vkey);
  const policy = RestartPolicy.parse({
    budget: { max: BUDGET, window_ms: 600_000 },
    ceiling: 50,
    backoff: { base_ms: 0, max_ms: 0 },
  });

  /** One life of the program: announced, crashed, restarted. Any step may be cut off by the kill. */
  async function life(): Promise<void> {
    const { runId } = await port.announce({ name, project: "default", pid: null, policy });
    for (let seen: string | null = null; !isFinishing;) {
      await crash(runId);
      const instruction: Instruction | null = await instructed(port, runId, seen);
      if (instruction === null) {
        counts.stranded += 1;
        return;
      }
      if (instruction.kind !== "restart") return;
      seen = instruction.attempt_id;
      await port.redeem(instruction.permit_id, instruction.fence);
      effects.add(instruction.attempt_id);
      await port.outcome(instruction.attempt_id, instruction.fence, "succeeded", null);
    }
  }

  /** Sent again under the same id until it is acknowledged, as the real supervisor does. */
  async function crash(runId: string): Promise<void> {
    const body = crashNow();
    for (;;) {
      const isTaken = await port.crash(runId, body).then(
        () => true,
        () => false,
      );
      if (isTaken) break;
      if ((await where.current()) === null) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    acknowledged.add(body.event_id);
  }

  async function live(): Promise<void> {
    while (!isFinishing && (await where.current()) !== null) {
      await life().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  const done = live();
  return {
    acknowledged,
    effects,
    get stranded() {
      return counts.stranded;
    },
    async finish() {
      isFinishing = true;
      await done;
    },
  };
}

function instructed(port: SupervisorPort, runId: string, seen: string | null): Promise<Instruction | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), INSTRUCTION_MS);
    port
      .next(runId, seen)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
