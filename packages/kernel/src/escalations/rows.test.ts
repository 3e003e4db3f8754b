import type { Args } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { testClock } from "../../../../test/kernel-fixture.ts";
import { BY_DEFAULT } from "../actors.ts";
import { digestOfArgs } from "../gate/args.ts";
import type { Episode } from "../gate/episode.ts";
import { NOW } from "../gate/facts-fixture.ts";
import { ANNA, beginAsked, BERT } from "./asked-fixture.ts";
import { PLAIN } from "./asker.ts";
import { withdrawQuestions } from "./decide.ts";
import { HOLDS, MOST_OPEN_MS } from "./hold.ts";
import { listEscalations } from "./list.ts";
import { createEscalate } from "./open.ts";
import { aQuestion, FAULT_ID, HOUR_MS, QUESTION_ID } from "./question-fixture.ts";

const MINUTE = 60_000;

describe.each(ENGINES)("questions by rows, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  const begin = (given?: Parameters<typeof beginAsked>[1]) => beginAsked(open, given);
  const conflict = (detail: string) => ({ code: "PRUNELLA_CONFLICT", detail: expect.stringContaining(detail) });
  const invalid = (detail: string) => ({ code: "PRUNELLA_REQUEST_INVALID", detail: expect.stringContaining(detail) });

  test("an answer that leaves things as they are is written down, told, and does what it says in one unit", async () => {
    await using all = await begin();
    const { row, acts } = await all.decide({ note: "the bulb is old" });
    expect(acts).toBe(false);
    expect(row).toMatchObject({
      status: "decided",
      decision: "leave_dark",
      decided_by: JSON.stringify(ANNA),
      decided_at: NOW + 5,
      approved_until: null,
      note: "the bulb is old",
      version: 4,
    });
    expect(all.left).toEqual(["lamp:hall 5"]);
    expect(await all.entries()).toEqual([
      {
        v: 1,
        at: NOW + 5,
        type: "escalation_decided",
        project: "default",
        escalation: QUESTION_ID,
        decision: "leave_dark",
        acts: false,
        by: ANNA,
      },
    ]);
    expect(await all.told()).toEqual([
      {
        kind: "escalation_resolved",
        subject: QUESTION_ID,
        level: "error",
        id: `escalation_resolved.${QUESTION_ID}`,
        at: 5,
      },
    ]);
    expect(await all.due()).toEqual([]);
  });

  test("an answer that acts asks the gate, pins what was asked, and holds for a quarter of an hour or less", async () => {
    const args: Args = { run: "r" };
    for (const [forMs, until] of [
      [null, 15 * MINUTE],
      [MINUTE, MINUTE],
      [15 * MINUTE, 15 * MINUTE],
    ] as const) {
      await using all = await begin({ questions: [aQuestion({ args: JSON.stringify(args), cause: null })] });
      const { row, acts } = await all.decide({ decision: "switch_once", forMs });
      expect([acts, row.approved_until]).toEqual([true, NOW + 5 + until]);
      expect(all.left).toEqual([]);
      expect(await all.due()).toEqual([["escalation_decided", 5, { escalation: QUESTION_ID }]]);
      expect((await all.entries())[0]).toMatchObject({
        acts: true,
        args_sha256: digestOfArgs("switch_on", "lamp:hall", args),
      });
      expect((await all.told())[0]).toMatchObject({ level: "error" });
    }
    await using unpinned = await begin();
    await unpinned.decide({ decision: "switch_once" });
    expect((await unpinned.entries())[0]).not.toHaveProperty("args_sha256");
  });

  test("an answer is one of those that are offered, for no longer than it may be, and the first counts", async () => {
    await using all = await begin();
    await expect(all.decide({ decision: "paint" })).rejects.toMatchObject({
      code: "PRUNELLA_REQUEST_INVALID",
      detail: "paint is no answer to this question.",
      hint: "Its answers are switch_once and leave_dark.",
    });
    await expect(all.decide({ forMs: 1 })).rejects.toMatchObject(invalid("leaves things as they are"));
    await expect(all.decide({ decision: "switch_once", forMs: 15 * MINUTE + 1 })).rejects.toMatchObject({
      ...invalid("fifteen minutes"),
      hint: "To say yes beforehand: prunella approve --help",
    });
    await expect(all.decide({ escalationId: FAULT_ID })).rejects.toMatchObject({
      code: "PRUNELLA_NOT_FOUND",
      detail: "There is no such escalation.",
    });
    expect(await all.entries()).toEqual([]);
    await all.decide();
    await expect(all.decide({ by: BERT })).rejects.toMatchObject(
      conflict("This escalation is decided already: leave_dark, by anna at 2026-11-21 08:00:00 UTC."),
    );
    await using other = await begin();
    expect((await other.decide({ by: BY_DEFAULT })).row.status).toBe("expired");
    await expect(other.decide()).rejects.toMatchObject(conflict("expired already: leave_dark, by default at"));
    await using nameless = await begin({
      questions: [aQuestion({ status: "decided", decided_by: JSON.stringify({ kind: "system", id: null }) })],
    });
    await expect(nameless.decide()).rejects.toMatchObject(conflict("decided already: leave_dark, by system."));
  });

  test("a question that nobody here knows is closed by what everybody can say", async () => {
    await using all = await begin({
      questions: [aQuestion({ asker: "gone", options: '["seen"]', default_decision: "seen" })],
    });
    expect(await all.decide({ decision: "seen" })).toMatchObject({ acts: false });
    expect(PLAIN.question("lamp:hall")).toContain("lamp:hall");
  });

  test("nobody approves what they asked for themselves, where somebody else is there who may", async () => {
    const asked = { questions: [aQuestion({ requested_by: "anna" })] };
    const acting = { decision: "switch_once" } as const;
    for (const [people, isRefused] of [
      [[], false],
      [[["anna", "owner"]], false],
      [
        [
          ["anna", "owner"],
          ["bert", "viewer"],
        ],
        false,
      ],
      [
        [
          ["anna", "owner"],
          ["bert", "operator", "other"],
        ],
        false,
      ],
      [
        [
          ["anna", "owner"],
          ["bert", "operator", "default", "invited"],
        ],
        false,
      ],
      [
        [
          ["anna", "owner"],
          ["bert", "operator"],
        ],
        true,
      ],
      [
        [
          ["anna", "owner"],
          ["bert", "owner", "*"],
        ],
        true,
      ],
    ] as const) {
      await using all = await begin(asked);
      await all.people(...people);
      if (isRefused) {
        await expect(all.decide(acting)).rejects.toMatchObject({
          ...conflict("You asked for this yourself"),
          hint: expect.stringContaining("prunella people"),
        });
        expect(await all.decide({ ...acting, by: BERT })).toMatchObject({ acts: true });
      } else expect(await all.decide(acting)).toMatchObject({ acts: true });
    }
    await using leaving = await begin(asked);
    await leaving.people(["anna", "owner"], ["bert", "owner"]);
    expect(await leaving.decide()).toMatchObject({ acts: false });
    await using system = await begin(asked);
    await system.people(["bert", "owner"]);
    expect(await system.decide({ ...acting, by: { kind: "system", id: "anna" } })).toMatchObject({ acts: true });
  });

  test("what was asked about a target that is gone takes its default, oldest first, and nothing else does", async () => {
    const second = { escalation_id: "01a1fd1f-7660-73b5-9a29-000000000011", episode: "b", opened_at: NOW - 5 };
    const elsewhere = { escalation_id: "01a1fd1f-7660-73b5-9a29-000000000012", episode: "c", target: "lamp:attic" };
    const other = { escalation_id: "01a1fd1f-7660-73b5-9a29-000000000013", project_id: "other" };
    const ended = { escalation_id: "01a1fd1f-7660-73b5-9a29-000000000014", episode: "d", status: "decided" } as const;
    await using all = await begin({ questions: [{}, second, elsewhere, other, ended].map((one) => aQuestion(one)) });
    const given = { now: NOW, newId: all.newId, askers: all.askers, projectId: "default", target: "lamp:hall" };
    const closed = await all.run((tx) => withdrawQuestions(tx, given));
    expect(closed.map(({ escalation_id: id, status }) => [id, status])).toEqual([
      [second.escalation_id, "expired"],
      [QUESTION_ID, "expired"],
    ]);
    const { escalations, open: count } = await listEscalations(all.db, all.askers, NOW, "open");
    expect([escalations.map(({ id }) => id).toSorted(), count]).toEqual([
      [elsewhere.escalation_id, other.escalation_id],
      2,
    ]);
  });

  test("a hold lasts as it is usual or as it is said, tells everybody, and puts the default off with an hour to spare", async () => {
    for (const how of ["acked", "snoozed", "taken_over"] as const) {
      const { most, usual } = HOLDS[how];
      await using all = await begin();
      const held = await all.hold({ how });
      const until = Math.min(NOW + 5 + usual, NOW + MOST_OPEN_MS);
      const expires = Math.max(NOW + 24 * HOUR_MS, Math.min(until + HOUR_MS, NOW + MOST_OPEN_MS));
      expect(held).toMatchObject({
        status: "open",
        hold: how,
        held_by: JSON.stringify(ANNA),
        held_until: until,
        expires_at: expires,
        version: 4,
      });
      expect(await all.due()).toEqual([
        ["escalation_default", expires - NOW, { escalation: QUESTION_ID }],
        ["escalation_remind", until - NOW, { escalation: QUESTION_ID }],
      ]);
      expect(await all.entries()).toEqual([
        {
          v: 1,
          at: NOW + 5,
          type: "escalation_held",
          project: "default",
          escalation: QUESTION_ID,
          hold: how,
          until,
          by: ANNA,
        },
      ]);
      expect(await all.told()).toMatchObject([
        { kind: "escalation_changed", level: "error", id: `escalation_changed.${QUESTION_ID}.v4` },
      ]);
      expect(await all.hold({ how, forMs: most })).toMatchObject({
        held_until: Math.min(NOW + 5 + most, NOW + MOST_OPEN_MS),
      });
      await expect(all.hold({ how, forMs: most + 1 })).rejects.toMatchObject({
        ...invalid(`longer than the ${most / HOUR_MS} hours`),
        hint: "Decide it, or leave it to its default.",
      });
    }
  });

  test("a hold ends three days after the question at the latest, and then it wants an answer", async () => {
    await using all = await begin();
    const last = NOW + MOST_OPEN_MS;
    expect(await all.hold({ now: last - 5 })).toMatchObject({ held_until: last, expires_at: last });
    await expect(all.hold({ now: last })).rejects.toMatchObject(invalid("put off for three days"));
    await all.decide();
    await expect(all.hold()).rejects.toMatchObject(conflict("decided already"));
  });

  test("when a hold is over everybody hears of it once, and not before", async () => {
    await using all = await begin();
    expect(await all.remind(NOW)).toBe(false);
    const { held_until: until } = await all.hold();
    expect(await all.remind((until ?? 0) - 1)).toBe(false);
    expect(await all.remind(until ?? 0)).toBe(true);
    expect(await all.remind(until ?? 0)).toBe(false);
    expect(await all.question()).toMatchObject({
      hold: null,
      held_by: null,
      held_until: null,
      version: 5,
      status: "open",
    });
    expect((await all.told()).at(-1)).toEqual({
      kind: "escalation_reminded",
      subject: QUESTION_ID,
      level: "error",
      id: `escalation_reminded.${QUESTION_ID}.${until}`,
      at: (until ?? 0) - NOW,
    });
    await all.hold();
    await all.decide();
    expect(await all.remind(NOW + MOST_OPEN_MS)).toBe(false);
  });

  const EPISODE: Episode = {
    projectId: "default",
    asker: "switch_on",
    triggerId: "light-hall",
    faultId: FAULT_ID,
    target: "lamp:hall",
    reason: "budget_exhausted",
    cause: { source: "probe", trust: "local", level: "fatal" },
    args: { run: "r" },
    requestedBy: ANNA,
  };

  test("an episode opens one question, which goes on while it stands, and its default waits for a day", async () => {
    await using all = await begin({});
    const clock = testClock(NOW);
    const sprints = { count: 9, within_ms: HOUR_MS };
    const escalate = createEscalate({ clock, newId: all.newId, askers: all.askers, sprints });
    const ask = (more: Partial<Episode> = {}) => all.run((tx) => escalate(tx, { ...EPISODE, ...more }));
    const id = await ask();
    expect(await all.question(id)).toMatchObject({
      trigger_id: "light-hall",
      asker: "switch_on",
      episode: "switch_on light-hall lamp:hall",
      fault_id: FAULT_ID,
      reason: "budget_exhausted",
      cause: JSON.stringify(EPISODE.cause),
      args: '{"run":"r"}',
      status: "open",
      options: '["switch_once","leave_dark"]',
      default_decision: "leave_dark",
      requested_by: "anna",
      opened_at: NOW,
      expires_at: NOW + 24 * HOUR_MS,
      failures_since: 0,
      version: 1,
    });
    expect(await all.due()).toEqual([["escalation_default", 24 * HOUR_MS, { escalation: id }]]);
    expect(await all.entries()).toEqual([
      {
        v: 1,
        at: NOW,
        type: "escalation_opened",
        project: "default",
        escalation: id,
        asker: "switch_on",
        trigger: "light-hall",
        fault: FAULT_ID,
        reason: "budget_exhausted",
      },
    ]);
    clock.advance(1_000);
    for (const reason of ["proposed", "budget_exhausted"] as const) expect(await ask({ reason })).toBe(id);
    expect(await all.question(id)).toMatchObject({ failures_since: 2, version: 3, reason: "budget_exhausted" });
    clock.advance(600_000);
    await ask();
    // Further failures are told once in ten minutes.
    expect((await all.told()).map(({ kind, level, at }) => [kind, level, at])).toEqual([
      ["escalation_opened", "fatal", 0],
      ["escalation_changed", "fatal", 1_000],
      ["escalation_changed", "fatal", 601_000],
    ]);
    for (const more of [{ target: "lamp:attic" }, { triggerId: "other" }, { projectId: "other" }])
      expect(await ask(more)).not.toBe(id);
    expect(
      await all.question(await ask({ cause: null, args: null, requestedBy: null, target: "lamp:x" })),
    ).toMatchObject({ cause: null, args: null, requested_by: null });
    expect((await all.told()).at(-1)).toMatchObject({ level: "error" });
  });

  test("what was asked when an answer could do nothing, or could, is another question", async () => {
    await using all = await begin({});
    const escalate = createEscalate({
      clock: testClock(NOW),
      newId: all.newId,
      askers: all.askers,
      sprints: { count: 9, within_ms: 1 },
    });
    const ask = (more: Partial<Episode> = {}) => all.run((tx) => escalate(tx, { ...EPISODE, ...more }));
    const byHand = await ask({ isByHand: true });
    expect(await all.question(byHand)).toMatchObject({ options: '["leave_dark"]' });
    expect(await ask({ isByHand: true })).toBe(byHand);
    const acting = await ask();
    expect(acting).not.toBe(byHand);
    expect(await all.question(byHand)).toMatchObject({
      status: "expired",
      decision: "leave_dark",
      decided_by: JSON.stringify(BY_DEFAULT),
    });
    expect(await ask()).toBe(acting);
    const again = await ask({ isByHand: true });
    expect([again === acting, (await all.question(acting)).status]).toEqual([false, "expired"]);
    // Whom nobody knows asks in plain words.
    expect(await all.question(await ask({ asker: "gone" }))).toMatchObject({
      options: '["seen"]',
      default_decision: "seen",
    });
  });
});
