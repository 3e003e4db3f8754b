import type { Asked } from "./forge.ts";

/** How we stand at a host: what it says of itself and of whoever asks. */
export interface ForgeStanding {
  /** null: it does not say. */
  readonly version: string | null;
  readonly login: string;
  /** What our identity may do there, by the host's names; null: it does not say. */
  readonly permissions: Readonly<Record<string, string>> | null;
  /** Where it tells what happens; null: it does not say. */
  readonly hook: string | null;
}

/** One delivery, as a host lists what it told. */
export interface ListedDelivery {
  /** By which it is fetched. */
  readonly id: number;
  /** By which it came: the same, however often it is delivered. */
  readonly guid: string;
  readonly event: string;
  readonly at: number;
}

/** What a host keeps of what it told. */
export interface DeliveryLog {
  /** The newest first, no older than that. */
  list(since: number, signal: AbortSignal): Promise<Asked<readonly ListedDelivery[]>>;
  /** The payload, as JSON. */
  payload(id: number, signal: AbortSignal): Promise<Asked<string>>;
}
