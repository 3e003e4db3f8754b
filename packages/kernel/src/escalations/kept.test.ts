import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { TEST_SIGNER } from "../../../../test/ledger-rows.ts";
import { digestOfArgs } from "../gate/args.ts";
import type { Episode } from "../gate/episode.ts";
import { aLamp, NOW } from "../gate/facts-fixture.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";
import { ANNA, beginAsked, BERT } from "./asked-fixture.ts";
import { askersOf, PLAIN } from "./asker.ts";
import { endApproval, takeApproval } from "./approval.ts";
import { makeLink, useLink } from "./link.ts";
import { listEscalations, listEscalationsOf } from "./list.ts";
import { anAttempt, aQuestion, FAULT_ID, HOUR_MS, QUESTION_ID } from "./question-fixture.ts";
import { toEscalation } from "./row.ts";
import { openSprint, openSprintWhenDue } from "./sprints.ts";
import { escalateStuck, stuckWork } from "./stuck.ts";

const MINUTE = 60_000;

describe.each(ENGINES)("what is kept of questions, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  const begin = (given?: Parameters<typeof beginAsked>[1]) => beginAsked(open, given);
  const conflict = (detail: string) => ({ code: "PRUNELLA_CONFLICT", detail: expect.stringContaining(detail) });

  test("enough questions and useless attempts of one fault open one sprint, with what speaks for it", async () => {
    const attempts = [
      anAttempt(1),
      anAttempt(2, { verification: "held" }),
      anAttempt(3, { refusal: "paused" }),
      anAttempt(4, { target: "lamp:attic" }),
      anAttempt(5, { fault_id: null }),
      anAttempt(6, { created_at: NOW - 2 * HOUR_MS }),
    ];
    const at = (nth: number) => NOW - nth * MINUTE;
    await using all = await begin({
      faultTitle: "dark",
      attempts: attempts.map((one, nth) => ({ ...one, created_at: nth === 5 ? one.created_at : at(nth) })),
      questions: [
        aQuestion({ opened_at: at(1) }),
        aQuestion({ opened_at: at(2), escalation_id: FAULT_ID, episode: "b" }),
        aQuestion({ opened_at: NOW - HOUR_MS, escalation_id: "01a1fd1f-7660-73b5-9a29-000000000021", episode: "c" }),
      ],
    });
    await all.run(
      ({ db }) =>
        rows(db)`update fault set first_release = 'shop@1', regressed_in = 'shop@2' where fault_id = ${FAULT_ID}`,
    );
    const trouble = { projectId: "default", triggerId: "light-hall", faultId: FAULT_ID, target: "lamp:hall" };
    const due = (count: number, more = {}) =>
      all.run((tx) => openSprintWhenDue(tx, all.newId, NOW, { ...trouble, ...more }, { count, within_ms: HOUR_MS }));
    expect(await due(4)).toBeNull();
    const id = await due(3);
    expect(id).not.toBeNull();
    expect([await due(1), await all.run((tx) => openSprint(tx, all.newId, NOW, trouble, HOUR_MS))]).toEqual([
      null,
      null,
    ]);
    const row = await all.db.selectFrom("corrective_sprint_log").selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      sprint_id: id,
      subject: FAULT_ID,
      trigger_id: "light-hall",
      reason: "repeated",
      opened_at: NOW,
      closed_at: null,
    });
    expect(JSON.parse(row.brief)).toEqual({
      goal: "repair_cause",
      since: NOW - HOUR_MS,
      counts: { escalations: 2, ineffective: 1, attempts: 2 },
      attempts: [
        {
          id: attempts[0]?.attempt_id,
          action: "switch_on",
          state: "succeeded",
          verification: "ineffective",
          at: at(0),
          audit_log_id: 0,
        },
        {
          id: attempts[1]?.attempt_id,
          action: "switch_on",
          state: "succeeded",
          verification: "held",
          at: at(1),
          audit_log_id: 0,
        },
      ],
      escalations: [
        { id: QUESTION_ID, reason: "budget_exhausted", at: at(1), audit_log_id: 0 },
        { id: FAULT_ID, reason: "budget_exhausted", at: at(2), audit_log_id: 0 },
      ],
      suspects: [
        { release: "shop@1", why: "first seen in it" },
        { release: "shop@2", why: "came back with it" },
      ],
    });
    expect((await all.entries())[0]).toEqual({
      v: 1,
      at: NOW,
      type: "sprint_changed",
      project: "default",
      sprint: id,
      trigger: "light-hall",
      fault: FAULT_ID,
      change: "opened",
      reason: "repeated",
      escalations: 2,
      ineffective: 1,
      by: { kind: "system", id: null },
    });
    expect(await all.told()).toMatchObject([{ kind: "sprint_opened", subject: id, id: `sprint_opened.${id}` }]);
    // Without a fault it is the target's.
    const ofTarget = await all.run((tx) => openSprint(tx, all.newId, NOW, { ...trouble, faultId: null }, HOUR_MS));
    expect(ofTarget).not.toBeNull();
    expect(
      await all.db
        .selectFrom("corrective_sprint_log")
        .select(["subject", "reason"])
        .where("sprint_id", "=", ofTarget ?? "")
        .executeTakeFirst(),
    ).toEqual({ subject: "lamp:hall", reason: "severity" });
  });

  test("an approval answers what it is of, once, while its time and its giver's say last", async () => {
    const about = {
      projectId: "default",
      triggerId: "light-hall",
      action: "switch_on",
      target: "lamp:hall",
      args: { run: "r" },
    };
    const row = (given: Partial<Tables["approval"]> = {}): Tables["approval"] => ({
      project_id: "default",
      approval_id: "01a1fd1f-7660-73b5-9a29-000000000031",
      trigger_id: null,
      action: "switch_on",
      target: "lamp:hall",
      args: '{"run":"r"}',
      args_sha256: digestOfArgs("switch_on", "lamp:hall", { run: "r" }),
      reason: "it is fine",
      given_by: JSON.stringify(ANNA),
      given_at: NOW,
      expires_at: NOW + 10,
      status: "waiting",
      escalation_id: null,
      ended_by: null,
      ended_at: null,
      audit_log_id: 0,
      ...given,
    });
    const take = async (
      given: Partial<Tables["approval"]>,
      people: Parameters<Awaited<ReturnType<typeof begin>>["people"]>,
      more = {},
    ) => {
      await using all = await begin({});
      await all.run(async ({ db }) => void (await db.insertInto("approval").values(row(given)).execute()));
      await all.people(...people);
      const taken = await all.run((tx) =>
        takeApproval(tx, { ...about, now: NOW + 5, requestedBy: null, escalationId: QUESTION_ID, ...more }),
      );
      if (taken) {
        expect(taken).toMatchObject({ status: "used", escalation_id: QUESTION_ID, ended_by: ANNA, ended_at: NOW + 5 });
        expect((await all.entries())[0]).toMatchObject({
          type: "approval_changed",
          change: "used",
          escalation: QUESTION_ID,
          by: ANNA,
        });
        expect(await all.run((tx) => endApproval(tx, row(), { now: NOW, status: "withdrawn", by: ANNA }))).toBeNull();
      }
      return taken !== null;
    };
    for (const given of [{}, { trigger_id: "light-hall" }, { expires_at: NOW + 6 }])
      expect([given, await take(given, [])]).toEqual([given, true]);
    for (const given of [
      { trigger_id: "other" },
      { expires_at: NOW + 5 },
      { status: "withdrawn" },
      { target: "lamp:attic" },
      { action: "paint" },
      { project_id: "other" },
      { args_sha256: "another" },
    ] as const)
      expect([given, await take(given, [])]).toEqual([given, false]);
    expect(await take({}, [], { requestedBy: "anna" })).toBe(false);
    expect(await take({}, [], { requestedBy: "bert" })).toBe(true);
    for (const [person, isTaken] of [
      [["anna", "operator"], true],
      [["anna", "owner", "*"], true],
      [["anna", "viewer"], false],
      [["anna", "owner", "other"], false],
      [["anna", "owner", "default", "invited"], false],
    ] as const)
      expect([person, await take({}, [person])]).toEqual([person, isTaken]);
  });

  test("a link serves once, for its question and in its time, and nothing that looks like one does", async () => {
    await using all = await begin({});
    const link = (more: Partial<Parameters<typeof makeLink>[1]> = {}) =>
      makeLink(TEST_SIGNER, { escalationId: QUESTION_ID, expiresAt: NOW + 10, nonce: "n", ...more });
    const use = (text: string, now = NOW, escalationId = QUESTION_ID) =>
      all.run((tx) => useLink(tx, TEST_SIGNER, { now, escalationId, link: text }));
    const [said = "", signature = ""] = link().split(".");
    const forged = Buffer.from(JSON.stringify([QUESTION_ID, NOW + 99, "n"])).toString("base64url");
    for (const wrong of [
      "",
      said,
      `${said}.`,
      `.${signature}`,
      `${forged}.${signature}`,
      `${said}.${signature}AAAA`,
      `${said}.${signature.slice(4)}`,
      link({ escalationId: FAULT_ID }),
    ])
      await expect(use(wrong)).rejects.toMatchObject({
        ...conflict("The link cannot be used. It was not sent for this question."),
        hint: expect.stringContaining("console"),
      });
    await expect(use(link(), NOW, FAULT_ID)).rejects.toMatchObject(conflict("not sent for this question"));
    await expect(use(link(), NOW + 10)).rejects.toMatchObject(conflict("Its time is over."));
    await use(link(), NOW + 9);
    await expect(use(link())).rejects.toMatchObject(conflict("It was used already."));
    await use(link({ nonce: "m" }));
    expect(await all.db.selectFrom("challenge").select(["kind", "data", "expires_at"]).execute()).toEqual(
      Array.from({ length: 2 }, () => ({ kind: "escalation_link", data: QUESTION_ID, expires_at: NOW + 10 })),
    );
  });

  test("a list shows the newest first, of what one may see, with how many are open", async () => {
    const id = (nth: number) => `01a1fd1f-7660-73b5-9a29-00000000004${nth}`;
    await using all = await begin({
      questions: [
        aQuestion({ escalation_id: id(1), opened_at: NOW, project_id: "other" }),
        aQuestion({ escalation_id: id(2), opened_at: NOW + 2, episode: "b" }),
        aQuestion({ escalation_id: id(3), opened_at: NOW + 1, status: "decided", decided_at: NOW + 2, fault_id: null }),
      ],
      attempts: [
        anAttempt(1, { created_at: NOW }),
        anAttempt(2, { created_at: NOW + 3, because_kind: "escalation", because_id: id(3) }),
      ],
    });
    const list = async (status: "open" | "all", sees: readonly string[] | null = null) => {
      const { escalations, open: count } = await listEscalations(all.db, all.askers, NOW + 5, status, sees);
      return [escalations.map((one) => one.id), count];
    };
    expect(await list("open")).toEqual([[id(2), id(1)], 2]);
    expect(await list("all")).toEqual([[id(2), id(3), id(1)], 2]);
    expect(await list("open", ["other"])).toEqual([[id(1)], 1]);
    const { escalations } = await listEscalations(all.db, all.askers, NOW + 5, "all");
    // Of one that was decided: what had been tried by then, and what came of the answer.
    expect(escalations[1]?.attempts.map((one) => one.created_at)).toEqual([NOW]);
    expect(escalations[1]?.answer).toMatchObject({ created_at: NOW + 3 });
    expect(escalations[0]).toMatchObject({ answer: null, fault_title: null });
    expect((await listEscalationsOf(all.db, all.askers, [FAULT_ID])).map((one) => one.id)).toEqual([id(2), id(1)]);
  });

  test("a question is shown in its asker's words, and an answer that nobody knows any more by its name", async () => {
    const lamp = aLamp();
    const promised = {
      ...lamp,
      choices: lamp.choices.map((one) => ({
        ...one,
        promise: (project: string, target: string) => `${project} ${target}`,
      })),
    };
    const askers = new Map(askersOf(new Map([["switch_on", promised]])).map((asker) => [asker.name, asker]));
    const shown = toEscalation(
      aQuestion({
        options: '["switch_once","forgotten","seen"]',
        held_by: JSON.stringify(BERT),
        decided_by: JSON.stringify(ANNA),
      }),
      askers,
    );
    expect(shown).toMatchObject({
      id: QUESTION_ID,
      question: "Switch hall on once more?",
      held_by: BERT,
      decided_by: ANNA,
      args: null,
    });
    expect(shown.options).toMatchObject([
      { name: "switch_once", promise: "default lamp:hall" },
      { name: "forgotten", effect: "leave", label: "forgotten", promise: "", done: "is decided" },
      { name: "seen", label: "Seen" },
    ]);
    expect(toEscalation(aQuestion({ args: '{"run":"r"}' }), new Map())).toMatchObject({
      question: PLAIN.question("lamp:hall"),
      args: { run: "r" },
    });
  });

  test("a step of our own that keeps failing is asked about as such, and tried again or set aside as somebody says", async () => {
    const episodes: Episode[] = [];
    const raise = escalateStuck((_tx, episode) => {
      episodes.push(episode);
      return Promise.resolve("");
    });
    await using all = await begin({});
    await all.run((tx) => raise(tx, { projectId: "default", workId: "w1" }));
    expect(episodes).toEqual([
      {
        projectId: "default",
        asker: "work",
        triggerId: null,
        faultId: null,
        target: "prunella:work/w1",
        reason: "step_failed",
        cause: null,
        args: null,
        requestedBy: null,
      },
    ]);
    const stuck = stuckWork(() => NOW);
    expect(stuck.question("")).toContain("Prunella's own");
    expect(stuck.choices.map(({ name, effect }) => [name, effect])).toEqual([
      ["try_again", "leave"],
      ["set_aside", "leave"],
    ]);
    expect(stuck.defaultChoice).toBe("set_aside");
  });
});
