import { z } from "zod";
import { SYSTEM } from "../actors.ts";
import type { Core } from "../core.ts";
import type { Askers } from "../escalations/asker.ts";
import { withdrawQuestions } from "../escalations/decide.ts";
import { triageFault } from "../faults/triage.ts";
import { createFilings } from "../filings/filings.ts";
import { Permit } from "../gate/permit.ts";
import { idOf, type Observation, type Remedy } from "../gate/remedy.ts";
import { lockHead } from "../ledger/append.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { FiledIssue, Issuing, Told } from "./port.ts";
import { change, lookAnew, readFacts, readRow, readStandings, type PromotionRow } from "./rows.ts";
import { countText, privateDraft } from "./text.ts";

/** A private issue and its count. */
export const TRIAGE_ISSUE = "triage_issue";
/** A public issue and the word that it is fixed. */
export const PROMOTE_ISSUE = "promote_issue";
/** As targets: of each fault two, which do not hold each other up. */
export const privateTarget = (faultId: string): string => `issue:private/${faultId}`;
export const publicTarget = (faultId: string): string => `issue:public/${faultId}`;
const faultOf = (target: string): string => idOf(target).slice(idOf(target).indexOf("/") + 1);

/** `file` makes it, `count` puts its one comment right. */
const TriageArgs = z.strictObject({ step: z.enum(["file", "count"]), place: z.string() });
/** What is sent stands in it word for word: what somebody said yes to is what goes out. */
export const PromoteArgs = z.strictObject({
  step: z.enum(["file", "fixed"]),
  place: z.string(),
  title: z.string(),
  body: z.string(),
});

export type RemedyDeps = Core & {
  /** Known once all remedies are. */
  readonly askers: () => Askers;
  readonly issuing: Issuing | null;
  readonly scrubText: (text: string) => { readonly text: { readonly value: string } };
};

/** After a failure of which nobody says how long it lasts. */
const AGAIN_MS = 60_000;
const MOST_AGAIN_MS = 3_600_000;

/** Both remedies of triage. Each is one step at the place where issues are, carried out with the permit for it. */
export function createTriageRemedies(deps: RemedyDeps): Remedy[] {
  const { db, writer, clock, issuing } = deps;
  const filings = createFilings(deps);

  /** Done, with what is written of it; or not, and when that is tried again. Whatever happens, somebody looks after it. */
  async function carryOut(faultId: string, step: (row: PromotionRow) => Promise<Told<(tx: Tx) => Promise<void>>>) {
    const row = await readRow(db, faultId);
    if (row === null) return false;
    const done = await step(row).catch((error: unknown): Told<never> => ({
      ok: false,
      message: error instanceof Error ? error.message : "it failed",
      retryAfterMs: null,
    }));
    await writer.run(async (tx) => {
      await lockHead(tx);
      const now = clock.now();
      let again = now;
      await lookAnew(tx, row.project_id, now, ({ failures }) => {
        if (done.ok) return { until: 0, failures: 0 };
        // Where nobody says for how long: a minute, and twice as long each time, so that no ledger fills with it.
        again += done.retryAfterMs ?? Math.min(MOST_AGAIN_MS, AGAIN_MS * 2 ** Math.min(failures, 10));
        return { until: again, failures: failures + 1 };
      });
      const trouble = done.ok ? null : deps.scrubText(done.message.slice(0, 300)).text.value;
      await tx.db
        .updateTable("promotion")
        .set({ trouble, retry_at: done.ok ? null : again })
        .where("project_id", "=", row.project_id)
        .where("fault_id", "=", faultId)
        .execute();
      if (done.ok) await done.value(tx);
    });
    deps.publish("faults", faultId);
    deps.publish("ledger", "head");
    return done.ok;
  }

  /** Files once for this place and fault, however often it is tried; `send` gets the marker. */
  async function once(
    row: PromotionRow,
    place: string,
    send: (marker: string, since: number) => Promise<Told<FiledIssue>>,
    then: (tx: Tx, filing: string) => Promise<void>,
  ): Promise<Told<(tx: Tx) => Promise<void>>> {
    const of = { projectId: row.project_id, place: place.toLowerCase(), name: `triage ${row.fault_id}` };
    const held = await filings.hold({ ...of, faultId: row.fault_id });
    if (held.kind === "busy")
      return { ok: false, message: "It is filed by somebody else right now.", retryAfterMs: null };
    const { filing, marker, holder } = held;
    try {
      if (filing.number === null) {
        const sent = await send(marker, filing.first_at);
        if (!sent.ok) return sent;
        await filings.filed({ filingId: filing.filing_id, holder, ...sent.value });
      }
      return { ok: true, value: (tx) => then(tx, filing.filing_id) };
    } finally {
      await filings.release({ filingId: filing.filing_id, holder });
    }
  }

  /** What was asked about it is answered. */
  const answered = (tx: Tx, { project_id: projectId, fault_id: faultId }: PromotionRow, now: number) =>
    withdrawQuestions(tx, { now, newId: deps.newId, askers: deps.askers(), projectId, target: publicTarget(faultId) });

  async function numberOf(faultId: string) {
    const [row] = await readStandings(db, { faultId, limit: 1 });
    return { inPrivate: row?.private_number ?? null, inPublic: row?.public_number ?? null };
  }

  const triage: Remedy = {
    ...COMMON,
    name: TRIAGE_ISSUE,
    args: TriageArgs,
    observe: async (_project, target, args, reader) => {
      const row = issuing === null ? null : await readRow(reader, faultOf(target));
      return row === null ? null : seen(TriageArgs.parse(args).step === "file" && row.private_filing !== null);
    },
    async act(permit) {
      const { action, target, args } = Permit.use(permit);
      if (action !== TRIAGE_ISSUE || issuing === null) return false;
      const { step, place } = TriageArgs.parse(args);
      const faultId = faultOf(target);
      return carryOut(faultId, async (row) => {
        const facts = await readFacts(db, faultId);
        if (facts === null) return { ok: false, message: "The fault is gone.", retryAfterMs: null };
        const { port, settings } = issuing;
        if (place !== settings.repo) return ELSEWHERE;
        // Asked each time: what was private yesterday may not be now.
        const isPrivate = await port.isPrivate(place);
        if (!isPrivate.ok) return isPrivate;
        if (!isPrivate.value)
          return { ok: false, message: `${place} is not private: nothing is filed there.`, retryAfterMs: null };
        const told = { told_count: facts.events, told_at: clock.now() };
        if (step === "count") {
          const { inPrivate } = await numberOf(faultId);
          if (inPrivate === null) return { ok: false, message: "It has no private issue.", retryAfterMs: null };
          const body = deps.scrubText(countText(facts)).text.value;
          const sent = await port.comment(place, inPrivate, { marker: markerOf(row, "seen"), body });
          return sent.ok ? { ok: true, value: (tx) => put(tx, row, told) } : sent;
        }
        const { title, body } = privateDraft(place, facts);
        const text = { title: deps.scrubText(title).text.value, body: deps.scrubText(body).text.value };
        const send = (marker: string, since: number) =>
          port.file(place, { marker, ...text, labels: settings.labels, since });
        return once(row, place, send, (tx, filing) => put(tx, row, { private_filing: filing, ...told }));
      });
    },
    verify: async (_project, target) =>
      (await readRow(db, faultOf(target)))?.private_filing == null ? "unhealthy" : "healthy",
    words: {
      ...WORDS,
      verb: "file",
      done: "filed",
      question: (target) => `File ${target} privately?`,
      healthy: () => "It has its private issue.",
    },
  };

  const promote: Remedy = {
    ...COMMON,
    name: PROMOTE_ISSUE,
    args: PromoteArgs,
    observe: async (_project, target, args, reader) => {
      const row = issuing === null ? null : await readRow(reader, faultOf(target));
      if (row === null) return null;
      const { step } = PromoteArgs.parse(args);
      if (step === "file" && row.refused_at !== null) return { ...seen(false), hinders: "refused" };
      return seen(step === "file" ? row.public_filing !== null : row.fixed_at !== null);
    },
    async act(permit) {
      const { action, target, args, attemptId: attempt } = Permit.use(permit);
      if (action !== PROMOTE_ISSUE || issuing === null) return false;
      const { step, place, title, body } = PromoteArgs.parse(args);
      const faultId = faultOf(target);
      return carryOut(faultId, async (row) => {
        const now = clock.now();
        if (place !== issuing.settings.public_repo) return ELSEWHERE;
        if (step === "fixed") {
          const { inPublic } = await numberOf(faultId);
          if (inPublic === null) return { ok: false, message: "It has no public issue.", retryAfterMs: null };
          const sent = await issuing.port.comment(place, inPublic, { marker: markerOf(row, "fixed"), body });
          if (!sent.ok) return sent;
          const set = { status: "fixed", fixed_at: now } as const;
          return {
            ok: true,
            async value(tx) {
              await change(tx, row, { now, by: SYSTEM, change: "fixed", set, attempt });
              const [fault] = await rows<{ status: string }>(
                tx.db,
              )`select status from fault where fault_id = ${faultId}`;
              if (fault !== undefined && fault.status !== "resolved")
                await triageFault(tx, { now, newId: deps.newId, by: SYSTEM }, faultId, {
                  action: "resolve",
                  in_next_release: false,
                });
            },
          };
        }
        const send = (marker: string, since: number) =>
          issuing.port.file(place, { marker, title, body, labels: [], since });
        return once(row, place, send, async (tx, filing) => {
          if (row.public_filing !== null) return;
          await answered(tx, row, now);
          await change(tx, row, {
            now,
            by: SYSTEM,
            change: "promoted",
            set: { status: "promoted", public_filing: filing },
            attempt,
          });
        });
      });
    },
    verify: async (_project, target) =>
      (await readRow(db, faultOf(target)))?.public_filing == null ? "unhealthy" : "healthy",
    // What changes nothing comes first: a slip of the hand makes nothing public.
    choices: [
      {
        name: "keep_private",
        effect: "leave",
        label: "Keep it private",
        promise: "Nothing is made public, and nobody is asked again.",
        done: "stays private",
      },
      {
        name: "promote_once",
        effect: "act",
        label: "Make it public",
        promise: "Exactly this text is filed in the public repository.",
        done: "is made public",
      },
    ],
    defaultChoice: "keep_private",
    /** A person's no holds; that nobody answered is none. */
    async leave(tx, now, _project, target, by) {
      const row = await readRow(tx.db, faultOf(target));
      if (row === null || by?.kind !== "person" || row.refused_at !== null || row.public_filing !== null) return;
      await change(tx, row, { now, by, change: "refused", set: { refused_at: now } });
    },
    words: {
      ...WORDS,
      verb: "file",
      done: "filed",
      question: () =>
        "Enough reports tell of this fault, and anybody may have made them up. Make it public, word for word as its page shows it?",
      healthy: () => "It is public already.",
    },
  };
  return [triage, promote];
}

/** Whoever asked for it: issues go where the configuration says, and nowhere else. */
const ELSEWHERE = { ok: false, message: "The configuration names another repository.", retryAfterMs: null } as const;

const COMMON = {
  targetKinds: ["issue"],
  asksNobody: true,
  readsRowsAlone: true,
  mayTouchHealthy: false,
  symptoms: [],
  choices: [
    {
      name: "leave_as_is",
      effect: "leave",
      label: "Leave as it is",
      promise: "Nothing is done.",
      done: "is left as it is",
    },
  ],
  defaultChoice: "leave_as_is",
  leave: async (): Promise<void> => undefined,
} as const satisfies Partial<Remedy>;

const WORDS = {
  name: (target: string): string =>
    target === publicTarget(faultOf(target)) ? "its public issue" : "its private issue",
  missing: () => "No such fault is triaged.",
  reach: "Set forge.triage in the configuration.",
  settings: {},
} as const;

const seen = (isHealthy: boolean): Observation => ({ isReachable: true, isHealthy, staysDown: false, args: {} });

/** Of a comment: by the issue's own marker, so that it says nothing else. */
const markerOf = (row: PromotionRow, what: string): string =>
  `<!-- prunella:${(what === "fixed" ? row.public_filing : row.private_filing) ?? "none"}:${what} -->`;

const put = async (tx: Tx, row: PromotionRow, set: Partial<PromotionRow>): Promise<void> =>
  void (await tx.db
    .updateTable("promotion")
    .set(set)
    .where("project_id", "=", row.project_id)
    .where("fault_id", "=", row.fault_id)
    .execute());
