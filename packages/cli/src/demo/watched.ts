import type { Kernel } from "@prunella/kernel";
import { plain } from "../terminal/text.ts";

/** One look at a burst of notices is enough. */
const GATHER_MS = 200;

/** Says one line each time a probe or a heartbeat is otherwise than before. Returns how to stop. */
export function announceWatched(kernel: Kernel, say: (line: string) => void): () => void {
  const known = new Map<string, string>();
  let timer: NodeJS.Timeout | null = null;

  async function look(): Promise<void> {
    const probes = (await kernel.probes.list()).map((one) => ({ ...one, what: `the probe ${one.name}` }));
    const heartbeats = (await kernel.heartbeats.list()).map((one) => ({ ...one, what: `the heartbeat ${one.name}` }));
    for (const { what, project_id: project, status, detail } of [...probes, ...heartbeats]) {
      const before = known.get(`${project} ${what}`) ?? "unknown";
      known.set(`${project} ${what}`, status);
      // Well from the first look on is what everybody expects.
      if (status === before || status === "unknown" || (before === "unknown" && status === "healthy")) continue;
      say(`${what} is ${status}${before !== "unknown" && status === "healthy" ? " again" : ""}: ${plain(detail)}`);
    }
  }

  const unsubscribe = kernel.notices.subscribe(({ topic }) => {
    if ((topic !== "probes" && topic !== "heartbeats") || timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      // What cannot be read now is said with the next notice.
      void look().catch(() => undefined);
    }, GATHER_MS);
    timer.unref();
  });
  return () => {
    unsubscribe();
    if (timer !== null) clearTimeout(timer);
  };
}
