import { PrunellaError } from "@prunella/contract";
import type { Filing } from "@prunella/contract/plugins";
import type { Core } from "../core.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";

/** So long whoever files may take before another may take it over; longer than any request waits for its answer. */
const HELD_MS = 120_000;

export type Held =
  /** Nobody else files it now. `marker` stands in what is written, so that it is found when an answer was lost. */
  | { readonly kind: "held"; readonly filing: Filing; readonly marker: string; readonly holder: string }
  | { readonly kind: "busy"; readonly until: number };

/**
 * What is written outside about a failure, once. The row is there before anything is sent, and one worker holds it at
 * a time; whoever comes after a crash finds by the marker what was made and not written down.
 */
export function createFilings(core: Core) {
  const { db, writer, clock, newId } = core;
  return {
    /** Begins or goes on; of what is filed already, the row says where. */
    async hold(of: { projectId: string; place: string; name: string; faultId: string | null }): Promise<Held> {
      const { projectId: project_id, place, name, faultId: fault_id } = of;
      const holder = newId();
      return writer.run(async (tx) => {
        await lockHead(tx);
        const now = clock.now();
        const found = await tx.db
          .selectFrom("filing")
          .selectAll()
          .where("project_id", "=", project_id)
          .where("place", "=", place)
          .where("name", "=", name)
          .executeTakeFirst();
        if (found?.held_until != null && found.held_until > now) return { kind: "busy", until: found.held_until };
        const held = { holder, held_until: now + HELD_MS };
        if (found !== undefined) {
          await tx.db.updateTable("filing").set(held).where("filing_id", "=", found.filing_id).execute();
          return { kind: "held", filing: toFiling(found), marker: markerOf(found.filing_id), holder };
        }
        const begun = { number: null, url: null, filed_at: null };
        const row = { filing_id: newId(), project_id, place, name, fault_id, first_at: now, ...begun, ...held };
        await tx.db.insertInto("filing").values(row).execute();
        return { kind: "held", filing: toFiling(row), marker: markerOf(row.filing_id), holder };
      });
    },

    /**
     * It is there, as this number: written once, with its entry in the ledger.
     *
     * @throws PRUNELLA_REQUEST_INVALID when somebody else has taken it over meanwhile
     */
    async filed(of: { filingId: string; holder: string; number: number; url: string }): Promise<void> {
      await writer.run(async (tx) => {
        await lockHead(tx);
        const [row] = await rows<Tables["filing"]>(tx.db)`select * from filing where filing_id = ${of.filingId}`;
        if (row?.holder !== of.holder)
          throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "Somebody else files this now." });
        const filed_at = row.filed_at ?? clock.now();
        const set = { number: of.number, url: of.url, filed_at, holder: null, held_until: null };
        await tx.db.updateTable("filing").set(set).where("filing_id", "=", of.filingId).execute();
        if (row.filed_at !== null) return;
        const { project_id: project, fault_id: fault } = row;
        const entry = { v: 1, at: filed_at, type: "issue_filed", project, filing: of.filingId, fault } as const;
        await appendLedger(tx, { ...entry, number: of.number });
      });
      core.publish("ledger", of.filingId);
    },

    /** It was not done, as far as anybody knows: the next one looks first. */
    async release({ filingId, holder }: { filingId: string; holder: string }): Promise<void> {
      await writer.run((tx) =>
        tx.db
          .updateTable("filing")
          .set({ holder: null, held_until: null })
          .where("filing_id", "=", filingId)
          .where("holder", "=", holder)
          .execute(),
      );
    },

    /** The newest first; of all projects where none are named. */
    async list({ projects, limit }: { projects: readonly string[] | null; limit: number }): Promise<Filing[]> {
      const all = db.selectFrom("filing").selectAll().orderBy("first_at", "desc").orderBy("filing_id", "desc");
      const asked = projects === null ? all : all.where("project_id", "in", [...projects]);
      return (await asked.limit(limit).execute()).map(toFiling);
    },
  };
}

/** Stands in what is written outside; a comment of HTML, so that nobody has to read it. */
export const markerOf = (filingId: string): string => `<!-- prunella:${filingId} -->`;

const toFiling = ({ holder: _holder, held_until: _until, ...filing }: Tables["filing"]): Filing => filing;
