import { resolve } from "node:path";
import type { LedgerConfig } from "@prunella/contract";
import { formatKept, openCheckpoint, parseVkey, vkeyOf, type Clock, type Log, type Signer } from "@prunella/kernel";
import type { LedgerPublisher } from "../ledger-publisher.ts";
import { createDelivery, type Delivery, type Published } from "./destination.ts";
import { fileDestination } from "./file.ts";
import { webhookDestination } from "./webhook.ts";
import { witnessDestination } from "./witness.ts";

export interface Checkpoints {
  /** Asks every witness now; what any of them knows against this ledger. */
  askWitnesses(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Brings checkpoints out of the reach of whoever has the data folder: to a file, a webhook, witnesses. */
export function createCheckpoints(deps: {
  readonly config: LedgerConfig;
  /** Where relative paths begin. */
  readonly folder: string;
  readonly publisher: LedgerPublisher;
  readonly headSize: () => Promise<number>;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly log: Log;
}): Checkpoints {
  const { config, publisher, headSize, clock, log } = deps;
  const verifier = parseVkey(vkeyOf(deps.signer));
  const { every: everyMs, file, webhook } = config.checkpoints;

  async function published(): Promise<Published | null> {
    const note = await publisher.read("checkpoint");
    if (note === null) return null;
    const time = new Date(clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
    return { note, size: openCheckpoint(note, verifier).size, line: formatKept(note, verifier, time) };
  }

  const witnesses = config.witnesses.map(({ url, vkey }) =>
    witnessDestination({ url, vkey, reader: publisher, headSize, cosign: publisher.cosign }),
  );
  const deliver = (destination: Parameters<typeof createDelivery>[0]["destination"]): Delivery =>
    createDelivery({ destination, everyMs, published, clock, log });
  const asked = witnesses.map(deliver);
  const others = [
    ...(file === null ? [] : [fileDestination(resolve(deps.folder, file))]),
    ...(webhook === null ? [] : [webhookDestination(webhook)]),
  ].map(deliver);
  return {
    async askWitnesses() {
      await Promise.all(asked.map((delivery) => delivery.now()));
      return witnesses.map((witness) => witness.problem()).filter((problem) => problem !== null);
    },
    async close() {
      await Promise.all([...asked, ...others].map((delivery) => delivery.close()));
    },
  };
}
