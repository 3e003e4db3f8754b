import { Session } from "node:inspector/promises";

export interface Coverage {
  /** What ran since the last call and is not among what is known. */
  readonly take: () => Promise<readonly string[]>;
  readonly add: (blocks: readonly string[]) => void;
  readonly size: () => number;
}

/** Blocks of the packages' own code that have run, as V8 counts them. */
export async function startCoverage(): Promise<Coverage> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  const seen = new Set<string>();
  return {
    size: () => seen.size,
    add(blocks) {
      for (const block of blocks) seen.add(block);
    },
    async take() {
      const fresh: string[] = [];
      // Counts begin anew with every call.
      const { result } = await session.post("Profiler.takePreciseCoverage");
      for (const { url, scriptId, functions } of result) {
        if (!url.includes("/packages/")) continue;
        for (const { ranges } of functions)
          for (const { startOffset, endOffset, count } of ranges) {
            const block = `${scriptId}:${startOffset}:${endOffset}:${steps(count)}`;
            if (count > 0 && !seen.has(block)) fresh.push(block);
          }
      }
      return fresh;
    },
  };
}

/** Once, a few times, often: loops that run longer are new as well. */
function steps(count: number): number {
  return Math.min(4, Math.floor(Math.log2(count) / 3));
}
