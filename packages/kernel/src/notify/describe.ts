import type { Message, MessageKind } from "@prunella/contract";
import type { Engine } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";

export type Delivered = Tables["notify_delivery"];

/** What a message says; who it is and of which project stands on its row. */
export type Said = Omit<Message, "v" | "id" | "kind" | "project" | "level">;

/** Looks up what is to be said when it goes out, so that it is never old; null when there is nothing to say any more. */
export type Describe = (given: {
  readonly kind: MessageKind;
  readonly projectId: string;
  readonly subject: string;
}) => Promise<Said | null>;

/** Somebody tries a channel. */
export const describeTest: Describe = async ({ subject }) => ({
  fault: null,
  thread: null,
  revision: 0,
  state: "information",
  title: `A test of the channel ${subject}`,
  sections: [{ title: "What this is", lines: ["Somebody tried the channel. Nothing is wrong."] }],
  question: null,
  links: [{ title: "Open the console", url: "/" }],
});

/** Read by a person: what is over stands as a number. */
const MOST_LINES = 20;

export async function messageOf(db: Engine["reader"], describe: Describe, row: Delivered): Promise<Message | null> {
  const said =
    row.kind === "digest"
      ? await digestOf(db, describe, row.message_id)
      : await describe({ kind: row.kind, projectId: row.project_id, subject: row.subject });
  if (said === null) return null;
  const project = row.project_id === "*" ? null : row.project_id;
  return { v: 1, id: row.message_id, kind: row.kind, project, level: row.level, ...said };
}

const WORDS: Readonly<Record<string, string>> = {
  escalation_opened: "questions",
  escalation_changed: "questions that go on",
  escalation_reminded: "questions that still wait",
  escalation_resolved: "questions that were answered",
  fault_new: "new faults",
  fault_regressed: "faults that are back",
  sprint_opened: "corrective sprints",
  attempt_ineffective: "attempts that did not help",
  envelope_demoted: "envelopes that are trusted less",
  investigation: "investigations",
};

async function digestOf(db: Engine["reader"], describe: Describe, digestId: string): Promise<Said> {
  const counted = await db
    .selectFrom("notify_delivery")
    .select(["kind", ({ fn }) => fn.countAll<number>().as("count")])
    .where("within", "=", digestId)
    .groupBy("kind")
    .orderBy("kind")
    .execute();
  const first = await db
    .selectFrom("notify_delivery")
    .select(["kind", "project_id", "subject"])
    .where("within", "=", digestId)
    .orderBy("told_at")
    .orderBy("message_id")
    .limit(MOST_LINES)
    .execute();
  const lines: string[] = [];
  for (const { kind, project_id: projectId, subject } of first)
    if (kind !== "digest") {
      const said = await describe({ kind, projectId, subject });
      if (said !== null) lines.push(`${projectId}: ${said.title}`);
    }
  const total = counted.reduce((sum, { count }) => sum + Number(count), 0);
  return {
    fault: null,
    thread: null,
    revision: 0,
    state: "information",
    title: `${total} further messages of the last hour`,
    sections: [
      { title: "What they were", lines: counted.map(({ kind, count }) => `${count} ${WORDS[kind] ?? kind}`) },
      { title: total > first.length ? `The first ${first.length}` : "Each of them", lines },
    ],
    question: null,
    links: [{ title: "Open the console", url: "/" }],
  };
}
