import type { Config } from "@prunella/contract";
import type { Kernel, Log } from "@prunella/kernel";
import type { PluginEvent } from "../plugins/deliver.ts";
import type { InvokePlugin } from "../plugins/host.ts";
import { createHealing, type HealingDeps } from "../forge/healing.ts";
import { createHearing, RUNS } from "../forge/hearing.ts";
import type { OpenedForge } from "../forge/open.ts";
import { RESULT, type ForgeWorkflows } from "../forge/workflows.ts";
import { readDelivery, type Told } from "./deliver.ts";
import { createDispatcher, type Refreshed } from "./dispatcher.ts";

export interface ForgeDoorDeps {
  readonly kind: OpenedForge["forge"]["kind"];
  readonly webhookSecret: () => string;
  /** Takes what was delivered and is signed; what comes of it is written down or handed on, and not waited for. */
  readonly take: (of: { readonly id: string; readonly event: string; readonly body: string }) => Promise<Taking>;
  /** Whether a delivery can be taken: what is answered is handed on. */
  readonly hasRoom: () => boolean;
  readonly refresh: (proof: string, authToken: string) => Promise<Refreshed | null>;
  readonly now: () => number;
}

/** `seen`: it came before. `later`: come again. `unreadable`: it is no delivery. */
export type Taking = "first" | "seen" | "later" | "unreadable";

export interface DispatchingDeps {
  /** Hears what workflows of plugins of ours send back; null: there are none. */
  readonly workflows: ForgeWorkflows | null;
  readonly kernel: Kernel;
  readonly config: Config;
  readonly log: Log;
  readonly invokePlugin: InvokePlugin;
  readonly tell: (event: PluginEvent) => void;
  readonly now: () => number;
  readonly clock: HealingDeps["clock"];
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
): { readonly door: ForgeDoorDeps; lastDelivery(): number | null; close(): Promise<void> } | null {
  const { kernel, config, log, now } = deps;
  if (opened === null || config.forge === null) return null;
  const { forge, github, signing, pages, webhookSecret } = opened;
  const hearing = createHearing({
    forges: [forge, ...opened.publisher],
    log,
    now,
    watched: config.forge.watched,
    deliveries: kernel.plugins.deliveries,
  });
  const dispatcher =
    signing === null || github === null || config.ubiquityos === null
      ? null
      : createDispatcher({ ...deps, ...signing, forge: github, pages, config: config.ubiquityos });
  const waiting: Told[] = [];
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;
  let lastAt: number | null = null;

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

  function answer({ delivery, clientPayload }: Told): void {
    const taken = deps.workflows?.answer(clientPayload, delivery.repo) ?? Promise.resolve(false);
    taken.then(
      (isTaken) => isTaken || log.info(`${delivery.repo ?? "somebody"} answered what nobody waits for`),
      () => log.warn(`what ${delivery.repo ?? "somebody"} answered could not be looked at`),
    );
  }

  /** Somebody did something to an issue of the private repository: perhaps it has the label by which people promote. */
  const isOfTriage = ({ delivery: { event, repo } }: Told): boolean =>
    event.startsWith("issue") && repo?.toLowerCase() === config.forge?.triage?.repo.toLowerCase();

  async function take({ id, event, body }: Parameters<ForgeDoorDeps["take"]>[0]): Promise<Taking> {
    const told = /^[\w-]{1,100}$/.test(id) ? readDelivery(id, event, body) : null;
    if (told === null) return "unreadable";
    const taking = await hearing.hear(told.delivery);
    if (taking === "first") lastAt = now();
    if (taking === "first" && isOfTriage(told)) await kernel.promotions.askForLabels();
    if (taking === "first" && told.delivery.event === RESULT) answer(told);
    else if (taking === "first" && dispatcher !== null) {
      waiting.push(told);
      begin();
    }
    return taking;
  }

  const healing =
    forge.deliveries === null
      ? null
      : createHealing({
          deliveries: forge.deliveries,
          isNew: (id) => kernel.plugins.deliveries.isNew(hearing.project, `delivery ${id}`),
          isWanted: (event) => dispatcher !== null || [...RUNS].some((one) => one.startsWith(`${event}.`)),
          take,
          log,
          clock: deps.clock,
        });

  return {
    /** When a delivery came last; null: none did since the start. */
    lastDelivery: () => lastAt,
    door: {
      kind: forge.kind,
      webhookSecret,
      now,
      take,
      refresh: async (proof, authToken) => (await dispatcher?.refresh(proof, authToken)) ?? null,
      hasRoom: () => waiting.length < MOST_WAITING,
    },
    async close() {
      isClosed = true;
      hearing.close();
      await healing?.close();
      dispatcher?.close();
      await Promise.race([Promise.all(underWay), new Promise((resolve) => setTimeout(resolve, 5_000).unref())]);
    },
  };
}
