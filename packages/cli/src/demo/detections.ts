import type { Kernel } from "@prunella/kernel";

/** One look at a burst of notices is enough. */
const GATHER_MS = 200;
const NEWEST = 50;

/** Says one line each time a trigger without a remedy saw what it looks for. Returns how to stop. */
export function announceDetections(kernel: Kernel, say: (line: string) => void): () => void {
  const told = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;

  async function look(isFirst: boolean): Promise<void> {
    const { attempts } = await kernel.attempts.list({ limit: NEWEST });
    for (const { id, refusal, count, trigger_id: trigger, target, audit_log_id: entry } of attempts.toReversed()) {
      if (refusal !== "detect_only" || told.get(id) === count) continue;
      told.set(id, count);
      const times = count === 1 ? "" : `, ${count} times by now`;
      if (!isFirst)
        say(`${trigger} holds for ${target}${times}; it only detects, so nothing is done (ledger entry ${entry})`);
    }
  }

  const looked = look(true).catch(() => undefined);
  const unsubscribe = kernel.notices.subscribe(({ topic }) => {
    if (topic !== "attempts" || timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      // What cannot be read now is said with the next notice.
      void looked.then(() => look(false)).catch(() => undefined);
    }, GATHER_MS);
    timer.unref();
  });
  return () => {
    unsubscribe();
    if (timer !== null) clearTimeout(timer);
  };
}
