import type { Counted } from "../triggers/condition.ts";
import { isOfFault } from "../triggers/counted.ts";
import { severity } from "../gate/severity.ts";
import type { Named } from "./deltas.ts";

interface One {
  readonly name: Named;
  readonly second: number;
  readonly count: number;
}

/** What came in, by fault and by target, as far back as anything looks. */
export function createCounts(keptMs: number) {
  const byFault = new Map<string, One[]>();
  const byTarget = new Map<string, One[]>();

  function keep(map: Map<string, One[]>, key: string, one: One): void {
    const list = map.get(key);
    if (!list) return void map.set(key, [one]);
    list.push(one);
    // Seldom, so that it costs nothing on the whole.
    const first = list[0];
    if (first && list.length % 512 === 0 && first.second < one.second - keptMs / 1_000)
      list.splice(
        0,
        list.findIndex(({ second }) => second >= one.second - keptMs / 1_000 - 1),
      );
  }

  return {
    add(one: One): void {
      const { project_id: projectId, fault_id: faultId, target } = one.name;
      keep(byFault, `${projectId} ${faultId}`, one);
      if (target !== "") keep(byTarget, `${projectId} ${target}`, one);
    },
    ofFault: (name: Named): readonly One[] => byFault.get(`${name.project_id} ${name.fault_id}`) ?? [],

    /** As `failuresOf` of the gate's facts: up to `enough` rows of each trust that may count, in a window that ends with the last. */
    failures(given: {
      readonly projectId: string;
      readonly target: string;
      readonly windowMs: number;
      readonly enough: number;
      readonly allowsPublic: boolean;
    }): number {
      let sum = 0;
      let last: number | null = null;
      const list = byTarget.get(`${given.projectId} ${given.target}`) ?? [];
      for (let at = list.length - 1; at >= 0 && sum < given.enough; at -= 1) {
        const one = list[at];
        if (!one) break;
        if (one.name.trust === "public" && !given.allowsPublic) continue;
        last ??= one.second;
        if (one.second <= last - Math.ceil(given.windowMs / 1_000)) break;
        sum += one.count;
      }
      return sum;
    },

    /** As `countedSince` of the triggers. */
    isReached(name: Named, counted: Counted, now: number, allowsPublic: boolean): boolean {
      const { at_least: enough, within_ms: withinMs } = counted.count;
      const isOfTarget = counted.target !== undefined && !isOfFault(counted);
      const list = isOfTarget
        ? (byTarget.get(`${name.project_id} ${counted.target ?? ""}`) ?? [])
        : (byFault.get(`${name.project_id} ${name.fault_id}`) ?? []);
      const origin = counted.probe ?? counted.heartbeat;
      const since = Math.floor((now - withinMs) / 1_000);
      const isSame = (wanted: string | undefined, said: string) => wanted === undefined || wanted === said;
      const mayCount = ({ name: one }: One): boolean =>
        (one.trust !== "public" || allowsPublic) &&
        isSame(counted.target, one.target) &&
        isSame(counted.source, one.source) &&
        isSame(counted.environment, one.environment) &&
        isSame(counted.release, one.release) &&
        isSame(origin, one.origin) &&
        (counted.level === undefined || severity(one.level) >= severity(counted.level));
      let sum = 0;
      for (let at = list.length - 1; at >= 0 && sum < enough; at -= 1) {
        const one = list[at];
        if (!one || one.second <= since) break;
        if (mayCount(one)) sum += one.count;
      }
      return sum >= enough;
    },
  };
}
export type Counts = ReturnType<typeof createCounts>;
