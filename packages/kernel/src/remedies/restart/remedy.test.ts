import { RestartPolicy } from "@prunella/contract";
import { aCrash, openKernel } from "../../../../../test/kernel-fixture.ts";
import { remedySuite, SUITE_POLICY } from "../remedy-suite.ts";
import { createPresence } from "./presence.ts";
import { createRestart } from "./remedy.ts";

// An executor outside carries it out: the suite plays the supervisor.
remedySuite("restart", async (engine, clock, budget) => {
  const kernel = await openKernel(engine, clock);
  const policy = RestartPolicy.parse({ ...SUITE_POLICY, budget: { max: budget, window_ms: 60_000 } });
  const { runId } = await kernel.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy });
  const presence = createPresence({ clock, servingSince: () => 0 });
  let acts = 0;
  return {
    kernel,
    remedy: createRestart({ db: engine.reader, presence }),
    target: "program:shop",
    missingTarget: "program:mill",
    async fail() {
      await kernel.supervised.crash(runId, (name) => aCrash(name));
      await kernel.settle();
    },
    async carryOut(works) {
      const told = await kernel.supervised.next(runId, null);
      if (told.kind !== "restart") throw new Error(`not to be restarted but ${told.kind}`);
      clock.advance(Math.max(0, told.not_before - clock.now()));
      await kernel.redeemer(told.permit_id, told.fence);
      acts += 1;
      await kernel.supervised.outcome(told.attempt_id, told.fence, works ? "succeeded" : "failed", 2);
      await kernel.settle();
    },
    acts: () => acts,
    [Symbol.asyncDispose]: () => kernel.close(),
  };
});
