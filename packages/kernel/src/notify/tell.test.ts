import { RestartPolicy } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import type { Engine } from "../store/engine.ts";
import { createWriter } from "../store/writer.ts";
import type { Channels } from "./channels.ts";
import { tell } from "./tell.ts";

/** Somebody is told, or new faults are not even written down. */
const channels: Channels = {
  list: () => [{ name: "pager", perHour: 30, quiet: null, showsChanges: false, isMail: false }],
  rules: () => [],
  send: async () => ({ kind: "sent" }),
};

const told = async (engine: Engine) =>
  (
    await engine.reader
      .selectFrom("notify_outbox")
      .select(["kind", "subject", "level"])
      .orderBy("told_at")
      .orderBy("message_id")
      .execute()
  ).map(({ kind, subject, level }) => ({ kind, subject, level }));

describe.each(ENGINES)("what people are told on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("is each new fault once, and again when it is back", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock, undefined, undefined, undefined, { channels });
    for (const level of ["warning", "error"] as const) {
      await kernel.report("default", [anEvent({ level })]);
      await kernel.settle();
      clock.advance(1_000);
    }
    const [fault] = (await kernel.faults.list({ status: "all", limit: 1 })).faults;
    const subject = fault?.id ?? "";
    expect(await told(store.engine)).toEqual([{ kind: "fault_new", subject, level: "warning" }]);

    await kernel.faults.triage(subject, { action: "resolve" });
    for (let at = 0; at < 2; at += 1) {
      clock.advance(1_000);
      await kernel.report("default", [anEvent({ at: clock.now() })]);
      await kernel.settle();
    }
    expect((await told(store.engine)).slice(1)).toEqual([{ kind: "fault_regressed", subject, level: "error" }]);
  });

  test("is an escalation when it opens, once that it goes on, and when it is decided, and each attempt that did not help", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock, undefined, undefined, undefined, { channels });
    const policy = RestartPolicy.parse({ budget: { max: 1, window_ms: 60_000 }, backoff: { base_ms: 0, max_ms: 0 } });
    const { runId } = await kernel.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy });
    const crash = async () => {
      await kernel.supervised.crash(runId, (name) => aCrash(name));
      await kernel.settle();
      clock.advance(1_000);
    };
    await crash();
    const instruction = await kernel.supervised.next(runId, null);
    if (instruction.kind !== "restart") throw new Error("not restarted");
    await kernel.redeemer(instruction.permit_id, instruction.fence);
    await kernel.supervised.outcome(instruction.attempt_id, instruction.fence, "succeeded", 2);
    for (let at = 0; at < 3; at += 1) await crash();
    const [question] = (await kernel.escalations.list("open")).escalations;
    await kernel.escalations.decide(question?.id ?? "", "leave_stopped");
    await expect(kernel.escalations.decide(question?.id ?? "", "leave_stopped")).rejects.toThrow();
    const all = (await told(store.engine)).filter(({ kind }) => kind !== "fault_new");
    expect(all.toSorted((a, b) => (a.kind < b.kind ? -1 : 1))).toEqual([
      { kind: "attempt_ineffective", subject: instruction.attempt_id, level: "error" },
      ...(["escalation_changed", "escalation_opened", "escalation_resolved"] as const).map((kind) => ({
        kind,
        subject: question?.id,
        level: "fatal",
      })),
    ]);
  });

  test("is nothing of a unit that is undone", async () => {
    await using store = await open();
    const writer = createWriter(store.engine);
    const given = { kind: "test", projectId: "default", subject: "a", at: 1 } as const;
    await expect(
      writer.run(async (tx) => {
        await tell(tx, () => "first", given);
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    await writer.run((tx) => tell(tx, () => "second", given));
    await writer.run((tx) => tell(tx, () => "third", { ...given, once: "a" }));
    await writer.run((tx) => tell(tx, () => "fourth", { ...given, once: "a" }));
    const rows = await store.engine.reader
      .selectFrom("notify_outbox")
      .select("message_id")
      .orderBy("message_id")
      .execute();
    expect(rows.map((row) => row.message_id)).toEqual(["second", "test.a"]);
    await writer.close();
  });
});
