import type { Engine } from "@prunella/kernel";

export interface Gauges {
  readonly workDue: number;
  readonly questionsOpen: number;
  readonly nodes: number;
  readonly isKilled: boolean;
  /** What the rows of each project take, about. */
  readonly projectBytes: ReadonlyMap<string, number>;
}

/** As the kernel has it: a process that was silent for longer is dead. */
const DEAD_MS = 30_000;

/** What stands in the database now. Each look goes along an index, or over a table of few rows. */
export async function readGauges(db: Engine["reader"], now: number): Promise<Gauges> {
  const [work, questions, nodes, kill, bytes] = await Promise.all([
    db
      .selectFrom("work")
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .where("due_at", "<=", now)
      .executeTakeFirst(),
    db
      .selectFrom("escalation_attempts")
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .where("status", "=", "open")
      .executeTakeFirst(),
    db
      .selectFrom("node")
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .where("heard_at", ">=", now - DEAD_MS)
      .executeTakeFirst(),
    db.selectFrom("switch").select("is_on").where("name", "=", "kill").where("is_on", "=", 1).executeTakeFirst(),
    db
      .selectFrom("project_bytes")
      .select(["project_id", ({ fn }) => fn.sum<number>("bytes").as("bytes")])
      .groupBy("project_id")
      .orderBy("project_id")
      .execute(),
  ]);
  return {
    workDue: Number(work?.count ?? 0),
    questionsOpen: Number(questions?.count ?? 0),
    nodes: Number(nodes?.count ?? 0),
    isKilled: kill !== undefined,
    projectBytes: new Map(bytes.map((row) => [row.project_id, Number(row.bytes)])),
  };
}
