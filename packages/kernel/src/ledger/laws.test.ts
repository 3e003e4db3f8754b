import type { LedgerEntry, Subject } from "@prunella/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLaws } from "./laws.ts";
import { intentEntry, lawfulEntry, testSigner, uuid } from "./ledger-fixture.ts";
import { vkeyOf } from "./note.ts";

const signer = testSigner();
const genesis = lawfulEntry(0, signer);

/** What the laws say to the entries after a genesis, as `index: what`. */
function judge(...entries: LedgerEntry[]): string[] {
  const laws = createLaws({ origin: signer.name, vkey: vkeyOf(signer) });
  return [genesis, ...entries].flatMap((entry, index) => laws.check(entry, index).map((what) => `${index}: ${what}`));
}

const intent = (n: number, ceiling = 9) => intentEntry(n, { ceiling });
const step = (n: number, to: number) => ({ v: 1, at: 9, project: "default", attempt: uuid(n), intent: to }) as const;
const started = (n: number, to = n): LedgerEntry => ({ ...step(n, to), type: "attempt_started" });
const ended = (
  n: number,
  to = n,
  state: "succeeded" | "failed" | "expired" | "abandoned" = "succeeded",
): LedgerEntry => ({ ...step(n, to), type: "attempt_outcome", state });
const verified = (n: number, to = n): LedgerEntry => ({
  ...step(n, to),
  type: "attempt_verified",
  verification: "held",
});

describe("laws of the entries", () => {
  it("hold for an attempt from intent to verification", () => {
    expect(judge(intent(1), started(1), ended(1), verified(1))).toEqual([]);
    expect(judge(intent(1), ended(1, 1, "expired"))).toEqual([]);
  });

  it.each([
    ["start", started(1, 2)],
    ["outcome", ended(1, 2)],
    ["verification", verified(1, 2)],
  ])("find a %s without an earlier intent", (_, entry) => {
    expect(judge(entry, intent(1))).toEqual(["1: refers to 2, which is no earlier intent of its attempt"]);
  });

  it("find a reference to the intent of another attempt, another project, or no intent at all", () => {
    expect(judge(intent(1), intent(2), started(2, 1))).toHaveLength(1);
    expect(judge(intent(1), { ...step(1, 1), project: "other", type: "attempt_started" })).toHaveLength(1);
    expect(judge(intent(1), started(1, 0))).toHaveLength(1);
    expect(judge(intent(1), started(1, -1))).toHaveLength(1);
  });

  it("find what is said twice", () => {
    expect(judge(intent(1), started(1), started(1))).toHaveLength(1);
    expect(judge(intent(1), ended(1), ended(1, 1, "failed"))).toHaveLength(1);
    expect(judge(intent(1), ended(1), verified(1), verified(1))).toHaveLength(1);
    expect(judge(intent(1), intent(1))).toHaveLength(1);
  });

  it("find an attempt that starts after its end", () => {
    expect(judge(intent(1), ended(1, 1, "expired"), started(1))).toEqual(["3: starts an attempt that had ended"]);
  });

  it("find more active attempts than the ceiling", () => {
    expect(judge(intent(1, 1), intent(2, 1))).toEqual([
      "2: makes 2 attempts active for its trigger, over the ceiling of 1",
    ]);
    expect(judge(intent(1, 1), ended(1), intent(3, 1))).toEqual([]);
    // Verification watches; it holds no place.
    expect(judge(intent(1, 1), started(1), intent(3, 1))).toHaveLength(1);
  });

  it("count each trigger of each project by itself", () => {
    const other = intentEntry(2, { ceiling: 1, project: "other" });
    expect(judge(intent(1, 1), other)).toEqual([]);
  });

  it("do not free a place twice by a repeated outcome", () => {
    expect(judge(intent(1, 1), ended(1), ended(1), intent(4, 1), intent(5, 1))).toHaveLength(2);
  });

  it("want the genesis first, once, with this origin and key", () => {
    const check = (entry: LedgerEntry, index: number): string[] =>
      createLaws({ origin: signer.name, vkey: `${vkeyOf(signer)}\n` }).check(entry, index);
    expect(check(genesis, 0)).toEqual([]);
    expect(check(genesis, 1)).toEqual(["is a genesis and not the first"]);
    expect(check(intent(1), 0)).toEqual(["is the first and not the genesis"]);
    expect(check(lawfulEntry(0, { ...signer, name: "elsewhere" }), 0)).toHaveLength(2);
  });

  it("allow any interleaving of attempts that stays within the ceiling", () => {
    const moves = fc.array(fc.nat({ max: 5 }), { maxLength: 60 });
    fc.assert(
      fc.property(moves, fc.integer({ min: 1, max: 4 }), (choices, ceiling) => {
        const entries: LedgerEntry[] = [];
        const active: number[] = [];
        for (const choice of choices) {
          const index = entries.length + 1;
          if (active.length < ceiling && choice < 4) {
            entries.push(intentEntry(index, { ceiling }));
            active.push(index);
          } else {
            const [done] = active.splice(choice % Math.max(active.length, 1), 1);
            if (done !== undefined) entries.push(ended(done));
          }
        }
        expect(judge(...entries)).toEqual([]);
        const [first] = active;
        if (first === undefined) return;
        const over = Array.from({ length: ceiling - active.length + 1 }, (_, i) =>
          intentEntry(entries.length + 1 + i, { ceiling }),
        );
        expect(judge(...entries, ...over)).toHaveLength(1);
      }),
    );
  });

  it("count a ceiling over its scope, and a budget over its window", () => {
    const of = (n: number, given: object): LedgerEntry => ({ ...intentEntry(n, { ceiling: 9 }), ...given });
    const onTarget = { ceilings: [{ scope: "target", max: 1, active: 1 }] };
    expect(judge(of(1, onTarget), of(2, { ...onTarget, trigger: "other" }))).toEqual([
      "2: makes 2 attempts active for its target, over the ceiling of 1",
    ]);
    expect(judge(of(1, onTarget), of(2, { ...onTarget, target: "program:mill" }))).toEqual([]);
    const everywhere = { ceilings: [{ scope: "global", max: 1, active: 1 }] };
    expect(judge(of(1, everywhere), of(2, { ...everywhere, project: "other", target: "program:mill" }))).toHaveLength(
      1,
    );
    const budgets = [{ scope: "trigger", max: 2, window_ms: 10, used: 1 }];
    const at = (n: number, when: number, given: object = {}) => of(n, { at: when, budgets, ...given });
    expect(judge(at(1, 100), at(2, 105), at(3, 109))).toEqual([
      "3: is number 3 for its trigger within 10 ms, over the budget of 2",
    ]);
    expect(judge(at(1, 100), at(2, 105), at(3, 110))).toEqual([]);
    // A person's attempts have a budget of their own.
    const byPerson = {
      subject: { kind: "person", id: "operator" },
      because: { kind: "call", id: uuid(9) },
    };
    expect(judge(at(1, 100), at(2, 105), at(3, 106, { ...byPerson, budgets: [] }))).toEqual([]);
  });

  it("want an approval that came first to answer one open question, once and in its time", () => {
    const opened: LedgerEntry = {
      v: 1,
      type: "escalation_opened",
      at: 5,
      project: "default",
      escalation: uuid(77),
      asker: "restart",
      trigger: null,
      fault: null,
      reason: "budget_exhausted",
    };
    const changed = (change: "given" | "used" | "expired" | "withdrawn", at = 5): LedgerEntry => ({
      v: 1,
      type: "approval_changed",
      at,
      project: "default",
      approval: uuid(5),
      action: "restart",
      target: "program:shop",
      args_sha256: "0".repeat(64),
      change,
      expires_at: 10,
      escalation: change === "used" ? uuid(77) : null,
      by: { kind: "person", id: "alice" },
    });
    const given = changed("given");
    expect(judge(given, opened, changed("used"))).toEqual([]);
    expect(judge(given, changed("expired", 10))).toEqual([]);
    expect(judge(given, given)).toHaveLength(1);
    expect(judge(opened, changed("used"))).toHaveLength(1);
    expect(judge(given, changed("used"))).toHaveLength(1);
    expect(judge(given, opened, changed("used", 10))).toHaveLength(1);
    expect(judge(given, opened, changed("used"), changed("used"))).toHaveLength(1);
    expect(judge(given, changed("withdrawn"), opened, changed("used"))).toHaveLength(1);
  });

  it("want a decision behind whatever was done because of an escalation, once", () => {
    const because = { kind: "escalation", id: uuid(77) } as const;
    const person = { kind: "person", id: "operator" } as const;
    const decided = (acts: boolean, id = uuid(77), args_sha256?: string): LedgerEntry => ({
      v: 1,
      type: "escalation_decided",
      at: 1,
      project: "default",
      escalation: id,
      decision: "restart_once",
      acts,
      ...(args_sha256 === undefined ? {} : { args_sha256 }),
      by: person,
    });
    const because77 = (n: number) => intentEntry(n, { ceiling: 9, because, subject: person });
    expect(judge(decided(true), because77(2))).toEqual([]);
    expect(judge(because77(1))).toHaveLength(1);
    expect(judge(decided(false), because77(2))).toHaveLength(1);
    expect(judge(decided(true, uuid(78)), because77(2))).toHaveLength(1);
    expect(judge(decided(true), because77(2), because77(3))).toHaveLength(1);
    expect(judge(decided(true, uuid(77), "f".repeat(64)), because77(2))).toEqual([
      expect.stringContaining("other than what its decision approves"),
    ]);
    const same = because77(2);
    const digest = same.type === "attempt_intent" ? same.args_sha256 : "";
    expect(judge(decided(true, uuid(77), digest), same)).toEqual([]);
    expect(judge(intentEntry(1, { ceiling: 9, subject: person }))).toEqual([
      "1: is by a person and names no decision or call",
    ]);
  });

  it("find a run of a plugin that ended and had not begun, ends twice, or says that it was blocked and ran", () => {
    const of = { v: 1, at: 9, project: "default", plugin: uuid(40) } as const;
    const counts = { allowed: 1, refused: 0 };
    const invoked = (n: number): LedgerEntry => ({
      ...of,
      type: "plugin_invoked",
      invocation: uuid(n),
      artifact_sha256: "a".repeat(64),
      command: "hi",
      engine: "deno",
      by: { kind: "person", id: "operator" },
    });
    const completed = (n: number, to: number): LedgerEntry => ({
      ...of,
      ...counts,
      type: "plugin_completed",
      invocation: uuid(n),
      invoked: to,
    });
    const failed = (n: number, to: number | null, reason: "blocked" | "lost"): LedgerEntry => ({
      ...of,
      ...counts,
      type: "plugin_failed",
      invocation: uuid(n),
      command: "hi",
      invoked: to,
      reason,
      refusal: null,
    });
    expect(judge(invoked(1), completed(1, 1), invoked(2), failed(2, 3, "lost"), failed(3, null, "blocked"))).toEqual(
      [],
    );
    expect(judge(completed(1, 2), invoked(1))).toEqual(["1: refers to 2, which is no run of it that goes on"]);
    expect(judge(invoked(1), completed(2, 1))).toHaveLength(1);
    expect(judge(invoked(1), completed(1, 1), failed(1, 1, "lost"))).toHaveLength(1);
    expect(judge(failed(1, null, "lost"))).toEqual(["1: ends a run that never began"]);
    expect(judge(invoked(1), failed(1, 1, "blocked"))).toEqual(["2: says of a run that has begun that it was blocked"]);
  });

  describe("of what is made public", () => {
    const fault = uuid(77);
    const asked = (n: number, subject: Subject, target = `issue:public/${fault}`) =>
      intentEntry(n, { ceiling: 9, target, subject, because: { kind: "call", id: uuid(50 + n) } });
    const said = (n: number | null, change: "promoted" | "fixed", of = fault): LedgerEntry => ({
      v: 1,
      at: 9,
      type: "promotion_changed",
      project: "default",
      fault: of,
      change,
      private: uuid(78),
      public: uuid(79),
      ...(n === null ? {} : { attempt: uuid(n) }),
      by: { kind: "system", id: null },
    });
    const person: Subject = { kind: "person", id: "ada" };
    const nobody = "by no attempt that had begun at its public issue";

    it("hold where a person or a grant asked for it first, once, and for the word that it is fixed after that", () => {
      for (const by of [person, { kind: "grant", id: "triage" } as const])
        expect(
          judge(asked(1, by), started(1), said(1, "promoted"), ended(1), asked(5, by), started(5), said(5, "fixed")),
        ).toEqual([]);
      // Given up before it could write down what it had done.
      expect(judge(asked(1, person), started(1), ended(1, 1, "abandoned"), said(1, "promoted"))).toEqual([]);
    });

    it("find what was announced by nobody, not begun, or announced of another fault, and what a trigger asked for", () => {
      const other = `issue:public/${uuid(70)}`;
      const cases: LedgerEntry[][] = [
        [said(null, "promoted")],
        [said(1, "promoted"), asked(2, person)],
        [asked(1, person), said(1, "promoted")],
        [asked(1, person, other), started(1), said(1, "promoted")],
        [asked(1, person, `issue:private/${fault}`), started(1), said(1, "promoted")],
      ];
      for (const entries of cases) expect(judge(...entries)).toEqual([expect.stringContaining(nobody)]);
      const trigger: Subject = { kind: "trigger", id: "restart-shop" };
      const byTrigger = intentEntry(1, { ceiling: 9, target: `issue:public/${fault}`, subject: trigger });
      expect(judge(byTrigger, started(1), said(1, "promoted"))).toEqual([
        "3: makes public what no person, decision or grant asked for",
      ]);
    });

    it("find what is made public twice, and fixed though it never was public", () => {
      expect(judge(asked(1, person), started(1), said(1, "promoted"), said(1, "promoted"))).toEqual([
        "4: makes a fault public for the second time",
      ]);
      expect(judge(asked(1, person), started(1), said(1, "fixed"))).toEqual([
        "3: says of a fault that is not public that it is fixed",
      ]);
    });
  });
});
