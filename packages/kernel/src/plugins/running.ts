import { systemOf } from "@prunella/contract/plugins";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Once } from "./seen.ts";

/** What an invocation that runs here has used so far; written down when it ends. */
export interface Use {
  allowed: number;
  refused: number;
  readonly systems: Set<string>;
}

/** An invocation under way in this process. */
export interface Running {
  readonly invocationId: string;
  readonly projectId: string;
  readonly pluginId: string;
  readonly digest: string;
  /** What stands for `$event.repo` and the like. */
  readonly bindings: Readonly<Record<string, string>>;
  calls: number;
  /** Calls of it that wait for a person. */
  parked: number;
  readonly uses: Map<string, Use>;
  readonly once: readonly Once[];
}

const MAX_SYSTEMS = 50;

export function noteUse(running: Running, scope: string, isAllowed: boolean, resource: string): void {
  const use = running.uses.get(scope) ?? { allowed: 0, refused: 0, systems: new Set<string>() };
  running.uses.set(scope, use);
  if (isAllowed) use.allowed += 1;
  else use.refused += 1;
  const system = systemOf(scope, resource);
  if (isAllowed && system !== null && use.systems.size < MAX_SYSTEMS) use.systems.add(system);
}

export const allowedIn = ({ uses }: Running): number => [...uses.values()].reduce((sum, use) => sum + use.allowed, 0);
export const refusedIn = ({ uses }: Running): number => [...uses.values()].reduce((sum, use) => sum + use.refused, 0);

/** As it is kept. */
export const callsOf = ({ uses }: Running): { scope: string; allowed: number; refused: number; systems: string[] }[] =>
  [...uses]
    .map(([scope, { allowed, refused, systems }]) => ({ scope, allowed, refused, systems: [...systems].toSorted() }))
    .toSorted((a, b) => (a.scope < b.scope ? -1 : 1));

/** It waits for a person, and its time stands still for so long at most. */
export const park = (tx: Tx, invocationId: string, ms: number): Promise<unknown> =>
  rows(tx.db)`update plugin_invocation set state = 'parked', deadline = deadline + ${ms}
    where invocation_id = ${invocationId} and ended_at is null returning 1`;

/** As it was: what the ledger says of its beginning says whether it runs. */
export const unpark = (tx: Tx, invocationId: string): Promise<unknown> =>
  rows(tx.db)`update plugin_invocation set state = case when audit_log_id is null then 'admitted' else 'running' end
    where invocation_id = ${invocationId} and state = 'parked' returning 1`;
