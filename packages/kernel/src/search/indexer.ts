import type { Event } from "@prunella/contract";
import { columnText } from "../store/columns.ts";
import { skipLocked } from "../store/dialect.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { writeDocument } from "../store/full-text.ts";
import type { Clock, Log } from "../ports.ts";
import type { Writer } from "../store/writer.ts";
import { sql } from "kysely";
import { documentOf } from "./document.ts";
import type { FaultOf } from "./due.ts";
import { replaceBodyFacets, tagFacet, type Facet } from "./facets.ts";

/** Faults in one unit, which takes some milliseconds: whoever decides never waits long behind it. */
const STEP = 8;
/** Where nobody says that something is due: another server may have left it, or a tidying. */
const POLL_MS = 10_000;
/** What a tag's value is cut to. */
const LONGEST_VALUE = 200;

export interface Indexer {
  wake(): void;
  /** Resolves when nothing is due. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Writes the words of faults after their events were counted. */
export function createIndexer(deps: {
  engine: Engine;
  writer: Writer;
  clock: Pick<Clock, "after">;
  log: Log;
  /** Found now: who looks at a search hears of it. */
  onIndexed: (faultId: string) => void;
}): Indexer {
  const { engine, writer, clock, log } = deps;
  let running: Promise<void> | null = null;
  let isAwake = false;
  let isClosed = false;
  let cancel = clock.after(POLL_MS, wake);

  async function pass(): Promise<void> {
    while (!isClosed) {
      // A write that finds nothing to do would cost a commit.
      const waiting = await engine.reader.selectFrom("search_due").select("fault_id").limit(1).executeTakeFirst();
      if (!waiting) return;
      for (const faultId of await writer.derive((tx) => indexDue(tx, STEP))) deps.onIndexed(faultId);
      // What queued meanwhile is written first.
      await engine.nextTurn();
    }
  }

  function wake(): void {
    isAwake = true;
    if (isClosed || running) return;
    cancel();
    isAwake = false;
    running = pass()
      .catch(() => log.warn("words to search by could not be written and will be tried again"))
      .finally(() => {
        running = null;
        if (isClosed) return;
        cancel = clock.after(POLL_MS, wake);
        if (isAwake) wake();
      });
  }

  return {
    wake,
    async settle() {
      wake();
      while (running) await running;
    },
    async close() {
      isClosed = true;
      cancel();
      await running;
    },
  };
}

/** Writes the words of a few faults that are due; returns their ids. */
export async function indexDue(tx: Tx, limit: number): Promise<string[]> {
  const { rows } = await sql<{ project_id: string; fault_id: string }>`
    select project_id, fault_id from search_due order by project_id, fault_id limit ${limit} ${skipLocked(tx.kind)}`.execute(
    tx.db,
  );
  const due = rows.toSorted((a, b) => (a.fault_id < b.fault_id ? -1 : 1));
  for (const row of due) {
    const of = { projectId: row.project_id, faultId: row.fault_id };
    await tx.db
      .deleteFrom("search_due")
      .where("project_id", "=", of.projectId)
      .where("fault_id", "=", of.faultId)
      .execute();
    await indexFault(tx, of);
  }
  return due.map((row) => row.fault_id);
}

async function indexFault(tx: Tx, of: FaultOf): Promise<void> {
  const fault = await tx.db
    .selectFrom("fault")
    .select(["title", "culprit"])
    .where("project_id", "=", of.projectId)
    .where("fault_id", "=", of.faultId)
    .executeTakeFirst();
  // Gone meanwhile, with all by which it was found.
  if (!fault) return;
  const bodies = await tx.db
    .selectFrom("event_sample")
    .select("body")
    .where("project_id", "=", of.projectId)
    .where("fault_id", "=", of.faultId)
    .orderBy("received_at", "desc")
    .orderBy("slot")
    .execute();
  // We wrote them, after scrubbing.
  const events = bodies.map(({ body }): Event => JSON.parse(body));
  await writeDocument(tx, of, documentOf({ ...of, ...fault, events }));
  await replaceBodyFacets(
    tx,
    of,
    events.flatMap((event) => bodyFacets(of, event)),
  );
}

function bodyFacets(of: FaultOf, { tags, server_name }: Event): Facet[] {
  const values = Object.entries(tags).map(([key, value]) => ({ name: tagFacet(cut(key)), value: cut(value) }));
  if (server_name !== null) values.push({ name: "server", value: cut(server_name) });
  return values.filter(({ value }) => value !== "").map((value) => ({ ...of, ...value }));
}

const cut = (text: string): string => columnText(text.slice(0, LONGEST_VALUE));
