import { expect, it } from "vitest";
import type { Tx } from "../store/engine.ts";
import type { Refused } from "./checks.ts";
import { aCase, aTrigger, byHand } from "./facts-fixture.ts";
import { openWhenSevere, type Trouble } from "./severe.ts";

const tx = {} as Tx;
const refusedFor = (refusal: Refused["refusal"]): Refused => ({
  refusal,
  detail: "",
  passesAt: null,
  isExpected: false,
  isAsMeant: false,
});

async function opened(given: Parameters<typeof aCase>[0] = {}, refused: Refused | null = null): Promise<Trouble[]> {
  const found: Trouble[] = [];
  const openSprint = async (_tx: Tx, trouble: Trouble) => void found.push(trouble);
  await openWhenSevere(tx, aCase({ trigger: aTrigger({ sprint_at: "error" }), ...given }), refused, { openSprint });
  return found;
}
const cause = (level: "fatal" | "error" | "warning") => ({ source: "webhook", trust: "local", level }) as const;

it("opens the repair of a cause from the level on that its trigger names, whatever becomes of a remedy", async () => {
  const trouble = { projectId: "default", triggerId: "light-hall", faultId: "f", target: "lamp:hall" };
  expect(await opened({ request: { faultId: "f" } })).toEqual([trouble]);
  expect(await opened({ request: { faultId: "f", cause: cause("fatal") } })).toEqual([trouble]);
  expect(await opened({ request: { cause: cause("warning") } })).toEqual([]);
  for (const refusal of ["killed", "detect_only", "budget_exhausted"] as const)
    expect(await opened({ request: { faultId: "f" } }, refusedFor(refusal))).toEqual([trouble]);
});

it("opens none of what is not known to be true, is nobody's failure, or only tries", async () => {
  for (const refusal of ["unknown_trigger", "self", "expected_symptom", "untrusted_source"] as const)
    expect([refusal, await opened({}, refusedFor(refusal))]).toEqual([refusal, []]);
  expect(await opened({ trigger: null })).toEqual([]);
  expect(await opened({ trigger: aTrigger() })).toEqual([]);
  expect(await opened({ trigger: aTrigger({ sprint_at: "error", mode: "dry_run" }) })).toEqual([]);
  expect(await opened({ request: { cause: null } })).toEqual([]);
  expect(await opened({ request: byHand })).toEqual([]);
});
