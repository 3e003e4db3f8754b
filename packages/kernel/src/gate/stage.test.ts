import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { rows } from "../store/rows.ts";
import { anEnvelope, NOW } from "./facts-fixture.ts";
import { openRows } from "./rows-fixture.ts";
import { beginStage, demoteFor, envelopeOf, isLeftToHands, moveStage, noteFix, readStage, stageOf } from "./stage.ts";

const ANNA = { kind: "person", id: "anna" } as const;
const LAMPS = anEnvelope([]);

it("an envelope stands where it was moved to, or else where it begins, and nowhere where there is none", () => {
  expect(stageOf(LAMPS, undefined)).toBe("propose");
  expect(stageOf(LAMPS, "auto")).toBe("auto");
  expect(stageOf(LAMPS, "somewhere")).toBe("propose");
  expect(stageOf(null, "auto")).toBeNull();
  expect(stageOf({ name: "lamps", envelope: null, isOn: true }, "auto")).toBeNull();
});

it("an answer does nothing where an envelope only observes or proposes", () => {
  expect(
    [null, "observe", "propose", "approve", "auto"].map((stage) => isLeftToHands(stageOf(LAMPS, stage ?? "?"))),
  ).toEqual([true, true, true, false, false]);
  expect(isLeftToHands(null)).toBe(false);
});

it("an attempt says which envelope bounded it by its name, or none did", () => {
  expect(envelopeOf('{"envelope":"lamps"}')).toBe("lamps");
  expect(envelopeOf('{"envelope":3}')).toBeNull();
  expect(envelopeOf("{}")).toBeNull();
});

describe.each(ENGINES)("how far an envelope is trusted, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  const attempt = (given: Partial<Parameters<typeof noteFix>[1]> = {}): Parameters<typeof noteFix>[1] => ({
    project_id: "default",
    attempt_id: "01a1fd1f-7660-73b5-9a29-000000000101",
    args: '{"envelope":"lamps"}',
    subject_kind: "trigger",
    because_kind: "evaluation",
    trigger_id: null,
    rung: 0,
    ...given,
  });

  async function begin(stage?: string) {
    const all = await openRows(open);
    await all.run((tx) => beginStage(tx, "default", LAMPS));
    if (stage !== undefined) await all.run(({ db }) => rows(db)`update envelope_stage set stage = ${stage}`);
    const read = () => readStage(all.db, "default", "lamps");
    return {
      ...all,
      read,
      stage: async () => (await read())?.stage,
      move: (move: "promote" | "demote", by: Parameters<typeof moveStage>[1]["by"] = ANNA) =>
        all.run((tx) =>
          moveStage(tx, { now: NOW, projectId: "default", governing: LAMPS, move, reason: "it held", by }),
        ),
      demote: (given: Parameters<typeof attempt>[0] = {}) => all.run((tx) => demoteFor(tx, NOW, attempt(given))),
      told: async () =>
        (await all.db.selectFrom("notify_outbox").select(["kind", "subject", "level"]).execute()).map((row) => ({
          ...row,
        })),
    };
  }

  test("is written down once, where it begins, and for envelopes alone", async () => {
    await using all = await begin("auto");
    await all.run((tx) => beginStage(tx, "default", LAMPS));
    await all.run((tx) => beginStage(tx, "default", null));
    await all.run((tx) => beginStage(tx, "default", { name: "other", envelope: null, isOn: true }));
    const found = await all.db.selectFrom("envelope_stage").selectAll().execute();
    expect(found).toMatchObject([
      { probe: "lamps", stage: "auto", held: 0, not_held: 0, moved_at: null, reason: null },
    ]);
    expect(await readStage(all.db, "default", "other")).toBeNull();
    expect(await readStage(all.db, "other", "lamps")).toBeNull();
  });

  test("is said by a person, one stage at a time, up to the last and down to the first", async () => {
    await using all = await begin();
    await expect(all.move("promote", { kind: "system", id: null })).rejects.toMatchObject({
      code: "PRUNELLA_ROLE_REQUIRED",
      detail: "Only a person says how far an envelope is trusted.",
    });
    expect(await all.move("promote")).toEqual({ from: "propose", to: "approve" });
    expect(await all.move("promote")).toEqual({ from: "approve", to: "auto" });
    await expect(all.move("promote")).rejects.toMatchObject({
      code: "PRUNELLA_CONFLICT",
      detail: "The envelope lamps is at auto, which is the last stage.",
    });
    for (const to of ["approve", "propose", "observe"]) expect((await all.move("demote")).to).toBe(to);
    await expect(all.move("demote")).rejects.toMatchObject({
      detail: "The envelope lamps is at observe, which is the first stage.",
    });
    expect(await all.read()).toMatchObject({ stage: "observe", moved_at: NOW, reason: "it held", audit_log_id: 5 });
    expect((await all.entries())[0]).toEqual({
      v: 1,
      at: NOW,
      type: "envelope_stage_changed",
      project: "default",
      probe: "lamps",
      from: "propose",
      to: "approve",
      attempt: null,
      held: 0,
      not_held: 0,
      by: ANNA,
    });
  });

  test("is moved also where nobody asked for it yet", async () => {
    await using all = await openRows(open);
    const given = { now: NOW, projectId: "default", governing: LAMPS, reason: "we know it", by: ANNA } as const;
    expect(await all.run((tx) => moveStage(tx, { ...given, move: "promote" }))).toEqual({
      from: "propose",
      to: "approve",
    });
  });

  test("has a record of what held and what did not, of its own fixes alone", async () => {
    await using all = await begin();
    for (const [hasHeld, given] of [
      [true, {}],
      [true, {}],
      [false, {}],
      [true, { args: "{}" }],
      [false, { args: '{"envelope":"other"}' }],
      [false, { project_id: "other" }],
    ] as const)
      await all.run((tx) => noteFix(tx, attempt(given), hasHeld));
    expect(await all.read()).toMatchObject({ held: 2, not_held: 1 });
  });

  test("is one stage less after a fix that did not help, and people hear of it", async () => {
    await using all = await begin("auto");
    await all.demote();
    expect(await all.stage()).toBe("approve");
    expect(await all.told()).toEqual([{ kind: "envelope_demoted", subject: attempt().attempt_id, level: "warning" }]);
    expect((await all.entries())[0]).toMatchObject({
      from: "auto",
      to: "approve",
      attempt: attempt().attempt_id,
      by: { kind: "system" },
    });
    expect(await all.read()).toMatchObject({ reason: null });
    await all.demote({ attempt_id: "01a1fd1f-7660-73b5-9a29-000000000102" });
    expect(await all.stage()).toBe("propose");
  });

  test("is no less where nothing was done that could not help", async () => {
    for (const stage of ["propose", "observe"]) {
      await using all = await begin(stage);
      await all.demote();
      expect(await all.stage()).toBe(stage);
      expect(await all.told()).toEqual([]);
    }
    await using none = await openRows(open);
    await none.run((tx) => demoteFor(tx, NOW, attempt()));
    expect(await none.entries()).toEqual([]);
  });

  test("is no less for what somebody did by hand, or what no envelope bounded", async () => {
    await using all = await begin("auto");
    await all.demote({ subject_kind: "person", because_kind: "call" });
    await all.demote({ args: "{}" });
    expect(await all.stage()).toBe("auto");
    // An answer is what the envelope was trusted with; a caller is no person.
    await all.demote({ subject_kind: "person", because_kind: "escalation" });
    expect(await all.stage()).toBe("approve");
    await using other = await begin("auto");
    await other.demote({ subject_kind: "grant", because_kind: "call" });
    expect(await other.stage()).toBe("approve");
  });

  test("is no less while a ladder has another rung: the last one says that it did not help", async () => {
    await using all = await begin("auto");
    const policy = JSON.stringify({ remedies: [1, 2] });
    await all.run(
      ({ db }) => rows(
        db,
      )`insert into self_heal_triggers (project_id, trigger_id, condition, target, allows_public, policy, version, changed, created_at)
        values ('default', 'ladder', '{}', '', 0, ${policy}, 1, 0, 0)`,
    );
    await all.demote({ trigger_id: "ladder", rung: 0 });
    expect(await all.stage()).toBe("auto");
    await all.demote({ trigger_id: "gone", rung: 0 });
    expect(await all.stage()).toBe("approve");
    await all.demote({ trigger_id: "ladder", rung: 1, attempt_id: "01a1fd1f-7660-73b5-9a29-000000000103" });
    expect(await all.stage()).toBe("propose");
  });
});
