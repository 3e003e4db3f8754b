import { BROKER_ERRORS } from "@prunella/contract/plugins";
import { RpcError } from "./rpc.ts";

/** Of one plugin, and of all together: each takes memory and processor time of the host, outside the plugin's own limits. */
const MOST = { ofOne: 4, ofAll: 16 };

/** Programs of the system that plugins have run: so many at once, and one more is refused with which bound it is. */
export function createProgramBound(most: { readonly ofOne: number; readonly ofAll: number } = MOST) {
  const running = new Map<string, number>();
  let all = 0;
  return async function within<Result>(pluginId: string, work: () => Promise<Result>): Promise<Result> {
    const own = running.get(pluginId) ?? 0;
    if (own >= most.ofOne) throw refused(`${most.ofOne} programs of this plugin run already`);
    if (all >= most.ofAll) throw refused(`${most.ofAll} programs of plugins run here already`);
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
