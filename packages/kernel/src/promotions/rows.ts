import { Event, type Actor, type CrashStanding } from "@prunella/contract";
import { sql } from "kysely";
import { z } from "zod";
import { appendLedger } from "../ledger/append.ts";
import { batch } from "../store/dialect.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";
import { LANES, setWork, workName } from "../work/kind.ts";
import type { Facts } from "./text.ts";

export type PromotionRow = Tables["promotion"];
type Db = Engine["reader"];

/** `until`: the host is left alone, after so many `failures` in a row. `labels_at`: when labels are asked for next. */
const Looking = z.strictObject({ until: z.int(), failures: z.int(), labels_at: z.int() });
export type Looking = z.infer<typeof Looking>;

/** What is to be done for the triaged faults of a project; there is one for each, for as long as it is triaged. */
export const LOOK = workName("look_at_triage", LANES.own, Looking, true);
const NAME = "triage";
const AT_ONCE: Looking = { until: 0, failures: 0, labels_at: 0 };

/** Somebody looks then, or sooner where it was to be sooner. What the host asked for stays. */
export const lookSoon = (tx: Tx, projectId: string, at: number): void =>
  tx.later(
    rows(tx.db)`insert into work (project_id, work_id, kind, lane, payload, due_at, leased_until, fence, tries)
      values (${projectId}, ${NAME}, ${LOOK.name}, ${LOOK.lane}, ${JSON.stringify(AT_ONCE)}, ${at}, 0, 0, 0)
      on conflict (project_id, work_id) do update set due_at = excluded.due_at where work.due_at > excluded.due_at`,
  );

/** Whoever looks now begins anew with what this makes of it. In a unit that holds the ledger's head. */
export async function lookAnew(
  tx: Tx,
  projectId: string,
  at: number,
  make: (standing: Looking) => Partial<Looking>,
): Promise<void> {
  const [row] = await rows<{ payload: string }>(
    tx.db,
  )`select payload from work where project_id = ${projectId} and work_id = ${NAME}`;
  const standing = row === undefined ? AT_ONCE : Looking.parse(JSON.parse(row.payload));
  const payload = { ...standing, ...make(standing) };
  setWork(tx, NAME, { kind: LOOK, projectId, dueAt: Math.max(at, payload.until), payload });
}

/** In the unit that ends a look. */
export const lookNext = (tx: Tx, projectId: string, at: number, payload: Looking): void =>
  setWork(tx, NAME, { kind: LOOK, projectId, dueAt: at, payload });

const ENTERED = { project_id: "text", fault_id: "text", since: "int" } as const;

/** In the unit that opens faults. */
export function enter(tx: Tx, now: number, projectId: string, faultIds: readonly string[]): void {
  const cells = faultIds.toSorted().map((id) => [projectId, id, now]);
  tx.later(
    sql`insert into promotion (project_id, fault_id, status, since, told_count)
      select project_id, fault_id, 'new', since, 0 from ${batch(tx.kind, ENTERED, cells)} as given where true
      on conflict (project_id, fault_id) do nothing`.execute(tx.db),
  );
}

export async function readRow(db: Db, faultId: string): Promise<PromotionRow | null> {
  const [row] = await rows<PromotionRow>(db)`select * from promotion where fault_id = ${faultId}`;
  return row ?? null;
}

/** Changes it, with its entry in the ledger. */
export async function change(
  tx: Tx,
  row: PromotionRow,
  given: {
    readonly now: number;
    readonly by: Actor;
    readonly change:
      | "confirmed"
      | "reproduced"
      | "proposed"
      | "refused"
      | "allowed"
      | "promoted"
      | "fix_named"
      | "fix_failed"
      | "fixed";
    readonly set: Partial<PromotionRow>;
    /** What left the house did so by one. */
    readonly attempt?: string;
  },
): Promise<PromotionRow> {
  const after = { ...row, ...given.set };
  await tx.db
    .updateTable("promotion")
    .set(given.set)
    .where("project_id", "=", row.project_id)
    .where("fault_id", "=", row.fault_id)
    .execute();
  await appendLedger(tx, {
    v: 1,
    at: given.now,
    type: "promotion_changed",
    project: row.project_id,
    fault: row.fault_id,
    change: given.change,
    private: after.private_filing,
    public: after.public_filing,
    ...(given.attempt === undefined ? {} : { attempt: given.attempt }),
    by: given.by,
  });
  return after;
}

export interface Standing extends PromotionRow {
  readonly title: string | null;
  readonly events: number;
  readonly users: number;
  readonly private_place: string | null;
  readonly private_number: number | null;
  readonly private_url: string | null;
  readonly public_place: string | null;
  readonly public_number: number | null;
  readonly public_url: string | null;
}

/** The most seen first; of one fault, or of projects. */
export const readStandings = (
  db: Db,
  of: { readonly faultId?: string; readonly projects?: readonly string[] | null; readonly limit: number },
): Promise<Standing[]> => {
  let query = db
    .selectFrom("promotion as p")
    .leftJoin("fault as f", (join) =>
      join.onRef("f.project_id", "=", "p.project_id").onRef("f.fault_id", "=", "p.fault_id"),
    )
    .leftJoin("filing as a", "a.filing_id", "p.private_filing")
    .leftJoin("filing as b", "b.filing_id", "p.public_filing")
    .selectAll("p")
    .select(["f.title", "f.users", "f.count", "f.merged_count"])
    .select(["a.place as private_place", "a.number as private_number", "a.url as private_url"])
    .select(["b.place as public_place", "b.number as public_number", "b.url as public_url"]);
  if (of.faultId !== undefined) query = query.where("p.fault_id", "=", of.faultId);
  if (of.projects != null) query = query.where("p.project_id", "in", [...of.projects, ""]);
  return query
    .orderBy("f.count", "desc")
    .orderBy("p.fault_id")
    .limit(of.limit)
    .execute()
    .then((found) =>
      found.map(({ count, merged_count: merged, users, ...row }) => ({
        ...row,
        users: Number(users ?? 0),
        events: Number(count ?? 0) + Number(merged ?? 0),
      })),
    );
};

const issueOf = (place: string | null, number: number | null, url: string | null) =>
  place === null || number === null ? null : { place, number: Number(number), url };

export const toStanding = (row: Standing): CrashStanding => ({
  project_id: row.project_id,
  fault_id: row.fault_id,
  title: row.title ?? "",
  status: row.status,
  events: row.events,
  senders: row.users,
  private_issue: issueOf(row.private_place, row.private_number, row.private_url),
  public_issue: issueOf(row.public_place, row.public_number, row.public_url),
  is_reproduced: row.reproduced_at !== null,
  asked_at: row.asked_at,
  refused_at: row.refused_at,
  fix:
    row.fix_release === null || row.fix_said_at === null
      ? null
      : { release: row.fix_release, pull: row.fix_pull, said_at: row.fix_said_at },
  fixed_at: row.fixed_at,
  trouble: row.trouble,
  retry_at: row.retry_at,
});

/** What can be said of a fault; null: it is gone, or belongs to another one. */
export async function readFacts(db: Db, faultId: string): Promise<Facts | null> {
  const [fault] = await rows<Tables["fault"]>(
    db,
  )`select * from fault where fault_id = ${faultId} and merged_into is null`;
  if (fault === undefined) return null;
  const [sample] = await rows<{ body: string }>(
    db,
  )`select body from event_sample where project_id = ${fault.project_id} and fault_id = ${faultId} order by slot limit 1`;
  const event = sample === undefined ? null : Event.parse(JSON.parse(sample.body));
  const error = event?.errors.at(-1);
  const crash = z.object({ os: z.string().optional() }).safeParse(event?.context["crash"]);
  const frames = (error?.frames ?? []).filter(({ in_app: isOwn, function: name }) => isOwn && name !== null);
  const { strict = "" } = z
    .object({ strict: z.string() })
    .partial()
    .parse(JSON.parse(fault.fingerprints || "{}"));
  return {
    projectId: fault.project_id,
    faultId,
    title: fault.title,
    culprit: fault.culprit,
    errorClass: fault.error_class === "" ? (error?.type ?? "") : fault.error_class,
    functions: frames.toReversed().map(({ function: name }) => name ?? ""),
    os: crash.data?.os ?? null,
    platform: event?.platform ?? null,
    release: fault.first_release,
    events: Number(fault.count) + Number(fault.merged_count),
    senders: Number(fault.users),
    firstSeen: Number(fault.first_seen),
    lastSeen: Number(fault.last_seen),
    fingerprint: strict,
  };
}
