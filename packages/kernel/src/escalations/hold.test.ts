import { RestartPolicy, type Message } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, openKernel, testClock, testRng } from "../../../../test/kernel-fixture.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import { createIds } from "../ids.ts";
import type { Kernel } from "../kernel.ts";
import type { Channels } from "../notify/channels.ts";
import type { Clock } from "../ports.ts";
import type { Engine } from "../store/engine.ts";
import { createWriter } from "../store/writer.ts";
import { PLAIN } from "./asker.ts";
import { decide } from "./decide.ts";
import { createEscalate } from "./open.ts";

const HOUR_MS = 3_600_000;
const policy = RestartPolicy.parse({ budget: { max: 0, window_ms: 60_000 } });
const ALICE = { kind: "person", id: "alice" } as const;

function aPager() {
  const got: Message[] = [];
  const channels: Channels = {
    list: () => [{ name: "pager", perHour: 30, quiet: null, showsChanges: false, isMail: false }],
    rules: () => [],
    async send(_name, message) {
      got.push(message);
      return { kind: "sent" };
    },
  };
  return { got, channels };
}

/** A question that no target answers by itself. */
async function ask(engine: Engine, kernel: Kernel, clock: Clock) {
  const writer = createWriter(engine);
  const escalate = createEscalate({
    clock,
    newId: createIds(clock, testRng(99)),
    askers: new Map(),
    sprints: { count: 3, within_ms: 7 * 24 * HOUR_MS },
  });
  const id = await writer.run((tx) =>
    escalate(tx, {
      projectId: "default",
      asker: "work",
      triggerId: null,
      faultId: null,
      target: "prunella:work/one",
      reason: "step_failed",
      cause: null,
      args: null,
      requestedBy: null,
    }),
  );
  await writer.close();
  await kernel.settle();
  return id;
}

describe.each(ENGINES)("a question that somebody has seen on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("stays open, and everybody is told again when the time is over", async () => {
    await using store = await open();
    const clock = testClock();
    const { got, channels } = aPager();
    await using kernel = await openKernel(store.engine, clock, undefined, undefined, undefined, { channels });
    const id = await ask(store.engine, kernel, clock);
    const held = await kernel.escalations.hold(id, { how: "acked", forMs: null }, ALICE);
    expect(held).toMatchObject({ status: "open", hold: "acked", held_by: ALICE, held_until: clock.now() + HOUR_MS });
    clock.advance(HOUR_MS);
    await kernel.settle();
    await kernel.settle();
    expect(got.map(({ kind }) => kind).filter((kind) => kind.startsWith("escalation_"))).toEqual([
      "escalation_opened",
      "escalation_reminded",
    ]);
    expect((await kernel.escalations.list("open")).escalations).toMatchObject([{ hold: null, held_by: null }]);
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("keeps its default waiting while it is put off, and never for more than three days", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const id = await ask(store.engine, kernel, clock);
    for (let day = 0; day < 3; day += 1) {
      clock.advance(23 * HOUR_MS);
      await kernel.escalations.hold(id, { how: "snoozed", forMs: 24 * HOUR_MS }, ALICE);
      await kernel.settle();
      expect((await kernel.escalations.list("open")).open).toBe(1);
    }
    await expect(kernel.escalations.hold(id, { how: "snoozed", forMs: 25 * HOUR_MS }, ALICE)).rejects.toMatchObject({
      detail: "That is longer than the 24 hours that it may be.",
    });
    clock.advance(4 * HOUR_MS);
    await kernel.settle();
    expect((await kernel.escalations.list("all")).escalations).toMatchObject([{ status: "expired", hold: null }]);
    await expect(kernel.escalations.hold(id, { how: "acked", forMs: null }, ALICE)).rejects.toMatchObject({
      code: "PRUNELLA_CONFLICT",
    });
  });

  test("tells a late click who decided, and when; the reason is kept scrubbed and not in the ledger", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const id = await ask(store.engine, kernel, clock);
    const secret = ["sword", "fish", "1a2b"].join("");
    const reason = `we move it tonight, password=${secret}`;
    const decided = await kernel.escalations.decide(id, "seen", ALICE, { reason });
    expect(decided.escalation.note).toContain("we move it tonight");
    expect(decided.escalation.note).not.toContain(secret);
    clock.advance(60_000);
    await expect(kernel.escalations.decide(id, "seen")).rejects.toMatchObject({
      detail: "This escalation is decided already: seen, by alice at 2026-11-21 08:00:00 UTC.",
    });
    const entries = await store.engine.reader.selectFrom("ledger").select("entry").orderBy("idx").execute();
    expect(entries.some(({ entry }) => entry.includes("tonight"))).toBe(false);
  });

  test("is answered by the link of its message once, and by no other", async () => {
    await using store = await open();
    const clock = testClock();
    const { got, channels } = aPager();
    await using kernel = await openKernel(store.engine, clock, undefined, undefined, undefined, { channels });
    const id = await ask(store.engine, kernel, clock);
    const url = got.find(({ kind }) => kind === "escalation_opened")?.links[0]?.url ?? "";
    const link = new URL(url, "http://localhost").searchParams.get("link") ?? "";
    expect(url.startsWith(`/escalations/${id}?link=`)).toBe(true);
    const hold = (given: string) => kernel.escalations.hold(id, { how: "acked", forMs: null, link: given }, ALICE);
    const [said = "", signature = ""] = link.split(".");
    const forged = Buffer.from(JSON.stringify([id, clock.now() * 2, "another"])).toString("base64url");
    for (const wrong of [`${forged}.${signature}`, `${said}.`, said, "nothing.at.all"])
      await expect(hold(wrong)).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
    // What was refused with the link is undone with it.
    expect((await kernel.escalations.list("open")).escalations).toMatchObject([{ hold: null }]);
    await hold(link);
    await expect(hold(link)).rejects.toMatchObject({ detail: "The link cannot be used. It was used already." });
    await expect(kernel.escalations.decide(id, "seen", ALICE, { link })).rejects.toMatchObject({
      code: "PRUNELLA_CONFLICT",
    });
    expect((await kernel.escalations.list("open")).open).toBe(1);
  });

  test("is not acted on when nobody could for fifteen minutes after the answer", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const { runId } = await kernel.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy });
    await kernel.supervised.crash(runId, (name) => aCrash(name));
    await kernel.settle();
    const [question] = (await kernel.escalations.list("open")).escalations;
    const escalationId = question?.id ?? "";
    // Answered while the server that asks the gate was down.
    const choice = { name: "restart_once", effect: "act", label: "", promise: "", done: "" } as const;
    const askers = new Map([["restart", { ...PLAIN, choices: [choice] }]]);
    const writer = createWriter(store.engine);
    const given = { newId: createIds(clock, testRng(98)), askers, escalationId, decision: "restart_once", by: ALICE };
    await writer.run((tx) => decide(tx, { ...given, now: clock.now() - 901_000 }));
    await writer.close();
    await kernel.settle();
    const { attempts } = await kernel.attempts.list({ limit: 1 });
    expect(attempts[0]).toMatchObject({ state: "refused", refusal: "approval_expired", because: { id: escalationId } });
    expect(await verifyRows(store.engine)).toEqual([]);
  });
});
