import type { Trigger } from "@prunella/contract";
import type { Request } from "../gate/request.ts";
import type { judgeHeld } from "../triggers/again.ts";

/** What a trigger asks the gate about. */
export interface Ask {
  readonly trigger: Trigger;
  readonly faultId: string | null;
  readonly target: string;
  readonly cause: Request["cause"];
}

type Of = Omit<Parameters<typeof judgeHeld>[2], "now" | "refusal"> & { readonly refusal: string };

/** What was refused, so that it is asked again when what refused it is gone: as `judgeHeld`. */
export function createHeld() {
  const held = new Map<string, { readonly refusal: string; readonly one: Ask; readonly at: number }>();
  return {
    add(refusal: string, one: Ask, at: number): void {
      const name = `${refusal} ${one.trigger.project_id} ${one.trigger.id} ${one.target}`;
      held.delete(name);
      held.set(name, { refusal, one, at });
    },
    take({ refusal, since, projectId, triggerId, target }: Of): Ask[] {
      const isMeant = (wanted: string | null, said: string) => wanted === null || wanted === said;
      const found = [...held].filter(
        ([, { one, at, ...each }]) =>
          each.refusal === refusal &&
          at >= since &&
          isMeant(projectId, one.trigger.project_id) &&
          isMeant(triggerId, one.trigger.id) &&
          isMeant(target, one.target),
      );
      for (const [name] of found) held.delete(name);
      return found.map(([, { one }]) => one);
    },
  };
}
