import type { Clock } from "@prunella/kernel";
import { usageOf, type Usage } from "../platform/usage.ts";
import { readable } from "./crash-event.ts";
import type { SupervisorPort } from "./port.ts";
import type { Tail } from "./tail.ts";

/** Soon after a start, and then seldom: it is for people who look. */
const FIRST_MS = 1_000;
const EVERY_MS = 10_000;

export interface VitalsDeps {
  readonly clock: Clock;
  readonly port: Pick<SupervisorPort, "vitals">;
  /** null while it is not known to anybody. */
  readonly run: () => string | null;
  /** null while it is down. */
  readonly pid: () => number | null;
  /** Of both its streams, as far as they come by here. */
  readonly output: Tail;
  readonly usage?: (pid: number) => Usage | null;
}

/** Tells the owner how the program is, until `stop`. What is lost is not missed, so nothing is insisted on. */
export function tellVitals({ clock, port, run, pid, output, usage = usageOf }: VitalsDeps) {
  let before: { readonly pid: number; readonly at: number; readonly cpuMs: number } | null = null;
  let cancel = clock.after(FIRST_MS, tick);
  let isOver = false;

  function tick(): void {
    void tell();
    if (!isOver) cancel = clock.after(EVERY_MS, tick);
  }

  function measure(): { rss_bytes: number | null; cpu: number | null } {
    const one = pid();
    const used = one === null ? null : usage(one);
    if (one === null || used === null) {
      before = null;
      return { rss_bytes: null, cpu: null };
    }
    const at = clock.now();
    const last = before?.pid === one ? before : null;
    before = { pid: one, at, cpuMs: used.cpu_ms };
    const cpu = last === null || at <= last.at ? null : Math.max(0, used.cpu_ms - last.cpuMs) / (at - last.at);
    return { rss_bytes: used.rss_bytes, cpu };
  }

  async function tell(): Promise<void> {
    const id = run();
    if (id === null) return;
    await port.vitals(id, { ...measure(), output: readable(output.text()) }).catch(() => undefined);
  }

  return {
    /** At once, because something has happened. */
    tell,
    stop(): void {
      isOver = true;
      cancel();
    },
  };
}
