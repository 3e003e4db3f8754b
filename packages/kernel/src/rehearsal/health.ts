import type { Trigger } from "@prunella/contract";
import { MOST_PEERS, type Peers } from "../gate/storm.ts";

/** How targets are taken to be: see `ASSUMED`. */
export function createHealth(policy: readonly Trigger[]) {
  const failedAt = new Map<string, { at: number; faultId: string }>();
  const targets = new Map<string, readonly string[]>();

  function around({ project_id: projectId, storm, envelope }: Trigger, action: string): readonly string[] {
    if (storm?.over === "trigger") return envelope.targets;
    const name = `${projectId} ${action}`;
    const known = targets.get(name);
    if (known) return known;
    const own = policy.filter(
      (one) => one.project_id === projectId && one.remedies.some((rung) => rung.action === action),
    );
    const found = [...new Set(own.flatMap((one) => one.envelope.targets))].toSorted();
    targets.set(name, found);
    return found;
  }

  return {
    failed: (projectId: string, target: string, faultId: string, at: number): void =>
      void failedAt.set(`${projectId} ${target}`, { at, faultId }),
    healed: (projectId: string, target: string): void => void failedAt.delete(`${projectId} ${target}`),
    resolved(faultId: string): void {
      for (const [name, one] of failedAt) if (one.faultId === faultId) failedAt.delete(name);
    },
    peersOf(trigger: Trigger, action: string, now: number): Peers | null {
      const { storm, project_id: projectId } = trigger;
      if (!storm) return null;
      const all = around(trigger, action).slice(0, MOST_PEERS);
      const bad = all.filter((target) => {
        const failed = failedAt.get(`${projectId} ${target}`);
        return failed !== undefined && now - failed.at < storm.cooldown_ms;
      });
      return { healthy: all.length - bad.length, bad };
    },
  };
}
