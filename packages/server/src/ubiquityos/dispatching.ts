import type { Config } from "@prunella/contract";
import type { Kernel, Log } from "@prunella/kernel";
import type { PluginEvent } from "../plugins/deliver.ts";
import type { InvokePlugin } from "../plugins/host.ts";
import type { Told } from "./deliver.ts";
import { createDispatcher, type Refreshed } from "./dispatcher.ts";
import type { OpenedForge } from "../forge/open.ts";
import { RESULT, type ForgeWorkflows } from "../forge/workflows.ts";

export interface ForgeDoorDeps {
  readonly webhookSecret: string;
  /** Hands a delivery on; what comes of it is not waited for. */
  readonly deliver: (told: Told) => void;
  /** Whether a delivery can be taken: what is answered is handed on. */
  readonly hasRoom: () => boolean;
  /** True the first time that a delivery comes. */
  readonly isFirst: (delivery: string, windowMs: number) => Promise<boolean>;
  readonly refresh: (proof: string, authToken: string) => Promise<Refreshed | null>;
  readonly now: () => number;
}

export interface DispatchingDeps {
  /** Hears what workflows of plugins of ours send back; null: there are none. */
  readonly workflows: ForgeWorkflows | null;
  readonly kernel: Kernel;
  readonly config: Config;
  readonly log: Log;
  readonly invokePlugin: InvokePlugin;
  readonly tell: (event: PluginEvent) => void;
  readonly now: () => number;
  readonly newId: () => string;
  readonly url: () => string;
}

/** Events wait in memory: so many, and whoever comes then is asked to come again. */
const MOST_WAITING = 1_000;
const AT_ONCE = 8;

/** What the host tells, handed on one after the other and never held up by a plugin that hangs. Null without a forge. */
export function openDispatching(
  opened: OpenedForge | null,
  deps: DispatchingDeps,
): { readonly door: ForgeDoorDeps; close(): Promise<void> } | null {
  const { kernel, config, log, now } = deps;
  if (opened === null) return null;
  const { github, signing, pages, webhookSecret } = opened;
  const dispatcher =
    signing === null || github === null || config.ubiquityos === null
      ? null
      : createDispatcher({ ...deps, ...signing, forge: github, pages, config: config.ubiquityos });
  const waiting: Told[] = [];
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;

  function begin(): void {
    while (dispatcher !== null && !isClosed && underWay.size < AT_ONCE) {
      const told = waiting.shift();
      if (told === undefined) return;
      const done = dispatcher
        .deliver(told)
        .catch((error: unknown) =>
          log.warn(`a delivery could not be handled: ${error instanceof Error ? error.message : String(error)}`),
        )
        .finally(() => {
          underWay.delete(done);
          begin();
        });
      underWay.add(done);
    }
  }

  return {
    door: {
      webhookSecret,
      now,
      isFirst: (delivery, windowMs) =>
        kernel.plugins.isFirstDelivery(config.ubiquityos?.project ?? "default", delivery, windowMs),
      refresh: async (proof, authToken) => (await dispatcher?.refresh(proof, authToken)) ?? null,
      hasRoom: () => waiting.length < MOST_WAITING,
      deliver(told) {
        const { delivery, clientPayload } = told;
        if (delivery.event === RESULT)
          return void deps.workflows
            ?.answer(clientPayload, delivery.repo)
            .then((isTaken) => isTaken || log.info(`${delivery.repo ?? "somebody"} answered what nobody waits for`));
        if (dispatcher === null) return;
        waiting.push(told);
        begin();
      },
    },
    async close() {
      isClosed = true;
      dispatcher?.close();
      await Promise.race([Promise.all(underWay), new Promise((resolve) => setTimeout(resolve, 5_000).unref())]);
    },
  };
}
