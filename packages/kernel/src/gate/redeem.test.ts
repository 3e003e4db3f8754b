import { createHash } from "node:crypto";
import type { Args } from "@prunella/contract";
import { createCalendar } from "@prunella/server/platform";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";
import { rows } from "../store/rows.ts";
import { NO_ENVELOPES, type EnvelopeBook } from "./envelope-book.ts";
import type { Facts } from "./facts.ts";
import { aCase, aGrant, aLamp, anEnvelope, aTrigger, byAnswer, byGrant, byHand, HALL, NOW } from "./facts-fixture.ts";
import { allow, backoff, writePermits } from "./permits.ts";
import { redeemPermit } from "./redeem.ts";
import { openRows } from "./rows-fixture.ts";
import { addMaintenance } from "./maintenance.ts";
import { addPause } from "./pauses.ts";
import { turnKillSwitch } from "./switches.ts";

const calendar = createCalendar();
const ANNA = { kind: "person", id: "anna" } as const;
const SWITCH = { do: "switch_on", targets: [HALL], timeout: "30s" } as object;
const own = aTrigger().envelope;

describe.each(ENGINES)("a permit that is redeemed, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  /** Permitted as the gate would have: intent, attempt and permit. */
  async function permit(given: Parameters<typeof aCase>[0] = {}, args: Args = {}, remedy = aLamp()) {
    const all = await openRows(open);
    const { newId } = all;
    const give = async (facts: Facts) => {
      const allowed = allow(facts, remedy, args, newId);
      await all.run((tx) => writePermits(tx, [allowed], newId));
      return allowed;
    };
    const facts = aCase(given);
    const { attemptId, permitId } = await give(facts);
    let { policy } = facts;
    let book: EnvelopeBook = NO_ENVELOPES;
    return {
      attemptId,
      permitId,
      give,
      newId,
      run: all.run,
      set policy(now: Facts["policy"]) {
        policy = now;
      },
      set book(now: EnvelopeBook) {
        book = now;
      },
      redeem: (more: { now?: number; permitId?: string; fence?: number } = {}) =>
        all.run((tx) =>
          redeemPermit(tx, {
            now: NOW,
            nodeId: "here",
            permitId,
            fence: facts.lastFence + 1,
            policyOf: async () => policy,
            book,
            calendar,
            ...more,
          }),
        ),
      attempt: () =>
        all.db
          .selectFrom("self_heal_attempts")
          .selectAll()
          .where("attempt_id", "=", attemptId)
          .executeTakeFirstOrThrow(),
      entries: all.entries,
      due: async (kind: string) =>
        (await all.db.selectFrom("work").selectAll().where("kind", "=", kind).execute()).map(
          ({ due_at: at, payload }) => [at - NOW, JSON.parse(payload)],
        ),
      [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
    };
  }
  const refused = (detail: string) => expect.objectContaining({ code: "PRUNELLA_PERMIT_INVALID", detail });
  const enveloped = {
    governing: anEnvelope([SWITCH]),
    request: { ...byHand, triggerId: null, action: "switch_on" },
    trigger: null,
  };
  const bookOf = (governing: ReturnType<typeof anEnvelope> | null): EnvelopeBook => ({
    all: () => [],
    of: () => governing,
  });

  test("says what it allows, and the ledger says that the effect starts before it can", async () => {
    await using all = await permit({ request: { faultId: null }, lastFence: 6 }, { level: 3 });
    expect(await all.redeem()).toEqual({
      permitId: all.permitId,
      attemptId: all.attemptId,
      projectId: "default",
      action: "switch_on",
      target: HALL,
      args: { level: 3 },
      fence: 7,
      expiresAt: NOW + 60_000,
    });
    expect(await all.attempt()).toMatchObject({
      state: "running",
      started_at: NOW,
      node_id: "here",
      version: 2,
      fence: 7,
      rung: 0,
      action: "switch_on",
      args: '{"level":3}',
      not_before: NOW,
      cause: JSON.stringify({ source: "webhook", trust: "authenticated", level: "error" }),
    });
    const [intent, started] = await all.entries();
    expect(intent).toEqual({
      v: 1,
      at: NOW,
      type: "attempt_intent",
      project: "default",
      attempt: all.attemptId,
      subject: { kind: "trigger", id: "light-hall" },
      trigger: "light-hall",
      trigger_version: 1,
      fault: null,
      target: HALL,
      action: "switch_on",
      args_sha256: createHash("sha256")
        .update(canonicalJson({ action: "switch_on", target: HALL, args: { level: 3 } }))
        .digest("hex"),
      because: aCase().request.because,
      cause: { source: "webhook", trust: "authenticated", level: "error" },
      fence: 7,
      not_before: NOW,
      expires_at: NOW + 60_000,
      budgets: [],
      ceilings: [],
    });
    expect(started).toEqual({
      v: 1,
      at: NOW,
      type: "attempt_started",
      project: "default",
      attempt: all.attemptId,
      intent: 1,
    });
    // Whoever says nothing is given up after the rung's own time.
    expect(await all.due("abandon_attempt")).toEqual([[60_000, { attempt: all.attemptId }]]);
  });

  test("names what it counts up to, and the override that it needs", async () => {
    const budget = { scope: "trigger", max: 3, window_ms: 1_000, used: 3, nextFreeAt: null } as const;
    const ceilings = [{ scope: "trigger", max: 2, active: 1 }] as const;
    const override = { id: "o", auditLogId: 0 };
    await using all = await permit({ budgets: [budget], ceilings, override });
    expect((await all.entries())[0]).toMatchObject({
      budgets: [{ scope: "trigger", max: 3, window_ms: 1_000, used: 4 }],
      ceilings: [{ scope: "trigger", max: 2, active: 2 }],
      override: 0,
    });
    await using other = await permit({ budgets: [{ ...budget, used: 1 }], override });
    expect((await other.entries())[0]).not.toHaveProperty("override");
  });

  test("waits longer after each attempt of policy that did not hold, and for nobody who asks by hand", async () => {
    const trigger = aTrigger({ backoff: { base_ms: 100, max_ms: 1_000 } });
    expect([0, 1, 2, 3, 4, 5, 60].map((streak) => backoff(trigger, streak))).toEqual([
      0, 100, 200, 400, 800, 1_000, 1_000,
    ]);
    await using all = await permit({ streak: 2, rung: { action: "switch_on", args: {}, timeout_ms: 5_000, at: 0 } });
    expect(await all.due("expire_permit")).toEqual([[60_200, { attempt: all.attemptId }]]);
    await expect(all.redeem({ now: NOW + 199 })).rejects.toEqual(refused("Its time begins in 1 ms."));
    await expect(all.redeem({ now: NOW + 60_200 })).rejects.toEqual(refused("Its time is over."));
    expect(await all.redeem({ now: NOW + 60_199 })).toMatchObject({ expiresAt: NOW + 60_200 });
    await using byPerson = await permit({ streak: 2, request: byHand });
    expect(await byPerson.redeem()).toMatchObject({ expiresAt: NOW + 60_000 });
  });

  test("is carried out here at its time where the remedy acts here", async () => {
    await using all = await permit({ streak: 1 }, {}, aLamp({ act: async () => true }));
    expect(await all.due("act")).toEqual([[100, { attempt: all.attemptId }]]);
    await using elsewhere = await permit();
    expect(await elsewhere.due("act")).toEqual([]);
  });

  test("is redeemed once, by whoever knows it and its fence", async () => {
    await using all = await permit({ lastFence: 2 });
    await expect(all.redeem({ permitId: all.attemptId })).rejects.toEqual(refused("There is no such permit."));
    for (const fence of [2, 4])
      await expect(all.redeem({ fence })).rejects.toEqual(refused("Its fencing token is another one."));
    await all.redeem();
    await expect(all.redeem()).rejects.toEqual(refused("It has been redeemed already."));
    expect((await all.entries()).filter(({ type }) => type === "attempt_started")).toHaveLength(1);
  });

  test("is outrun by a newer one of its target, and by its attempt's end", async () => {
    await using all = await permit();
    await all.give(aCase({ lastFence: 1 }));
    await expect(all.redeem()).rejects.toEqual(refused("A newer permit of its target has outrun it."));
    await using other = await permit();
    await other.run(({ db }) => rows(db)`update self_heal_attempts set state = 'expired'`);
    await expect(other.redeem()).rejects.toEqual(refused("Its attempt is over."));
    await using alone = await permit();
    await alone.give(aCase({ lastFence: 1, request: { target: "lamp:attic" } }));
    expect(await alone.redeem()).toMatchObject({ fence: 1 });
  });

  test("is nothing once the kill switch is on, for anybody", async () => {
    for (const request of [{}, byHand]) {
      await using all = await permit({ request });
      await all.run((tx) => turnKillSwitch(tx, NOW, true, ANNA));
      await expect(all.redeem()).rejects.toEqual(refused("The kill switch is on."));
      await all.run((tx) => turnKillSwitch(tx, NOW, false, ANNA));
      expect(await all.redeem()).toMatchObject({ fence: 1 });
    }
  });

  test("is nothing while policy is paused or its target is under maintenance, but for a person", async () => {
    const pause = { projectId: "default", reason: "deploy", until: null, now: NOW, by: ANNA };
    const window = { from: "2026-11-21T07:00:00Z", to: "2026-11-21T09:00:00Z" };
    const closed = { projectId: null, target: null, window, reason: "disk", now: NOW, by: ANNA, calendar };
    for (const [request, isHeld] of [
      [{}, true],
      [byHand, false],
    ] as const) {
      await using paused = await permit({ request });
      await paused.run((tx) => addPause(tx, { ...pause, triggerId: null, newId: paused.newId }));
      await using closes = await permit({ request });
      await closes.run((tx) => addMaintenance(tx, { ...closed, newId: closes.newId }));
      if (isHeld) {
        await expect(paused.redeem()).rejects.toEqual(refused("The project is paused."));
        await expect(closes.redeem()).rejects.toEqual(refused("Its target is under maintenance."));
      } else {
        expect(await paused.redeem()).toMatchObject({ fence: 1 });
        expect(await closes.redeem()).toMatchObject({ fence: 1 });
      }
    }
    await using ofTrigger = await permit();
    await ofTrigger.run(
      ({ db }) =>
        rows(
          db,
        )`insert into pause (project_id, pause_id, trigger_id, reason, owner, since, until_at, lifted_at, audit_log_id)
        values ('default', 'p', 'light-hall', 'deploy', ${JSON.stringify(ANNA)}, ${NOW}, null, null, 0)`,
    );
    await expect(ofTrigger.redeem()).rejects.toEqual(refused("The trigger is paused."));
  });

  test("is nothing in its trigger's quiet hours, which are nobody else's", async () => {
    const quiet = aTrigger({ windows: { maintenance: [], quiet: [{ from: "07:00", to: "09:00", zone: "UTC" }] } });
    await using all = await permit({ trigger: quiet });
    await expect(all.redeem()).rejects.toEqual(refused("These are its trigger's quiet hours."));
    await using byPerson = await permit({ trigger: quiet, request: byHand });
    expect(await byPerson.redeem()).toMatchObject({ fence: 1 });
    const grant = aGrant();
    await using byCaller = await permit({ trigger: quiet, grant, request: { ...byGrant, triggerId: "light-hall" } });
    expect(await byCaller.redeem()).toMatchObject({ fence: 1 });
  });

  test("is nothing when its trigger only tries by now, is switched off or is gone", async () => {
    await using all = await permit();
    const now = (trigger: Facts["policy"]["trigger"]) => (all.policy = { ...aCase().policy, trigger });
    now(aTrigger({ mode: "dry_run" }));
    await expect(all.redeem()).rejects.toEqual(refused("The trigger only tries."));
    now(aTrigger({ envelope: { ...own, enabled: false } }));
    await expect(all.redeem()).rejects.toEqual(refused("The envelope has been switched off."));
    now(null);
    await expect(all.redeem()).rejects.toEqual(refused("The envelope has been switched off."));
    now(aTrigger());
    expect(await all.redeem()).toMatchObject({ fence: 1 });
    await using byPerson = await permit({ trigger: aTrigger({ mode: "dry_run" }), request: byHand });
    expect(await byPerson.redeem()).toMatchObject({ fence: 1 });
  });

  test("is nothing when the grant that it came by was revoked or is gone", async () => {
    await using all = await permit({ request: byGrant, trigger: null, grant: aGrant(), rung: null });
    const now = (grant: Facts["policy"]["grant"]) => (all.policy = { ...aCase().policy, trigger: null, grant });
    for (const grant of [null, aGrant({ revoked_at: NOW })]) {
      now(grant);
      await expect(all.redeem()).rejects.toEqual(refused("The grant has been revoked."));
    }
    now(aGrant());
    expect(await all.redeem()).toMatchObject({ fence: 1 });
  });

  test("inside an envelope is nothing when that is off, is gone or lists it no more", async () => {
    await using all = await permit(enveloped, { envelope: "lamps" });
    for (const governing of [null, { name: "lamps", envelope: null, isOn: true }, anEnvelope([SWITCH], false)]) {
      all.book = bookOf(governing);
      await expect(all.redeem()).rejects.toEqual(refused("The envelope has been switched off."));
    }
    for (const actions of [[], [{ ...SWITCH, do: "paint" }], [{ ...SWITCH, targets: ["lamp:attic"] }]]) {
      all.book = bookOf(anEnvelope(actions));
      await expect(all.redeem()).rejects.toEqual(refused("The envelope does not list it any more."));
    }
    all.book = bookOf(anEnvelope([SWITCH]));
    expect(await all.redeem()).toMatchObject({ args: { envelope: "lamps" } });
    // By hand: its report is waited for, and as long as the envelope says beside.
    expect(await all.due("abandon_attempt")).toEqual([[90_000, { attempt: all.attemptId }]]);
  });

  test("inside an envelope is nothing for policy and answers once that is trusted less", async () => {
    const stage = (all: Awaited<ReturnType<typeof permit>>, to: string) =>
      all.run(
        ({ db }) => rows(
          db,
        )`insert into envelope_stage (project_id, probe, stage, held, not_held) values ('default', 'lamps', ${to}, 0, 0)
          on conflict (project_id, probe) do update set stage = excluded.stage`,
      );
    const tooLittle = refused("The envelope is not trusted to act by itself any more.");
    const given = { governing: anEnvelope([SWITCH]) };
    for (const [request, right, wrong] of [
      [{}, ["auto"], ["observe", "propose", "approve"]],
      [byAnswer, ["approve", "auto"], ["observe", "propose"]],
      [byHand, ["observe", "propose", "approve", "auto"], []],
    ] as const) {
      await using all = await permit({ ...given, request }, { envelope: "lamps" });
      all.book = bookOf(anEnvelope([SWITCH]));
      if (wrong.length > 0) await expect(all.redeem()).rejects.toEqual(tooLittle);
      for (const one of wrong) {
        await stage(all, one);
        await expect(all.redeem()).rejects.toEqual(tooLittle);
      }
      for (const one of right) {
        await using fresh = await permit({ ...given, request }, { envelope: "lamps" });
        fresh.book = bookOf(anEnvelope([SWITCH]));
        await stage(fresh, one);
        expect(await fresh.redeem()).toMatchObject({ fence: 1 });
      }
    }
  });
});
