import { shownTarget, type Attempt, type Choice, type Escalation } from "@prunella/contract";
import type { Core } from "../core.ts";
import { HOUR_MS } from "../ledger/tally.ts";
import { changeWith } from "../gate/ways.ts";
import type { Remedies } from "../gate/remedy.ts";
import type { Describe, Said } from "../notify/describe.ts";
import { utcMinute } from "../notify/moment.ts";
import type { Askers } from "./asker.ts";
import { background } from "./list.ts";
import { toEscalation } from "./row.ts";

interface Deps {
  readonly askers: Askers;
  readonly remedies: Remedies;
  /** What the address of an open question holds beside its id. */
  readonly linkTo: (escalationId: string, expiresAt: number) => string;
}

/** Attempts that a message names; the page has the others. */
const MOST = 8;
const plural = (count: number, one: string): string => `${count} ${count === 1 ? one : `${one}s`}`;
const words = (name: string): string => name.replaceAll("_", " ");

/**
 * An escalation in the order in which somebody who was woken up reads: what failed, how bad it is, what was
 * tried, what was not and why, the one question, where to answer. Of a closed one there is nothing more to
 * say than its end, also when its target is gone.
 */
export const describeEscalation =
  ({ db, clock }: Pick<Core, "db" | "clock">, { askers, remedies, linkTo }: Deps): Describe =>
  async ({ kind, subject }) => {
    const row = await db
      .selectFrom("escalation_attempts")
      .selectAll()
      .where("escalation_id", "=", subject)
      .executeTakeFirst();
    if (row === undefined) return null;
    const isEnd = kind === "escalation_resolved";
    if (!isEnd && row.status !== "open") return null;
    const now = clock.now();
    const escalation = toEscalation(row, askers);
    const { fault_title: title, attempts, recent } = await background(db, now, row);
    const tried = attempts.filter(({ state }) => state !== "refused");
    const refused = attempts.filter(({ state }) => state === "refused");
    const name = shownTarget(escalation.target);
    return {
      fault: escalation.fault_id,
      thread: `escalation.${escalation.id}`,
      revision: escalation.version,
      state: isEnd ? "resolved" : "open",
      title: isEnd
        ? `${name}: settled`
        : `${name} ${kind === "escalation_reminded" ? "still needs" : "needs"} a decision: ${words(escalation.reason)}`,
      sections: [
        {
          title: "What failed",
          lines: [
            title === null ? name : `${name}: ${title}`,
            ...(escalation.cause === null
              ? []
              : [`${escalation.cause.level}, seen by ${escalation.cause.source}, trust ${escalation.cause.trust}`]),
            isEnd ? endOf(escalation) : waitOf(escalation),
          ],
        },
        { title: "Impact and trend", lines: impactOf(recent, now, escalation) },
        {
          title: "What was tried",
          lines: tried.length === 0 ? ["Nothing was tried."] : tried.slice(0, MOST).map(attemptLine),
        },
        ...(isEnd ? [] : [{ title: "What was not done, and why", lines: whyNot(escalation, refused, remedies) }]),
      ],
      question: isEnd ? null : questionOf(escalation),
      links: [
        isEnd
          ? { title: "What came of it", url: `/escalations/${escalation.id}` }
          : {
              title: "Decide",
              url: `/escalations/${escalation.id}?link=${linkTo(escalation.id, escalation.expires_at)}`,
            },
        ...(escalation.fault_id === null ? [] : [{ title: "Open the fault", url: `/faults/${escalation.fault_id}` }]),
      ],
    };
  };

function questionOf(escalation: Escalation): Said["question"] {
  return {
    text: escalation.question,
    choices: escalation.options.map(({ name, label, promise }: Choice) => ({ name, label, promise })),
    default: escalation.default_decision,
    at: escalation.expires_at,
  };
}

/** Who has it in hand, or since when nobody has. */
function waitOf({ hold, held_until: until, opened_at: at }: Escalation): string {
  if (hold === null || until === null) return `It waits for a person since ${utcMinute(at)}.`;
  const said = { acked: "Somebody has seen it", snoozed: "Somebody put it off", taken_over: "Somebody sees to it" };
  return `${said[hold]}, until ${utcMinute(until)}.`;
}

function endOf(escalation: Escalation): string {
  const choice = escalation.options.find(({ name }) => name === escalation.decision);
  const what = choice?.label ?? escalation.decision ?? escalation.default_decision;
  const at = utcMinute(escalation.decided_at ?? escalation.opened_at);
  if (escalation.status === "decided")
    return `Decided by a person at ${at}: ${what}.${escalation.note === null ? "" : ` They say: ${escalation.note}`}`;
  return (escalation.decided_at ?? 0) < escalation.expires_at
    ? `Settled without an answer at ${at}: what it asked about is well again, another, or gone.`
    : `Nobody decided until ${at}; the default holds: ${what}.`;
}

function impactOf(
  recent: readonly (readonly [number, number])[],
  now: number,
  { failures_since }: Escalation,
): string[] {
  const sum = recent.reduce((total, [, count]) => total + count, 0);
  const within = (from: number, to: number) =>
    recent.reduce((total, [hour, count]) => (hour >= from && hour < to ? total + count : total), 0);
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const [latest, before] = [within(hour, hour + HOUR_MS), within(hour - HOUR_MS, hour)];
  return [
    `${plural(sum, "event")} in 24 hours; ${latest} in this hour, ${before} in the one before${latest > before ? ": rising" : latest < before ? ": falling" : ""}.`,
    `${plural(failures_since, "further failure")} since this was asked.`,
  ];
}

/** Action, target, what it was before and after, and where the ledger says so. */
function attemptLine({ action, target, state, verification, audit_log_id: index, because }: Attempt): string {
  const by = because.kind === "escalation" ? ", a person's decision" : "";
  const after = verification === null ? state : `${state} → ${verification}`;
  return `${words(action ?? "nothing")} ${shownTarget(target)}: down → ${after} (ledger ${index}${by})`;
}

function whyNot(escalation: Escalation, refused: readonly Attempt[], remedies: Remedies): string[] {
  const seen = new Set<string>();
  const lines: string[] = [];
  for (const { action, refusal, refusal_detail: detail, audit_log_id: index } of refused) {
    if (refusal === null || seen.has(refusal)) continue;
    seen.add(refusal);
    const change = changeWith(refusal, remedies.get(action ?? escalation.asker), escalation.project_id);
    lines.push(`${words(action ?? "nothing")}: ${detail ?? words(refusal)} (${refusal}, ledger ${index})`);
    if (change !== null) lines.push(`To allow it: ${change}`);
  }
  if (lines.length === 0) lines.push(`Nothing more by itself: ${words(escalation.reason)}.`);
  return lines;
}
