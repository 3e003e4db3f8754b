import type { Config } from "@prunella/contract";
import type { KeptDelivery, Kernel, Log, Taken } from "@prunella/kernel";
import type { PluginEvent } from "../plugins/deliver.ts";
import type { InvokePlugin } from "../plugins/host.ts";
import { createHealing, type HealingDeps } from "../forge/healing.ts";
import { createHearing, RUNS } from "../forge/hearing.ts";
import type { OpenedForge } from "../forge/open.ts";
import { RESULT, type ForgeWorkflows } from "../forge/workflows.ts";
import { readDelivery, Told } from "./deliver.ts";
import { createDispatcher, RETURN, type Refreshed } from "./dispatcher.ts";

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

/** So many wait here, as they came; whoever comes then is asked to come again. */
const MOST_WAITING = 1_000;
const AT_ONCE = 8;

interface Waiting {
  readonly told: Told;
  readonly isAgain: boolean;
  readonly end: (how: Taken) => Promise<void>;
}

export interface Dispatching {
  readonly door: ForgeDoorDeps;
  takeUp(kept: KeptDelivery): Promise<Taken>;
  lastDelivery(): number | null;
  close(): Promise<void>;
}

/** What the host tells, handed on one after the other and never held up by a plugin that hangs. Null without a forge. */
export function openDispatching(opened: OpenedForge | null, deps: DispatchingDeps): Dispatching | null {
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
  const waiting: Waiting[] = [];
  const inHand = new Set<Waiting>();
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;
  let lastAt: number | null = null;

  function begin(): void {
    while (dispatcher !== null && !isClosed && underWay.size < AT_ONCE) {
      const next = waiting.shift();
      if (next === undefined) return;
      const { told, isAgain, end } = next;
      inHand.add(next);
      const done = dispatcher
        .deliver(told, isAgain)
        .then(
          () => end("taken"),
          (error: unknown) => {
            log.warn(`a delivery could not be handled: ${error instanceof Error ? error.message : String(error)}`);
            return end("not_taken");
          },
        )
        .catch(() => log.warn("what became of a delivery could not be kept: it may be handed on again"))
        .finally(() => {
          inHand.delete(next);
          underWay.delete(done);
          begin();
        });
      underWay.add(done);
    }
  }

  /** This server ends: what it has not dealt with is anybody's. */
  const giveBack = async (): Promise<void> =>
    void (await Promise.all([...waiting.splice(0), ...inHand].map(({ end }) => end("given_back"))));

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
    // What a run sends back is for whoever waits for it, here and now.
    const isKept = dispatcher !== null && told.delivery.event !== RESULT && told.delivery.event !== RETURN;
    const taking = await hearing.hear(told.delivery, isKept ? told : null);
    if (taking === "first") lastAt = now();
    if (taking === "first" && isOfTriage(told)) await kernel.promotions.askForLabels();
    if (taking === "first" && told.delivery.event === RESULT) answer(told);
    else if (taking === "first" && dispatcher !== null) {
      const settle = (how: Taken) => kernel.plugins.deliveries.settle(hearing.project, id, how);
      waiting.push({ told, isAgain: false, end: isKept ? settle : async () => undefined });
      begin();
    }
    return taking;
  }

  const healing =
    forge.deliveries === null
      ? null
      : createHealing({
          deliveries: forge.deliveries,
          isNew: (id) => kernel.plugins.deliveries.isNew(hearing.project, id),
          isWanted: (event) => dispatcher !== null || [...RUNS].some((one) => one.startsWith(`${event}.`)),
          take,
          log,
          clock: deps.clock,
        });

  return {
    /** What another server had taken and not dealt with, as far as it was written down. */
    takeUp({ id, told }: KeptDelivery): Promise<Taken> {
      const read = Told.safeParse(told);
      if (!read.success) log.warn(`the delivery ${id} cannot be read any more: what it says was taken out`);
      if (!read.success || dispatcher === null) return Promise.resolve("taken");
      if (isClosed) return Promise.resolve("given_back");
      const { promise, resolve } = Promise.withResolvers<Taken>();
      waiting.push({ told: read.data, isAgain: true, end: async (how) => resolve(how) });
      begin();
      return promise;
    },
    /** When a delivery came last; null: none did since the start. */
    lastDelivery: () => lastAt,
    door: {
      kind: forge.kind,
      webhookSecret,
      now,
      take,
      refresh: async (proof, authToken) => (await dispatcher?.refresh(proof, authToken)) ?? null,
      hasRoom: () => !isClosed && waiting.length < MOST_WAITING,
    },
    async close() {
      isClosed = true;
      hearing.close();
      await healing?.close();
      dispatcher?.close();
      await Promise.race([Promise.all(underWay), new Promise((resolve) => setTimeout(resolve, 5_000).unref())]);
      await giveBack();
    },
  };
}
