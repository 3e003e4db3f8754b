import type { Kernel } from "@prunella/kernel";
import { shortId } from "./terminal/short-id.ts";
import { clip, plain, red } from "./terminal/text.ts";

/** One look at a burst of notices is enough. */
const GATHER_MS = 200;
const NEWEST = 50;

/** Says one line for each fault that is new, and for each that came back. Returns how to stop. */
export function announceFaults(kernel: Kernel, say: (line: string) => void): () => void {
  const known = new Map<string, string>();
  let timer: NodeJS.Timeout | null = null;

  async function look(isFirst: boolean): Promise<void> {
    const { faults } = await kernel.faults.list({ status: "all", limit: NEWEST });
    for (const fault of faults) {
      const before = known.get(fault.id);
      known.set(fault.id, fault.status);
      if (isFirst) continue;
      const words = `fault ${shortId(fault.id)} ${clip(plain(fault.title), 120)}`;
      if (before === undefined) say(red(`new ${words}`));
      else if (before !== "regressed" && fault.status === "regressed") say(red(`back again: ${words}`));
    }
  }

  const looked = look(true).catch(() => undefined);
  const unsubscribe = kernel.notices.subscribe(({ topic }) => {
    if (topic !== "faults" || timer !== null) return;
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
