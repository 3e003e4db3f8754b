import type { AttemptState, Because, Budget, Ceiling, Scope, Subject, Verification } from "@prunella/contract";

/** An attempt that was, or would have been. */
export interface Done {
  readonly at: number;
  readonly projectId: string;
  readonly triggerId: string | null;
  readonly target: string;
  readonly faultId: string | null;
  readonly subject: Subject["kind"];
  readonly because: Because["kind"];
  readonly rung: number;
  state: AttemptState;
  verification: Verification | null;
  readonly notBefore: number | null;
  endedAt: number | null;
}

interface Where {
  readonly projectId: string;
  readonly triggerId: string | null;
  readonly target: string;
}

/** As many of a streak as the gate looks at. */
const LONGEST_STREAK = 32;
const isActive = ({ state }: Done): boolean => state === "permitted" || state === "running";

/** What attempts came before, as the gate's facts count them: the newest last, found by what they are counted over. */
export function createMemory() {
  const byScope = new Map<string, Done[]>();
  const active = new Set<Done>();
  const nameOf = (scope: Scope, { projectId, triggerId, target }: Where): string =>
    scope === "global"
      ? "*"
      : scope === "project"
        ? projectId
        : `${projectId} ${scope} ${scope === "trigger" ? (triggerId ?? "") : target}`;
  const of = (scope: Scope, where: Where): readonly Done[] => byScope.get(nameOf(scope, where)) ?? [];

  return {
    add(done: Done): void {
      for (const scope of ["trigger", "target", "project", "global"] as const) {
        const name = nameOf(scope, done);
        const list = byScope.get(name);
        if (list) list.push(done);
        else byScope.set(name, [done]);
      }
      if (isActive(done)) active.add(done);
    },
    end(done: Done, state: AttemptState, at: number): void {
      done.state = state;
      done.endedAt = at;
      active.delete(done);
    },
    ofTarget: (where: Where): readonly Done[] => of("target", where),

    /** At most `max` of what a budget counts. */
    spent(budget: Budget, where: Where, now: number): { used: number; nextFreeAt: number | null } {
      const list = of(budget.scope, where);
      let used = 0;
      let oldest = 0;
      for (let at = list.length - 1; at >= 0 && used < budget.max; at -= 1) {
        const one = list[at];
        if (!one || one.at <= now - budget.window_ms) break;
        if (one.subject !== "trigger") continue;
        used += 1;
        oldest = one.at;
      }
      return { used, nextFreeAt: used > 0 && used === budget.max ? oldest + budget.window_ms : null };
    },
    active({ scope, max }: Ceiling, where: Where): number {
      const name = nameOf(scope, where);
      let found = 0;
      for (const one of active) if (found < max && nameOf(scope, one) === name) found += 1;
      return found;
    },
    /** The newest on a target first, as far back as a budget reaches. */
    recent(where: Where, since: number): readonly Done[] {
      const list = of("target", where);
      const found: Done[] = [];
      for (let at = list.length - 1; at >= 0 && found.length < LONGEST_STREAK; at -= 1) {
        const one = list[at];
        if (!one || one.at <= since) break;
        found.push(one);
      }
      return found;
    },
  };
}
export type Memory = ReturnType<typeof createMemory>;

/** Up to the last one that held. */
export function streakOf(newestFirst: readonly Done[]): number {
  const held = newestFirst.findIndex(({ verification }) => verification === "held");
  return held === -1 ? newestFirst.length : held;
}

/** Up to the first that helped, or that has not been watched to its end. */
export function uselessOf(newestFirst: readonly Done[], faultId: string | null): number {
  const end = newestFirst.findIndex((one) => one.faultId !== faultId || one.verification !== "ineffective");
  return end === -1 ? newestFirst.length : end;
}
