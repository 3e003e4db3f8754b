import { describe, expect, it } from "vitest";
import { firstRefusal } from "./checks.ts";
import type { Facts } from "./facts.ts";
import { aGrant, aTrigger, byGrant, byHand, HALL, seen } from "./facts-fixture.ts";

/** `says` is what whoever asked needs to know, and nobody could guess. */
export type Case = readonly [claim: string, facts: Facts, refusal: string | null, says?: string];

export function showEach(claims: Readonly<Record<string, readonly Case[]>>): void {
  describe.each(Object.entries(claims))("%s", (_check, cases) => {
    for (const [claim, facts, refusal, says = ""] of cases)
      it(claim, () => {
        const refused = firstRefusal(facts);
        expect(refused?.refusal ?? null).toBe(refusal);
        if (refused === null) return;
        expect(refused.detail).toContain(says);
        // Whoever is refused is told why, in one sentence.
        expect(refused.detail).toMatch(/^\S+ .*\.$/);
      });
  });
}

export const SWITCH = { do: "switch_on", targets: [HALL] };
export const CAUSE = { source: "webhook", trust: "authenticated", level: "error" } as const;
export const PUBLIC = { ...CAUSE, trust: "public" } as const;
export const STORM = { over: "trigger", min_healthy: 3, cooldown_ms: 60_000 } as const;
export const envelope = { ...aTrigger().envelope };
export const asGrant = { request: byGrant, trigger: null, grant: aGrant(), rung: null };
export const asPerson = { request: { ...byHand, triggerId: null, action: "switch_on" }, trigger: null, rung: null };
export const pause = (reason: string, isOfTrigger: boolean, until: number | null) => ({ reason, isOfTrigger, until });
export const budget = (scope: "trigger" | "target" | "project" | "global", used: number, max = 3) =>
  ({ scope, max, window_ms: 600_000, used, nextFreeAt: null }) as const;
export const ceiling = (scope: "trigger" | "target" | "project" | "global", active: number, max = 1) => ({
  scope,
  max,
  active,
});
export const storming = (healthy: number, bad: readonly string[], last: Facts["storm"] = null) => ({
  trigger: aTrigger({ storm: STORM }),
  storm: last,
  evidence: { ...seen(), peers: { healthy, bad } },
});
