import { createIds, createKernel } from "@prunella/kernel";
import { AT_ALL_TIMES, Config, Trigger } from "@prunella/contract";
import { createCalendar, openPostgres, systemClock, systemRng } from "@prunella/server/platform";
import { TEST_SIGNER } from "../ledger-rows.ts";

/**
 * Beside the trigger that each program brings, one over all of them: its budgets and ceilings are those
 * that two servers could overstep together. No operation registers such a trigger yet.
 */
export async function registerWideTriggers(databaseUrl: string, targets: readonly string[]): Promise<void> {
  const engine = await openPostgres(databaseUrl);
  const rng = systemRng();
  const kernel = await createKernel({
    engine,
    clock: systemClock,
    calendar: createCalendar(),
    rng,
    log: { info() {}, warn: (message) => console.warn(message) },
    newId: createIds(systemClock, rng),
    place: "registers triggers",
    signer: TEST_SIGNER,
    limits: Config.parse({}).limits,
    retention: Config.parse({}).retention,
    freeDisk: () => null,
  });
  for (const target of targets)
    await kernel.triggers.register(
      Trigger.parse({
        id: `wide-${target.replace(/\W/g, "-")}`,
        project_id: "default",
        condition: { target, level: "error" },
        target: null,
        remedies: [{ action: "restart", args: {}, timeout_ms: 60_000 }],
        debounce: { count: 1, window_ms: 1_000 },
        budgets: [
          { scope: "project", max: 12, window_ms: 8_000 },
          { scope: "target", max: 4, window_ms: 8_000 },
        ],
        ceilings: [
          { scope: "project", max: 2 },
          { scope: "target", max: 1 },
        ],
        backoff: { base_ms: 0, max_ms: 0 },
        verify_ms: 400,
        ...AT_ALL_TIMES,
        envelope: {
          enabled: true,
          actions: ["restart"],
          targets: [target],
          expected_symptoms: [],
          allow_public: false,
          excludes: [],
        },
        version: 1,
      }),
    );
  await kernel.close();
  await engine.close();
}
