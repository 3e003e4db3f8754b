import type { EnvelopeRow } from "@prunella/contract";
import type { Engine } from "../store/engine.ts";
import { rows } from "../store/rows.ts";

type Db = Engine["reader"];

/** What woke an investigator. */
export interface Wake {
  readonly projectId: string;
  readonly sessionId: string;
  readonly probe: string;
  readonly category: string;
  readonly target: string;
  readonly at: number;
}

const HOUR_MS = 3_600_000;
const MOST = 20;

/** Times a target was seen failing, by minute. */
export const readDeltas = (db: Db, wake: Wake): Promise<{ minute: number; events: number }[]> =>
  rows<{ minute: number; events: number }>(
    db,
  )`select cast(second / 60 as bigint) as minute, cast(sum(count) as bigint) as events from delta
    where project_id = ${wake.projectId} and target = ${wake.target} and target <> '' and trust = 'local' and second > ${Math.floor((wake.at - HOUR_MS) / 1000)}
    group by second / 60 order by 1 desc limit 60`;

/** What was heard of the probe before, newest first. */
export async function readHistory(db: Db, wake: Wake): Promise<{ at: number; seam: string }[]> {
  const found = await rows<{ at: number; seam: string }>(db)`select emitted_at as at, seam from audit_event
    where about = ${aboutOf(wake)} and caller_session_id <> ${wake.sessionId} order by emitted_at desc limit ${MOST}`;
  return found;
}

/** Under which a probe's own rows are found again. */
export const aboutOf = ({ projectId, probe }: Pick<Wake, "projectId" | "probe">): string => `${projectId}/${probe}`;

export const readReleases = (db: Db, wake: Wake): Promise<{ version: string; first_at: number }[]> =>
  db
    .selectFrom("release_seen")
    .select(["version", "first_at"])
    .where("project_id", "=", wake.projectId)
    .orderBy("last_at", "desc")
    .limit(5)
    .execute();

/** Other faults that the project had in the last hour. */
export const readNeighbours = (db: Db, wake: Wake): Promise<{ fault_id: string; title: string; count: number }[]> =>
  db
    .selectFrom("fault")
    .select(["fault_id", "title", "count"])
    .where("project_id", "=", wake.projectId)
    .where("last_seen", ">", wake.at - HOUR_MS)
    .orderBy("last_seen", "desc")
    .limit(MOST)
    .execute();

export interface Gathered {
  readonly deltas: Awaited<ReturnType<typeof readDeltas>>;
  readonly history: Awaited<ReturnType<typeof readHistory>>;
  readonly releases: Awaited<ReturnType<typeof readReleases>>;
  readonly neighbours: Awaited<ReturnType<typeof readNeighbours>>;
  readonly envelope: EnvelopeRow | null;
}

/** The message of the scripted investigator: what is known, and nothing that is guessed. */
export function scriptedMessage(wake: Wake, gathered: Gathered): string {
  const { deltas, history, releases, neighbours, envelope } = gathered;
  const events = deltas.reduce((sum, one) => sum + one.events, 0);
  // One that was looked into has two rows: that it was asked for, and what came of it.
  const before = history.filter(({ seam }) => seam === "probe.investigation_completed").length;
  const atLeast = history.length < MOST ? "" : "at least ";
  const [newest] = releases;
  const others = neighbours.filter(({ title }) => !title.includes(wake.category)).slice(0, 3);
  return [
    `${wake.probe} reports ${wake.category} of ${wake.target}.`,
    `Seen ${times(events)} within the last hour; ${before === 0 ? "never investigated" : `investigated ${atLeast}${times(before)}`} before.`,
    newest ? `The release that was seen last is ${newest.version}.` : "No release of this project is known.",
    others.length === 0
      ? "Nothing else failed within the last hour."
      : `Within the last hour also: ${others.map(({ title }) => title.replace(/\.+$/, "")).join("; ")}.`,
    envelopeWords(envelope),
  ].join("\n");
}

const times = (count: number): string => (count === 1 ? "once" : `${count} times`);

function envelopeWords(envelope: EnvelopeRow | null): string {
  if (envelope === null) return "No envelope has its name, so nothing may be fixed.";
  if (envelope.observes_only) return `Its envelope lists nothing that may be fixed.`;
  const actions = envelope.actions.map(({ name }) => name).join(", ");
  return envelope.is_on
    ? `Its envelope is on and allows ${actions}.`
    : `Its envelope would allow ${actions}; it is off: ${envelope.enable_env}.`;
}
