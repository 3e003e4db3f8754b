import type { Subject, Trust } from "@prunella/contract";
import { SYSTEM } from "../actors.ts";
import type { Core } from "../core.ts";
import { hasBelievable } from "../faults/believable.ts";
import type { Escalate } from "../gate/episode.ts";
import type { Gate } from "../gate/gate.ts";
import { configuredId } from "../gate/grants.ts";
import { lockHead } from "../ledger/append.ts";
import { knownSince } from "../releases/seen.ts";
import { rows } from "../store/rows.ts";
import { workKind, type WorkKind } from "../work/kind.ts";
import type { Issuing } from "./port.ts";
import { PROMOTE_ISSUE, privateTarget, publicTarget, TRIAGE_ISSUE } from "./remedies.ts";
import { change, LOOK, lookNext, readFacts, type PromotionRow } from "./rows.ts";
import { fixedText, publicDraft } from "./text.ts";

/** With whose authority faults are filed, and promoted by label or rule: a grant that the configuration makes. */
export const TRIAGE_GRANT = configuredId("triage");

export type LookDeps = Core & {
  readonly issuing: Issuing | null;
  readonly gate: Gate;
  readonly escalate: Escalate;
  readonly scrubText: (text: string) => { readonly text: { readonly value: string } };
};

/** When nothing calls: labels are asked for, and fixes watched. */
const EVERY_MS = 60_000;
/** A step is under way: then the next. */
const SOON_MS = 250;
/** A count is put right so often at most. */
const TELL_EACH_MS = 3_600_000;
const HOUR_MS = 3_600_000;
/** Questions that stand open in a project: nobody floods an inbox from outside. */
const MOST_ASKED = 5;

/** Refusals that stand against every one of them. */
const OFF: ReadonlySet<string> = new Set(["killed", "paused", "not_granted"]);

type Candidate = Pick<PromotionRow, "project_id" | "fault_id" | "status" | "reproduced_at"> & {
  readonly number: number | null;
};

/**
 * One step at a time for a project's triaged faults, those with the most events first: what a person or a label wants
 * public, what is new, what is fixed, what is to be counted. Each step is asked of the gate.
 */
export function triageLooks(deps: LookDeps): WorkKind {
  const { db, writer, clock, issuing } = deps;

  /** Does one thing, and says when to look again; each part says null where there is nothing to do. */
  async function step(projectId: string, of: Issuing, labels: readonly Candidate[]): Promise<number> {
    const now = clock.now();
    const [busy] = await rows(db)`select 1 from self_heal_attempts where project_id = ${projectId}
      and action in (${TRIAGE_ISSUE}, ${PROMOTE_ISSUE}) and ended_at is null limit 1`;
    if (busy !== undefined) return now + SOON_MS;
    await askPeople(projectId, of);
    return (
      (labels[0] === undefined ? null : await promote(labels[0], of)) ??
      (await promoteByRule(projectId, of)) ??
      (await settleFix(projectId, of)) ??
      (await fileNext(projectId, of)) ??
      (await countNext(projectId, of)) ??
      now + EVERY_MS
    );
  }

  const ask = async (of: {
    projectId: string;
    faultId: string;
    action: string;
    target: string;
    args: Record<string, string>;
    trust?: Trust;
  }) => {
    const subject: Subject = { kind: "grant", id: TRIAGE_GRANT };
    const cause = of.trust === undefined ? null : ({ source: "crash", trust: of.trust, level: "error" } as const);
    const verdict = await deps.gate.ask({
      projectId: of.projectId,
      subject,
      triggerId: null,
      action: of.action,
      target: of.target,
      args: of.args,
      because: { kind: "call", id: deps.newId() },
      faultId: of.faultId,
      cause,
      isAwaited: false,
    });
    if (verdict.kind === "permitted") return clock.now() + SOON_MS;
    const { refusal, detail, passesAt } = verdict.refused;
    const again = Math.max(passesAt ?? 0, clock.now() + EVERY_MS);
    // Off is off for all of them, and their order stays.
    if (OFF.has(refusal)) return again;
    await writer.run((tx) =>
      tx.db
        .updateTable("promotion")
        .set({ trouble: detail, retry_at: again })
        .where("project_id", "=", of.projectId)
        .where("fault_id", "=", of.faultId)
        .execute(),
    );
    return clock.now() + SOON_MS;
  };

  async function fileNext(projectId: string, { settings }: Issuing): Promise<number | null> {
    const now = clock.now();
    const [filed] = await rows<{ n: number }>(
      db,
    )`select count(*) as n from promotion p join filing f on f.filing_id = p.private_filing
      where p.project_id = ${projectId} and f.filed_at > ${now - HOUR_MS}`;
    if (Number(filed?.n ?? 0) >= settings.most_per_hour) return null;
    const [first] = await rows<{ fault_id: string }>(db)`select p.fault_id from promotion p
      join fault f on f.project_id = p.project_id and f.fault_id = p.fault_id
      where p.project_id = ${projectId} and p.private_filing is null and f.merged_into is null and coalesce(p.retry_at, 0) <= ${now}
      order by f.count + f.merged_count desc, p.since, p.fault_id limit 1`;
    if (first === undefined) return null;
    const args = { step: "file", place: settings.repo };
    return ask({
      projectId,
      faultId: first.fault_id,
      action: TRIAGE_ISSUE,
      target: privateTarget(first.fault_id),
      args,
    });
  }

  async function countNext(projectId: string, { settings }: Issuing): Promise<number | null> {
    const now = clock.now();
    const [first] = await rows<{ fault_id: string }>(db)`select p.fault_id from promotion p
      join fault f on f.project_id = p.project_id and f.fault_id = p.fault_id
      where p.project_id = ${projectId} and p.private_filing is not null and f.merged_into is null and coalesce(p.retry_at, 0) <= ${now}
        and p.told_at <= ${now - TELL_EACH_MS} and f.count + f.merged_count > p.told_count
      order by f.count + f.merged_count - p.told_count desc, p.fault_id limit 1`;
    if (first === undefined) return null;
    const args = { step: "count", place: settings.repo };
    return ask({
      projectId,
      faultId: first.fault_id,
      action: TRIAGE_ISSUE,
      target: privateTarget(first.fault_id),
      args,
    });
  }

  /** Private, not refused, and nothing stands against the next try. */
  const candidates = (projectId: string, now: number) => rows<
    Candidate & { events: number; users: number; asked_at: number | null }
  >(db)`
    select p.project_id, p.fault_id, p.status, p.reproduced_at, p.asked_at, a.number, f.count + f.merged_count as events, f.users from promotion p
    join fault f on f.project_id = p.project_id and f.fault_id = p.fault_id join filing a on a.filing_id = p.private_filing
    where p.project_id = ${projectId} and p.public_filing is null and p.refused_at is null and f.merged_into is null
      and coalesce(p.retry_at, 0) <= ${now} order by events desc, p.fault_id limit 1000`;

  async function promote(
    { project_id: projectId, fault_id: faultId }: Candidate,
    { settings }: Issuing,
    trust?: Trust,
  ): Promise<number | null> {
    const facts = await readFacts(db, faultId);
    if (facts === null || settings.public_repo === null) return null;
    await confirm(faultId);
    const { place, title, body } = publicDraft(settings.public_repo, facts, settings);
    const args = { step: "file", place, title: clean(title), body: clean(body) };
    return ask({
      projectId,
      faultId,
      action: PROMOTE_ISSUE,
      target: publicTarget(faultId),
      args,
      ...(trust === undefined ? {} : { trust }),
    });
  }

  const clean = (text: string): string => deps.scrubText(text).text.value;

  async function confirm(faultId: string): Promise<void> {
    await writer.run(async (tx) => {
      await lockHead(tx);
      const [row] = await rows<PromotionRow>(
        tx.db,
      )`select * from promotion where fault_id = ${faultId} and status = 'new'`;
      if (row === undefined) return;
      await change(tx, row, { now: clock.now(), by: SYSTEM, change: "confirmed", set: { status: "confirmed" } });
    });
  }

  /** Private ones that somebody labelled: whoever may label there was let in by its owner, and nobody outside can. */
  async function askLabels(projectId: string, of: Issuing): Promise<readonly Candidate[]> {
    if (of.settings.public_repo === null) return [];
    const waiting = await candidates(projectId, clock.now());
    if (waiting.length === 0) return [];
    const labelled = await of.port.labelled(of.settings.repo, of.settings.promote_label);
    return labelled.ok
      ? waiting.filter(({ number }) => number !== null && labelled.value.includes(Number(number)))
      : [];
  }

  /** By what senders who are known sent, and by nothing that anybody could have made up. */
  async function promoteByRule(projectId: string, of: Issuing): Promise<number | null> {
    const rule = of.settings.promote;
    if (rule === null || of.settings.public_repo === null) return null;
    const [first] = await rows<Candidate>(
      db,
    )`select p.project_id, p.fault_id, p.status, p.reproduced_at, a.number from promotion p
      join fault f on f.project_id = p.project_id and f.fault_id = p.fault_id join filing a on a.filing_id = p.private_filing
      where p.project_id = ${projectId} and p.public_filing is null and p.refused_at is null and f.merged_into is null
        and coalesce(p.retry_at, 0) <= ${clock.now()} and (p.reproduced_at is not null or ${rule.reproduced ? 1 : 0} = 0)
        and (select coalesce(sum(d.count), 0) from delta d where d.project_id = p.project_id and d.fault_id = p.fault_id and d.trust <> 'public') >= ${rule.events}
      order by f.count + f.merged_count desc, p.fault_id limit 1`;
    if (first === undefined) return null;
    // Looked at once more, in another way: the gate refuses what nobody known told of.
    return promote(first, of, (await hasBelievable(db, first)) ? "authenticated" : "public");
  }

  /** What anybody could have sent asks a person, once a fault, and promotes nothing. */
  async function askPeople(projectId: string, of: Issuing): Promise<void> {
    const { propose, public_repo: to } = of.settings;
    if (to === null) return;
    const enough = (await candidates(projectId, clock.now())).filter(
      (one) =>
        one.asked_at === null &&
        Number(one.events) >= propose.events &&
        Number(one.users) >= propose.senders &&
        (!propose.reproduced || one.reproduced_at !== null),
    );
    for (const one of enough.slice(0, MOST_ASKED)) {
      const facts = await readFacts(db, one.fault_id);
      if (facts === null) continue;
      const { place, title, body } = publicDraft(to, facts, of.settings);
      const args = { step: "file", place, title: clean(title), body: clean(body) };
      const isAsked = await writer.run(async (tx) => {
        await lockHead(tx);
        const now = clock.now();
        const open = await rows(
          tx.db,
        )`select 1 from escalation_attempts where project_id = ${projectId} and asker = ${PROMOTE_ISSUE} and status = 'open'`;
        const [row] = await rows<PromotionRow>(
          tx.db,
        )`select * from promotion where fault_id = ${one.fault_id} and asked_at is null and refused_at is null and public_filing is null`;
        if (row === undefined || open.length >= MOST_ASKED) return false;
        const isNew = row.status === "new";
        const confirmed = isNew
          ? await change(tx, row, { now, by: SYSTEM, change: "confirmed", set: { status: "confirmed" } })
          : row;
        await change(tx, confirmed, { now, by: SYSTEM, change: "proposed", set: { asked_at: now } });
        await deps.escalate(tx, {
          projectId,
          asker: PROMOTE_ISSUE,
          triggerId: null,
          faultId: one.fault_id,
          target: publicTarget(one.fault_id),
          reason: "awaiting_approval",
          cause: null,
          args,
          requestedBy: null,
          about: one.fault_id,
        });
        return true;
      });
      if (!isAsked) return;
      deps.publish("escalations", one.fault_id);
      deps.publish("ledger", "head");
    }
  }

  /** A release that should have mended it came out: when it was quiet for long enough, it is fixed. */
  async function settleFix(projectId: string, of: Issuing): Promise<number | null> {
    const now = clock.now();
    const named = await rows<PromotionRow>(
      db,
    )`select * from promotion where project_id = ${projectId} and status = 'promoted' and fix_release is not null
      and coalesce(retry_at, 0) <= ${now} order by fix_said_at, fault_id limit 100`;
    for (const row of named) {
      const release = row.fix_release ?? "";
      const [again] = await rows(
        db,
      )`select 1 from delta where project_id = ${projectId} and fault_id = ${row.fault_id} and release = ${release} limit 1`;
      if (again !== undefined) {
        await writer.run(async (tx) => {
          await lockHead(tx);
          await change(tx, row, {
            now,
            by: SYSTEM,
            change: "fix_failed",
            set: { fix_release: null, fix_pull: null, fix_said_at: null },
          });
        });
        deps.publish("faults", row.fault_id);
        continue;
      }
      const since = (await writer.run((tx) => knownSince(tx, projectId, [release]))).get(release);
      if (since === undefined || Math.max(since, row.fix_said_at ?? 0) + of.settings.watch > now) continue;
      const place = of.settings.public_repo ?? "";
      const args = { step: "fixed", place, title: "", body: clean(fixedText(release)) };
      return ask({ projectId, faultId: row.fault_id, action: PROMOTE_ISSUE, target: publicTarget(row.fault_id), args });
    }
    return null;
  }

  return workKind(LOOK, async ({ projectId, payload, finish }) => {
    const now = clock.now();
    if (issuing === null || !issuing.settings.projects.includes(projectId)) return writer.run(finish);
    const isLeftAlone = payload.until > now;
    const labels = isLeftAlone || payload.labels_at > now ? [] : await askLabels(projectId, issuing);
    const next = isLeftAlone ? payload.until : await step(projectId, issuing, labels);
    await writer.run(async (tx) => {
      const came = await rows(
        tx.db,
      )`select 1 from promotion where project_id = ${projectId} and since >= ${now} limit 1`;
      finish(tx);
      if (isLeftAlone) return lookNext(tx, projectId, next, payload);
      // Until none is left: one at a time, or something else was under way.
      const labelsAt =
        labels.length > 0 ? now + 4 * SOON_MS : payload.labels_at > now ? payload.labels_at : now + EVERY_MS;
      const dueAt = came.length > 0 ? Math.min(next, clock.now() + SOON_MS) : Math.min(next, Math.max(labelsAt, now));
      lookNext(tx, projectId, dueAt, { ...payload, labels_at: labelsAt });
    });
  });
}
