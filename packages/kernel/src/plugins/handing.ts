import type { Core } from "../core.ts";
import type { Tx } from "../store/engine.ts";
import { listed, rows } from "../store/rows.ts";
import { addWork, dropWork, LANES, setWork, workKind, type WorkKind, type WorkName } from "../work/kind.ts";

/** `given_back`: whoever had it ends. */
export type Taken = "taken" | "not_taken" | "given_back";

/** What stands in a row that is handed over. */
export interface Handed {
  /** How often somebody had it and did not take it. */
  readonly tries: number;
  /** The server that has it; null: it waits. */
  readonly node: string | null;
}

/** Longer than whoever takes it needs, with questions to people. After that whoever had it is taken to be gone. */
export const UNDER_WAY_MS = 1_200_000;
/** It could not be handed over so often: then it never can. */
const MOST_TRIES = 3;

/**
 * Work that is handed to somebody who may need minutes: it stands as a row until they have taken it, so that what a
 * server had that ended is handed over again. `give` is null where nobody is there any more.
 */
export function handing<P extends Handed>(
  { writer, clock, newId, nodeId, log }: Core,
  kind: WorkName<P>,
  of: {
    readonly give: (projectId: string, payload: P) => Promise<(() => Promise<Taken>) | null>;
    readonly nameOf: (payload: P) => string;
  },
): WorkKind {
  return workKind(kind, async ({ projectId, payload, finish }) => {
    const isTired = payload.tries >= MOST_TRIES;
    const give = isTired ? null : await of.give(projectId, payload);
    let kept: string | null = null;
    await writer.run(async (tx) => {
      finish(tx);
      const dueAt = clock.now() + UNDER_WAY_MS;
      const had = { ...payload, tries: payload.tries + 1, node: nodeId };
      kept = give === null ? null : addWork(tx, newId, { kind, projectId, dueAt, payload: had });
    });
    if (isTired) log.warn(`${of.nameOf(payload)} was handed over ${MOST_TRIES} times and never taken`);
    if (give === null || kept === null) return;
    const workId: string = kept;
    // What takes it may take minutes: the step itself is done.
    give()
      .then((taken) =>
        taken === "not_taken"
          ? undefined
          : writer.run(async (tx) => {
              if (taken === "taken") dropWork(tx, projectId, workId);
              else setWork(tx, workId, { kind, projectId, dueAt: clock.now(), payload });
            }),
      )
      .catch(() => log.warn(`${of.nameOf(payload)} may be handed over again`));
  });
}

/** What a server had that is gone waits again, for whoever is there. */
export const releaseHanded = (tx: Tx, now: number, nodeId: string, kinds: readonly string[]): Promise<unknown> =>
  rows(tx.db)`update work set due_at = ${now}, leased_until = 0
    where kind in (${listed(kinds)}) and lane = ${LANES.events} and payload like ${`%"node":"${nodeId}"%`} returning 1`;
