import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { testClock } from "../../../../test/kernel-fixture.ts";
import { beginLedger } from "../../../../test/ledger-rows.ts";
import { createLamps } from "../remedies/lamp-fixture.ts";
import type { Said } from "../notify/describe.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";
import { createWriter } from "../store/writer.ts";
import { askersOf } from "./asker.ts";
import { describeEscalation } from "./message.ts";
import { anAttempt, aQuestion, ASKED_AT, FAULT_ID, HOUR_MS, put, QUESTION_ID } from "./question-fixture.ts";
import { describeSprint } from "./sprint-message.ts";

const NOW = ASKED_AT + 15 * 60_000;
const remedies = new Map([["switch_on", { ...createLamps().remedy, act: null }]]);
const askers = new Map(askersOf(remedies).map((asker) => [asker.name, asker]));
const PERSON = JSON.stringify({ kind: "person", id: "anna" });

type Kind = "escalation_opened" | "escalation_changed" | "escalation_reminded" | "escalation_resolved";

describe.each(ENGINES)("the message of a question, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function say(
    kind: Kind,
    given: Partial<Tables["escalation_attempts"]> = {},
    more: Omit<Parameters<typeof put>[1], "questions"> = {},
  ): Promise<Said | null> {
    await using store = await open();
    await beginLedger(store.engine, ASKED_AT);
    await put(store.engine, { ...more, questions: [aQuestion(given)] });
    const linkTo = (id: string, until: number) => `${id.slice(0, 4)}.${until}`;
    const tell = describeEscalation({ db: store.engine.reader, clock: testClock(NOW) }, { askers, remedies, linkTo });
    const said = await tell({ kind, projectId: "default", subject: QUESTION_ID });
    return said;
  }
  const section = (said: Said | null, title: string) => said?.sections.find((one) => one.title === title)?.lines;

  test("says in this order what failed, how bad it is, what was tried, what not and why, and asks one thing", async () => {
    const said = await say("escalation_opened", {}, { faultTitle: "LampError: dark" });
    expect(said).toEqual({
      fault: FAULT_ID,
      thread: `escalation.${QUESTION_ID}`,
      revision: 3,
      state: "open",
      title: "lamp:hall needs a decision: budget exhausted",
      sections: [
        {
          title: "What failed",
          lines: [
            "lamp:hall: LampError: dark",
            "error, seen by probe, trust local",
            "It waits for a person since 2026-11-21 08:30 UTC.",
          ],
        },
        {
          title: "Impact and trend",
          lines: [
            "0 events in 24 hours; 0 in this hour, 0 in the one before.",
            "2 further failures since this was asked.",
          ],
        },
        { title: "What was tried", lines: ["Nothing was tried."] },
        { title: "What was not done, and why", lines: ["Nothing more by itself: budget exhausted."] },
      ],
      question: {
        text: "Switch hall on once more?",
        choices: [
          { name: "switch_once", label: "Switch on once", promise: "It is switched on one more time." },
          { name: "leave_dark", label: "Leave dark", promise: "It stays dark." },
        ],
        default: "leave_dark",
        at: ASKED_AT + 24 * HOUR_MS,
      },
      links: [
        { title: "Decide", url: `/escalations/${QUESTION_ID}?link=01a1.${ASKED_AT + 24 * HOUR_MS}` },
        { title: "Open the fault", url: `/faults/${FAULT_ID}` },
      ],
    });
  });

  test("names no fault and no cause where there is none", async () => {
    const said = await say("escalation_changed", { fault_id: null, cause: null, target: "program:shop" });
    expect(said?.title).toBe("shop needs a decision: budget exhausted");
    expect(section(said, "What failed")).toEqual(["shop", "It waits for a person since 2026-11-21 08:30 UTC."]);
    expect(said?.links.map(({ title }) => title)).toEqual(["Decide"]);
  });

  test("is none of a question that is not there, or that was answered before it went out", async () => {
    await using store = await open();
    const tell = describeEscalation(
      { db: store.engine.reader, clock: testClock(NOW) },
      { askers, remedies, linkTo: () => "" },
    );
    expect(await tell({ kind: "escalation_opened", projectId: "default", subject: QUESTION_ID })).toBeNull();
    for (const kind of ["escalation_opened", "escalation_changed", "escalation_reminded"] as const)
      expect([kind, await say(kind, { status: "decided" })]).toEqual([kind, null]);
  });

  test("says who has it in hand, and asks again when that is over", async () => {
    const until = ASKED_AT + HOUR_MS;
    for (const [hold, words] of [
      ["acked", "Somebody has seen it, until 2026-11-21 09:30 UTC."],
      ["snoozed", "Somebody put it off, until 2026-11-21 09:30 UTC."],
      ["taken_over", "Somebody sees to it, until 2026-11-21 09:30 UTC."],
    ] as const) {
      const said = await say("escalation_changed", { hold, held_until: until, held_by: PERSON });
      expect(section(said, "What failed")?.at(-1)).toBe(words);
    }
    expect((await say("escalation_reminded"))?.title).toBe("lamp:hall still needs a decision: budget exhausted");
  });

  test("counts a day, and says whether it rises or falls", async () => {
    const at = (hours: number) => ASKED_AT - hours * HOUR_MS;
    const impact = async (...deltas: NonNullable<Parameters<typeof put>[1]["deltas"]>) =>
      section(await say("escalation_opened", { failures_since: 1 }, { deltas }), "Impact and trend");
    expect(await impact([at(0), 3], [at(1), 2], [at(23), 5], [at(25), 7])).toEqual([
      "10 events in 24 hours; 3 in this hour, 2 in the one before: rising.",
      "1 further failure since this was asked.",
    ]);
    expect((await impact([at(1), 1]))?.[0]).toBe("1 event in 24 hours; 0 in this hour, 1 in the one before: falling.");
    expect((await impact([at(0), 2], [at(1), 2]))?.[0]).toBe(
      "4 events in 24 hours; 2 in this hour, 2 in the one before.",
    );
    expect((await impact([at(0), 2, { target: "lamp:attic" }]))?.[0]).toContain("0 events");
    expect((await impact([at(0), 2, { project_id: "other" }]))?.[0]).toContain("0 events");
  });

  test("says of each attempt what it did, what came of it, and where the ledger says so", async () => {
    const said = await say(
      "escalation_opened",
      {},
      {
        attempts: [
          anAttempt(1),
          anAttempt(2, { because_kind: "escalation", subject_kind: "person", subject_id: "anna" }),
          anAttempt(3, { state: "failed", verification: null, action: null }),
          anAttempt(4, { target: "lamp:attic" }),
        ],
      },
    );
    expect(section(said, "What was tried")).toEqual([
      "nothing lamp:hall: down → failed (ledger 0)",
      "switch on lamp:hall: down → succeeded → ineffective (ledger 0, a person's decision)",
      "switch on lamp:hall: down → succeeded → ineffective (ledger 0)",
    ]);
  });

  test("names eight attempts at most; the page has the others", async () => {
    const attempts = Array.from({ length: 9 }, (_, at) => anAttempt(at + 1));
    expect(section(await say("escalation_opened", {}, { attempts }), "What was tried")).toHaveLength(8);
  });

  test("says each refusal once, in its words, and what would allow it", async () => {
    const refused = (nth: number, refusal: string, detail: string | null, action: string | null = "switch_on") =>
      anAttempt(nth, { state: "refused", refusal, refusal_detail: detail, action, verification: null });
    const said = await say(
      "escalation_opened",
      {},
      {
        attempts: [
          refused(1, "dry_run", null),
          refused(2, "killed", "The kill switch is on.", null),
          refused(3, "dry_run", "It only tries."),
          anAttempt(4),
        ],
      },
    );
    expect(section(said, "What was not done, and why")).toEqual([
      "switch on: It only tries. (dry_run, ledger 0)",
      "To allow it: mode: act",
      "nothing: The kill switch is on. (killed, ledger 0)",
      "To allow it: prunella unkill",
    ]);
    const bare = await say("escalation_opened", {}, { attempts: [refused(1, "ceiling_reached", null)] });
    expect(section(bare, "What was not done, and why")).toEqual([
      "switch on: ceiling reached (ceiling_reached, ledger 0)",
    ]);
  });

  test("of an end says who ended it and how, and asks nothing more", async () => {
    const at = ASKED_AT + HOUR_MS;
    const end = async (given: Partial<Tables["escalation_attempts"]>) => {
      const said = await say("escalation_resolved", { decided_at: at, ...given });
      expect(said).toMatchObject({ state: "resolved", title: "lamp:hall: settled", question: null });
      expect(said?.sections.map(({ title }) => title)).toEqual(["What failed", "Impact and trend", "What was tried"]);
      expect(said?.links[0]).toEqual({ title: "What came of it", url: `/escalations/${QUESTION_ID}` });
      return section(said, "What failed")?.at(-1);
    };
    const decided = { status: "decided", decision: "switch_once", decided_by: PERSON } as const;
    expect(await end(decided)).toBe("Decided by a person at 2026-11-21 09:30 UTC: Switch on once.");
    expect(await end({ ...decided, note: "the bulb is new" })).toBe(
      "Decided by a person at 2026-11-21 09:30 UTC: Switch on once. They say: the bulb is new",
    );
    expect(await end({ status: "expired", decision: "leave_dark" })).toBe(
      "Settled without an answer at 2026-11-21 09:30 UTC: what it asked about is well again, another, or gone.",
    );
    const over = ASKED_AT + 24 * HOUR_MS;
    expect(await end({ status: "expired", decision: "leave_dark", decided_at: over })).toBe(
      "Nobody decided until 2026-11-22 08:30 UTC; the default holds: Leave dark.",
    );
    expect(await end({ status: "decided", decision: null, decided_at: null })).toBe(
      "Decided by a person at 2026-11-21 08:30 UTC: leave_dark.",
    );
  });
});

describe.each(ENGINES)("the message of a sprint, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);
  const SPRINT = "01a1fd1f-7660-73b5-9a29-000000000009";

  async function say(given: { brief: unknown; triggerId?: string | null; faultId?: string | null; title?: string }) {
    await using store = await open();
    await beginLedger(store.engine, ASKED_AT);
    await put(store.engine, given.title === undefined ? {} : { faultTitle: given.title });
    const writer = createWriter(store.engine);
    const { triggerId = null, faultId = null } = given;
    await writer.run(
      ({ db }) =>
        rows(
          db,
        )`insert into corrective_sprint_log (project_id, sprint_id, subject, trigger_id, fault_id, target, reason, brief, opened_at, audit_log_id)
        values ('default', ${SPRINT}, 'a', ${triggerId}, ${faultId}, 'program:shop', 'repeated', ${JSON.stringify(given.brief)}, ${ASKED_AT}, 0)`,
    );
    await writer.close();
    const tell = describeSprint({ db: store.engine.reader });
    expect(await tell({ kind: "sprint_opened", projectId: "default", subject: FAULT_ID })).toBeNull();
    const said = await tell({ kind: "sprint_opened", projectId: "default", subject: SPRINT });
    return said;
  }

  test("says what keeps failing, why a person is told, and where the fault is", async () => {
    expect(
      await say({ brief: { target: "program:shop" }, triggerId: "restart-shop", faultId: FAULT_ID, title: "It died" }),
    ).toEqual({
      fault: FAULT_ID,
      thread: `fault.${FAULT_ID}`,
      revision: 0,
      state: "open",
      title: "shop: its cause needs repair, not the symptom",
      sections: [
        { title: "What keeps failing", lines: ["It died"] },
        { title: "Why", lines: ["What the trigger restart-shop may do did not end it."] },
      ],
      question: null,
      links: [{ title: "Open the fault", url: `/faults/${FAULT_ID}` }],
    });
  });

  test("says it by what is known where little is", async () => {
    const bare = await say({ brief: null });
    expect(bare).toMatchObject({ fault: null, thread: null, links: [] });
    expect(bare?.title).toContain("A fault: ");
    expect(bare?.sections.map(({ lines }) => lines)).toEqual([["A fault"], ["It keeps coming back."]]);
    expect((await say({ brief: { target: 3 }, triggerId: "restart-shop" }))?.title).toContain("restart-shop: ");
    expect((await say({ brief: { target: "lamp:hall" } }))?.sections[0]?.lines).toEqual(["lamp:hall"]);
  });
});
