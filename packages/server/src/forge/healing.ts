import type { DeliveryLog } from "@prunella/forge";
import type { Log } from "@prunella/kernel";

export interface HealingDeps {
  readonly deliveries: DeliveryLog;
  /** Whether what is delivered under this id did not come yet. */
  readonly isNew: (id: string) => Promise<boolean>;
  /** Whether anybody wants events of this name: what nobody wants is not fetched. */
  readonly isWanted: (event: string) => boolean;
  readonly take: (of: { readonly id: string; readonly event: string; readonly body: string }) => Promise<string>;
  readonly log: Log;
  readonly clock: { now(): number; after(ms: number, callback: () => void): () => void };
}

const LOOK_MS = 300_000;
/** As long as GitHub keeps them ("Viewing webhook deliveries"). */
const KEPT_MS = 3 * 86_400_000;
/** A list may be behind, and their clock may be another. */
const BEHIND_MS = 3_600_000;
const ASK_MS = 30_000;

/**
 * What a host told while nobody was there, or what was answered and lost, is fetched from its own list of what it
 * told: once at the start, for three days back, and every five minutes.
 */
export function createHealing({ deliveries, isNew, isWanted, take, log, clock }: HealingDeps) {
  let since = clock.now() - KEPT_MS;
  let underWay: Promise<void> | null = null;
  let isClosed = false;
  let stop = clock.after(0, begin);

  function begin(): void {
    underWay = look()
      .catch((error: unknown) =>
        log.warn(
          `what the host told could not be looked at: ${error instanceof Error ? error.message : String(error)}`,
        ),
      )
      .then(() => {
        underWay = null;
        if (!isClosed) stop = clock.after(LOOK_MS, begin);
      });
  }

  async function look(): Promise<void> {
    const began = clock.now();
    const listed = await deliveries.list(since, AbortSignal.timeout(ASK_MS));
    if (!listed.ok) return log.info(`what the host told could not be looked at: ${listed.refusal.message}`);
    let healed = 0;
    // The oldest first, as they happened.
    for (const { id, guid, event } of listed.value.toReversed()) {
      if (isClosed) return;
      if (!isWanted(event) || !(await isNew(guid))) continue;
      const payload = await deliveries.payload(id, AbortSignal.timeout(ASK_MS));
      // Of what is not to be had now the next look asks again.
      if (!payload.ok) return log.info(`a delivery could not be fetched: ${payload.refusal.message}`);
      const taken = await take({ id: guid, event, body: payload.value });
      if (taken === "later") return;
      if (taken === "first") healed += 1;
    }
    since = began - BEHIND_MS;
    if (healed > 0) log.info(`${healed} deliveries that did not come were fetched`);
  }

  return {
    async close(): Promise<void> {
      isClosed = true;
      stop();
      await underWay;
    },
  };
}
