import type { Tx } from "../store/engine.ts";
import type { Judged } from "./judge.ts";
import { keep, type KeepDeps } from "./keep.ts";
import { holdByKey, write } from "./rows.ts";
import type { HeartbeatRow } from "./state.ts";

/** One sign of life: of which heartbeat it is, and what it means. */
export interface Sign {
  readonly digest: string;
  readonly name: string;
  /** Pure. */
  judge(this: void, row: HeartbeatRow): Judged;
}

/** What a unit did: the rows that it wrote as they were and are, and which keys open nothing. */
interface Written {
  readonly kept: ReadonlyMap<string, { readonly before: HeartbeatRow; readonly after: HeartbeatRow }>;
  readonly apart: ReadonlySet<string>;
}

/**
 * Writes many signs of life in one unit. Most say what was expected; whatever opens or ends a fault is left to
 * `keep`, which writes that fault in the same unit, one sign after the other in the order in which they came.
 */
export function createTogether(deps: KeepDeps) {
  async function writeQuiet(byKey: ReadonlyMap<string, readonly Sign[]>): Promise<Written> {
    const written = await deps.writer.run((tx) => quietly(tx, byKey));
    for (const { before, after } of written.kept.values())
      if (before.status !== after.status) deps.publish("heartbeats", after.name, 0, after.target);
    return written;
  }

  /** One after the other: each is judged by what the one before it left. */
  function oneByOne(signs: readonly Sign[]): ReadonlyMap<Sign, Promise<boolean>> {
    let before: Promise<unknown> = Promise.resolve();
    return new Map(
      signs.map((sign) => {
        const done = before.then(async () => {
          const hold = (tx: Tx) => holdByKey(tx, sign.digest);
          const seen = await deps.writer.run(hold);
          if (seen === null) return false;
          return keep(deps, seen, { hold, judge: (row) => (row.name === sign.name ? sign.judge(row) : null) });
        });
        before = done.catch(() => undefined);
        return [sign, done];
      }),
    );
  }

  return (signs: readonly Sign[]): readonly Promise<boolean>[] => {
    const byKey = Map.groupBy(signs, ({ digest }) => digest);
    const written = writeQuiet(byKey);
    const alone = new Map<string, ReturnType<typeof oneByOne>>();
    return signs.map(async (sign) => {
      const { kept, apart } = await written;
      if (!apart.has(sign.digest)) return kept.get(sign.digest)?.after.name === sign.name;
      const own = alone.get(sign.digest) ?? oneByOne(byKey.get(sign.digest) ?? []);
      alone.set(sign.digest, own);
      return (await own.get(sign)) ?? false;
    });
  };
}

/** Always in the order of the keys, so that two processes do not wait for each other. */
async function quietly(tx: Tx, byKey: ReadonlyMap<string, readonly Sign[]>): Promise<Written> {
  const kept = new Map<string, { before: HeartbeatRow; after: HeartbeatRow }>();
  const apart = new Set<string>();
  for (const [digest, signs] of [...byKey].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const before = await holdByKey(tx, digest);
    if (before === null) continue;
    const after = afterAll(before, signs);
    if (after === null) {
      apart.add(digest);
      continue;
    }
    await write(tx, after);
    kept.set(digest, { before, after });
  }
  return { kept, apart };
}

/** null: one of them opens or ends a fault. */
function afterAll(before: HeartbeatRow, signs: readonly Sign[]): HeartbeatRow | null {
  let row = before;
  for (const { judge } of signs.filter(({ name }) => name === before.name)) {
    const judged = judge(row);
    if (judged.tell !== null || judged.recovered.length > 0) return null;
    row = judged.row;
  }
  return row;
}
