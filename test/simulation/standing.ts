import type { LedgerEntry } from "@prunella/contract";
import type { World } from "./world.ts";

type Of<T extends LedgerEntry["type"]> = Extract<LedgerEntry, { type: T }>;
type Intent = Of<"attempt_intent">;

/** What holds policy back, and what lets it go further, as the entries say it. */
export interface StandingLaws {
  read(entry: LedgerEntry, index: number): void;
  intend(entry: Intent): void;
  start(intent: Intent, at: number): void;
  /** Whether a person's override takes it beyond its trigger's own budgets. */
  isWidened(entry: Intent): boolean;
}

export function createStandingLaws({
  policies,
  windows,
  violated,
}: Pick<World, "policies" | "windows" | "violated">): StandingLaws {
  const pauses = new Map<string, { readonly trigger: string | null; readonly until: number | null }>();
  const maintenance = new Map<string, { readonly target: string | null; readonly from: number; readonly to: number }>();
  const overrides = new Map<number, { readonly entry: Of<"budget_overridden">; taken: number }>();
  const variants = new Map<string, { readonly isDry: boolean; readonly cooldownMs: number }>();
  /** Until when the first storm of a trigger lasts; later ones share its entry for an hour. */
  const storms = new Map<string, number>();

  const isPaused = ({ subject, trigger }: Intent, at: number): boolean =>
    subject.kind !== "person" &&
    [...pauses.values()].some(
      (pause) => (pause.trigger === null || pause.trigger === trigger) && (pause.until === null || at < pause.until),
    );
  const isDry = ({ subject, trigger }: Intent): boolean =>
    subject.kind === "trigger" && variants.get(trigger ?? "")?.isDry === true;

  function change(entry: LedgerEntry, index: number): void {
    switch (entry.type) {
      case "trigger_registered": {
        const known = policies.get(entry.trigger)?.variants;
        const variant = known?.get(entry.policy_sha256);
        if (known && !variant) return violated(`${entry.trigger} is registered as nobody gave it`);
        if (variant) variants.set(entry.trigger, variant);
        return undefined;
      }
      case "pause_changed":
        if (entry.change === "lifted") pauses.delete(entry.pause);
        else pauses.set(entry.pause, entry);
        return undefined;
      case "maintenance_changed": {
        const window = windows.get(entry.window_sha256);
        if (!window) return violated("a maintenance window is one that nobody made");
        if (entry.change === "ended") maintenance.delete(entry.window);
        else maintenance.set(entry.window, { target: entry.target, ...window });
        return undefined;
      }
      case "budget_overridden":
        if (entry.by.kind !== "person") violated("a budget is widened, and no person did it");
        overrides.set(index, { entry, taken: 0 });
    }
  }

  return {
    read(entry, index) {
      change(entry, index);
      if (entry.type === "attempt_refused" && entry.refusal === "storm") {
        const cooldownMs = variants.get(entry.trigger ?? "")?.cooldownMs ?? 0;
        if (!storms.has(entry.trigger ?? "")) storms.set(entry.trigger ?? "", entry.at + cooldownMs);
      }
    },
    intend(entry) {
      const { at, subject, target, trigger } = entry;
      if (isPaused(entry, at)) violated(`policy acts on ${target} while it is paused`);
      if (isDry(entry)) violated(`${trigger} acts, and only tries`);
      if (subject.kind === "person") return;
      for (const window of maintenance.values())
        if ((window.target === null || window.target === target) && window.from <= at && at < window.to)
          violated(`policy acts on ${target}, which somebody works on`);
      const isStormy = subject.kind === "trigger" && (variants.get(trigger ?? "")?.cooldownMs ?? 0) > 0;
      if (isStormy && at < (storms.get(trigger ?? "") ?? 0)) violated(`${trigger} acts in a storm`);
    },
    start(intent, at) {
      if (isPaused(intent, at)) violated(`an effect on ${intent.target} begins while it is paused`);
      if (isDry(intent)) violated(`an effect of ${intent.trigger} begins, which only tries`);
    },
    isWidened({ at, trigger, override, subject }) {
      if (override === undefined) return false;
      const found = overrides.get(override);
      if (!found || found.entry.trigger !== trigger || subject.kind !== "trigger" || at >= found.entry.expires_at) {
        violated("an intent names an override that was not made for it, or is over");
        return false;
      }
      found.taken += 1;
      if (found.taken > found.entry.extra)
        violated(`an override for ${found.entry.extra} is used ${found.taken} times`);
      return true;
    },
  };
}
