import { FixEnvelope, type Fix, type FixHands } from "@prunella/contract";
import { createFixHands } from "@prunella/server/platform";
import { restartUnhealthyMachine } from "../../plugins/probe-fly/src/fix.ts";
import { startFlyDouble } from "../../plugins/probe-fly/src/double-fixture.ts";
import { installSystemctlDouble } from "../../plugins/probe-systemd/src/double-fixture.ts";
import { restartUnit } from "../../plugins/probe-systemd/src/fix.ts";
import { remedySuite, suiteTrigger, type RemedyFixture } from "../../packages/kernel/src/remedies/remedy-suite.ts";
import type { Engine } from "@prunella/kernel";
import { aCrash, openKernel, type testClock } from "../kernel-fixture.ts";

interface Provider {
  readonly fix: Fix;
  readonly hands: FixHands;
  readonly target: string;
  readonly missingTarget: string;
  readonly given: object;
  breakIt(): void;
  begun(): Promise<void>;
  letGo(works: boolean): void;
  acts(): number;
  close(): Promise<void> | void;
}

/** The remedy of a provider as the server has it, with hands that really start programs and really call. */
async function openProvider(
  provider: Provider,
  engine: Engine,
  clock: ReturnType<typeof testClock>,
  budget: number,
): Promise<RemedyFixture> {
  const { fix, target, missingTarget } = provider;
  const envelopes = [
    FixEnvelope.parse({
      probe: "provider",
      begins_at: "auto",
      ...provider.given,
      actions: [{ do: fix.name, targets: [target, missingTarget], timeout: "20s" }],
    }),
  ];
  const kernel = await openKernel(engine, clock, 5_000, undefined, undefined, {
    fixing: {
      envelopes: () => envelopes,
      switches: { isOn: () => true, setBy: () => "file", turn: () => undefined },
      hands: provider.hands,
      timeout: (ms) => AbortSignal.timeout(ms),
      fixes: [fix],
    },
  });
  await kernel.triggers.register(suiteTrigger(fix.name, target, budget));
  const remedy = kernel.remedies.get(fix.name);
  if (!remedy) throw new Error(`${fix.name} is not known`);
  return {
    kernel,
    remedy,
    target,
    missingTarget,
    async fail() {
      provider.breakIt();
      await kernel.report("default", [aCrash(target, { source: "probe", level: "error" })]);
      await Promise.race([kernel.settle(), provider.begun()]);
    },
    async carryOut(works) {
      await provider.begun();
      provider.letGo(works);
      await kernel.settle();
    },
    acts: provider.acts,
    async [Symbol.asyncDispose]() {
      await provider.close();
      await kernel.close();
    },
  };
}

remedySuite("a unit, restarted by a systemctl of ours,", async (engine, clock, budget) => {
  const systemctl = installSystemctlDouble();
  systemctl.put("shop.service", "active");
  const provider: Provider = {
    fix: restartUnit,
    hands: createFixHands(".", systemctl.environment),
    target: "unit:shop.service",
    missingTarget: "unit:gone.service",
    given: {},
    breakIt: () => systemctl.put("shop.service", "failed"),
    begun: systemctl.begun,
    letGo: systemctl.letGo,
    acts: systemctl.restarts,
    close: systemctl.remove,
  };
  return openProvider(provider, engine, clock, budget);
});

remedySuite("a machine, restarted at a double of Fly,", async (engine, clock, budget) => {
  const token = ["fo1", "made-up-for-this-test"].join("_");
  const fly = await startFlyDouble(token);
  fly.put("shop", "m1", "started");
  let begun = Promise.withResolvers<void>();
  let going = Promise.withResolvers<boolean>();
  let acts = 0;
  fly.whileRestarting(async () => {
    begun.resolve();
    const works = await going.promise;
    begun = Promise.withResolvers();
    going = Promise.withResolvers();
    if (works) acts += 1;
    return works;
  });
  const provider: Provider = {
    fix: restartUnhealthyMachine,
    hands: createFixHands(".", { FLY_API_TOKEN: token }),
    target: "machine:shop/m1",
    missingTarget: "machine:shop/m9",
    given: { base_url: fly.base },
    breakIt: () => fly.put("shop", "m1", "stopped"),
    begun: () => begun.promise,
    letGo: (works) => going.resolve(works),
    acts: () => acts,
    async close() {
      going.resolve(false);
      await fly.close();
    },
  };
  return openProvider(provider, engine, clock, budget);
});
