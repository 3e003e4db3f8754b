import {
  ProbeName,
  Slug,
  TargetId,
  type Attempt,
  type AutofixResult,
  type FixAction,
  type FixEnvelope,
  type Subject,
} from "@prunella/contract";
import { addAudit, type AuditDeps } from "../audit/audit.ts";
import { toAttempt } from "../attempts/row.ts";
import type { Core } from "../core.ts";
import { enableEnv, ENVELOPE, type EnvelopeBook } from "../gate/envelope-book.ts";
import type { Gate } from "../gate/gate.ts";
import { idOf, type Observation, type Remedies, type Remedy } from "../gate/remedy.ts";
import type { Verdict } from "../gate/verdict.ts";
import { endOf, stateOf } from "./end.ts";
import { expectRow, writeOnce } from "./lost-row.ts";

export interface AutofixDeps extends Core, AuditDeps {
  readonly gate: Gate;
  readonly remedies: Remedies;
  readonly book: EnvelopeBook;
  readonly wake: () => void;
}

/** Whoever asks for a fix; whatever stands here may be wrong, and is answered all the same. */
export interface AutofixAsk {
  readonly projectId: string;
  readonly subject: Subject;
  /** Who emits the audit row. */
  readonly source: "operator" | "caller" | "reasoning";
  readonly probe: string;
  readonly action: string;
  readonly target: string;
  readonly reason: string;
  readonly callerSessionId: string | null;
}

export type Autofix = (ask: AutofixAsk) => Promise<AutofixResult>;

/**
 * So long a call waits for the end of what was permitted, however long that may take: whatever stands between
 * gives up on an answer after a minute. Then the answer says that it is under way, and the row waits for its end.
 */
const ANSWER_MS = 45_000;
/** Whoever waits looks at the target once more and writes; only then does anybody else. */
const GRACE_MS = 15_000;
const LOOK_AGAIN_MS = 1_000;
/** A provider that does not answer holds a call up for the time of one look, not of all. */
const LOOKS_AT_ONCE = 16;

/**
 * Asks the one gate for a fix inside an envelope, and waits for what came of it. Always a structure: a wrong
 * word is a refusal, which the gate writes down as it does every other, one attempt row a call.
 */
export function createAutofix(deps: AutofixDeps): Autofix {
  return async (ask) => {
    const sessionId = sessionOf(deps, ask.callerSessionId);
    const said = cutAsk(ask);
    try {
      return await tryIt(deps, ask, said, sessionId);
    } catch (cause) {
      deps.log.warn(`an autofix could not be asked for: ${cause instanceof Error ? cause.name : "unknown"}`);
      return {
        status: "rejected",
        ...said,
        rejection_reason: "not_recorded",
        rejection_detail: { message: "The request could not be written down, so nothing was done. Ask again." },
        attempt_id: null,
        caller_session_id: sessionId,
      };
    }
  };
}

/** The caller's own, unless the scrubber would change it: then two could not be told apart, and it gets one of ours. */
const sessionOf = ({ scrubText, newId }: AutofixDeps, given: string | null): string =>
  given !== null && scrubText(given).text.value === given ? given : `autofix:${newId()}`;

type Said = { readonly probe: string; readonly action: string; readonly target_id: string };

/** What is repeated of a call is cut to what a well-formed one could hold. */
const cutAsk = (ask: AutofixAsk): Said => ({
  probe: ask.probe.slice(0, 64),
  action: ask.action.slice(0, 64),
  target_id: ask.target.slice(0, 64),
});

async function tryIt(deps: AutofixDeps, ask: AutofixAsk, said: Said, sessionId: string): Promise<AutofixResult> {
  const { projectId } = ask;
  const envelope = deps.book.all().find((one) => one.project === projectId && one.probe === ask.probe) ?? null;
  const action = canonicalAction(deps.remedies, envelope, ask.action, ask.target);
  const remedy = action === null ? null : (deps.remedies.get(action) ?? null);
  const candidates = candidatesOf(envelope, action, ask.target);
  const governing = deps.book.of({ projectId, envelope: ask.probe, action, target: candidates[0] ?? "", remedy });
  // Nothing outside is asked about what is refused anyway.
  const mayLook =
    remedy !== null && governing?.isOn === true && !remedy.lacks?.(projectId, candidates[0] ?? "", ask.probe);
  const before = mayLook ? await findTarget(deps.db, remedy, ask, candidates) : null;
  const target = before?.target ?? candidates[0] ?? fallbackTarget(remedy, ask.target);
  const rejectionDetail = (verdict: Extract<Verdict, { kind: "refused" }>) => ({
    ...(verdict.refused.refusal === "envelope_disabled" ? { enable_env: enableEnv(ask.probe.slice(0, 48)) } : {}),
    fix_name: action ?? said.action,
    message: verdict.refused.detail,
  });
  const labels = before?.observation.labels ?? {};
  const audited = { ...said, ...labels, reason_from_reasoning: ask.reason };

  const verdict = await deps.gate.ask(
    {
      projectId,
      subject: ask.subject,
      triggerId: null,
      envelope: ProbeName.safeParse(ask.probe).success ? ask.probe : "?",
      action,
      target,
      args: {},
      because: { kind: "call", id: deps.newId() },
      faultId: null,
      cause: null,
      isAwaited: true,
    },
    (tx, answer) => {
      if (answer.kind === "permitted")
        return expectRow(tx, deps, {
          projectId,
          attemptId: answer.attemptId,
          dueAt: deps.clock.now() + ANSWER_MS + GRACE_MS,
          row: { session: sessionId, source: ask.source, asked: audited, before: stateOf(before?.observation) },
        });
      addAudit(tx, deps, deps.clock.now(), {
        projectId,
        about: answer.attemptId,
        seam: "tool.probe_autofix_attempted",
        caller_session_id: sessionId,
        source: ask.source,
        details: {
          ...audited,
          status: "rejected",
          rejection_reason: answer.refused.refusal,
          rejection_detail: rejectionDetail(answer),
        },
      });
    },
  );
  if (verdict.kind === "refused")
    return {
      status: "rejected",
      ...said,
      rejection_reason: verdict.refused.refusal,
      rejection_detail: rejectionDetail(verdict),
      attempt_id: verdict.attemptId,
      caller_session_id: sessionId,
    };
  if (action === null || remedy === null) throw new Error("the gate permitted what nobody can carry out");

  /** From here on something may have been done, so a row that cannot be written now is left to whoever looks for lost ones. */
  const record = (details: object): Promise<void> =>
    writeOnce(deps, { projectId, attemptId: verdict.attemptId, session: sessionId, source: ask.source, details }).catch(
      (cause: unknown) =>
        deps.log.warn(
          `the row of an autofix could not be written and is written later: ${cause instanceof Error ? cause.name : "unknown"}`,
        ),
    );

  deps.wake();
  const attempt = await untilEnded(deps, verdict.attemptId, ANSWER_MS);
  const who = { attempt_id: verdict.attemptId, caller_session_id: sessionId };
  const tried = { action_taken: said.action, action_canonical: action, before_state: stateOf(before?.observation) };
  // Its row is written when it has ended, by whoever looks for rows that are missing.
  if (attempt === null)
    return {
      status: "attempted",
      ...said,
      ...tried,
      after_state: null,
      executor_duration_ms: null,
      under_way: true,
      ...who,
    };
  const after =
    attempt.state === "expired"
      ? null
      : await remedy.observe(projectId, target, { [ENVELOPE]: ask.probe }, deps.db).catch(() => null);
  const isOn = deps.book.of({ projectId, envelope: ask.probe, action, target, remedy })?.isOn !== false;
  const ended = endOf({ probe: ask.probe, isOn, tried, after, attempt });
  await record({ ...audited, ...ended });
  return ended.status === "attempted" ? { ...said, ...ended, under_way: false, ...who } : { ...said, ...ended, ...who };
}

/**
 * The remedy that is meant: by its name, by the one that the envelope gives it, or by another name of its own. Where
 * the envelope calls several so, the one that lists what the argument may mean.
 */
function canonicalAction(
  remedies: Remedies,
  envelope: FixEnvelope | null,
  given: string,
  target: string,
): string | null {
  const actions = envelope?.actions ?? [];
  const named = actions.filter((one) => one.do === given);
  const called = named.length > 0 ? named : actions.filter((one) => one.as === given);
  const own = called.find((one) => meantIn([one], target).length > 0) ?? called[0];
  if (own) return own.do;
  const known = [...remedies.values()].find(({ name, aliases = [] }) => name === given || aliases.includes(given));
  return known?.name ?? (Slug.safeParse(given).success ? given : null);
}

/** The kernel's targets that an argument may mean: in the order of the envelope, whole names before shortened ones. */
function candidatesOf(envelope: FixEnvelope | null, action: string | null, given: string): string[] {
  return meantIn(
    (envelope?.actions ?? []).filter((one) => one.do === action),
    given,
  );
}

function meantIn(actions: readonly FixAction[], given: string): string[] {
  if (!TargetId.safeParse(given).success) return [];
  const listed = actions.flatMap((one) => one.targets);
  const below = listed.filter((one) => one.endsWith("/*")).map((one) => one.slice(0, -1) + given);
  const exact = listed.filter((one) => !one.endsWith("/*"));
  const lastPart = (one: string) => idOf(one).slice(idOf(one).lastIndexOf("/") + 1);
  const whole = exact.filter((one) => lastPart(one) === given);
  const shortened = exact.filter((one) => lastPart(one).replace(/\.[a-z]+$/, "") === given);
  return [...new Set([...whole, ...shortened, ...below])];
}

/** All that the argument may mean is looked at before it is said that there is no such thing. */
async function findTarget(
  db: Core["db"],
  remedy: Remedy,
  { projectId, probe }: AutofixAsk,
  candidates: readonly string[],
): Promise<{ target: string; observation: Observation } | null> {
  for (let at = 0; at < candidates.length; at += LOOKS_AT_ONCE) {
    const looks = candidates.slice(at, at + LOOKS_AT_ONCE).map(async (target) => {
      const observation = await remedy.observe(projectId, target, { [ENVELOPE]: probe }, db).catch(() => null);
      return observation && { target, observation };
    });
    const found = (await Promise.all(looks)).find((seen) => seen !== null);
    if (found) return found;
  }
  return null;
}

/** Of what nobody could find; never the text that was given, unless it could be a name. */
const fallbackTarget = (remedy: Remedy | null, given: string): string =>
  `${remedy?.targetKinds[0] ?? "unknown"}:${TargetId.safeParse(given).success ? given : "?"}`;

const ENDED: ReadonlySet<string> = new Set(["succeeded", "failed", "expired", "abandoned"]);

/** Null: nobody said in time how it ended. */
function untilEnded(deps: AutofixDeps, attemptId: string, withinMs: number): Promise<Attempt | null> {
  const { db, notices, clock } = deps;
  const { promise, resolve } = Promise.withResolvers<Attempt | null>();
  const until = clock.now() + withinMs;
  let cancel = () => {};
  async function look(): Promise<void> {
    const row = await db
      .selectFrom("self_heal_attempts")
      .selectAll()
      .where("attempt_id", "=", attemptId)
      .executeTakeFirst();
    if (row && ENDED.has(row.state)) return resolve(toAttempt(row));
    if (clock.now() >= until) return resolve(null);
    cancel();
    cancel = clock.after(LOOK_AGAIN_MS, again);
  }
  // A look that fails is followed by another one.
  const again = () => void look().catch(() => (cancel = clock.after(LOOK_AGAIN_MS, again)));
  const stop = notices.subscribe(({ topic, id }) => topic === "attempts" && id === attemptId && again());
  again();
  return promise.finally(() => {
    stop();
    cancel();
  });
}
