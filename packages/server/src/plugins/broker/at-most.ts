import { BROKER_ERRORS } from "@prunella/contract/plugins";
import { RpcError } from "./rpc.ts";

export interface Most {
  /** Of one plugin, and of all together. */
  readonly ofOne: number;
  readonly ofAll: number;
  /** `programs`. */
  readonly what: string;
}

/** What plugins have going on: so much at once, and one more is refused with which bound it is. */
export function createBound({ ofOne, ofAll, what }: Most) {
  const running = new Map<string, number>();
  let all = 0;
  return async function within<Result>(pluginId: string, work: () => Promise<Result>): Promise<Result> {
    const own = running.get(pluginId) ?? 0;
    if (own >= ofOne) throw refused(`${ofOne} ${what} of this plugin run already`);
    if (all >= ofAll) throw refused(`${ofAll} ${what} of plugins run here already`);
    running.set(pluginId, own + 1);
    all += 1;
    try {
      return await work();
    } finally {
      all -= 1;
      const left = (running.get(pluginId) ?? 1) - 1;
      if (left === 0) running.delete(pluginId);
      else running.set(pluginId, left);
    }
  };
}

const refused = (why: string): RpcError => new RpcError(BROKER_ERRORS.budget, `${why}; ask again when one has ended`);
