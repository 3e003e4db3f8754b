import { PrunellaError } from "@prunella/contract";
import type { Filing } from "@prunella/contract/plugins";
import type { Core } from "../core.ts";
import { z } from "zod";
import { appendLedger, lockHead } from "../ledger/append.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";
import { createComments } from "./comments.ts";
import { createWaits } from "./waits.ts";

/** So long whoever files may take before another may take it over; longer than any request waits for its answer. */
const HELD_MS = 120_000;

const DraftSchema = z.strictObject({ title: z.string(), body: z.string(), labels: z.array(z.string()) });
/** What is to be written, scrubbed and without its marker. */
export type Draft = z.infer<typeof DraftSchema>;

export interface Waiting {
  readonly filing: Filing;
  readonly draft: Draft;
}

export type Held =
  /** Nobody else files it now. `marker` stands in what is written, so that it is found when an answer was lost. */
  | {
      readonly kind: "held";
      readonly filing: Filing;
      readonly marker: string;
      readonly holder: string;
      /** Since when it could be there; null: nobody ever sent it. */
      readonly triedAt: number | null;
    }
  | { readonly kind: "busy"; readonly until: number };

/**
 * What is written outside about a failure, once. The row is there before anything is sent, and one worker holds it at
 * a time; whoever comes after a crash finds by the marker what was made and not written down.
 */
export function createFilings(
  core: Core & { readonly scrubText: (text: string) => { readonly text: { readonly value: string } } },
) {
  const { db, writer, clock, newId } = core;
  const waits = createWaits(core);
  const clean = (text: string): string => core.scrubText(text).text.value;
  return {
    waits,
    comments: createComments(core),

    /**
     * Begins or goes on; of what is filed already, the row says where. A draft is kept until it is written outside or
     * refused there for good, so that it is written whatever ends meanwhile.
     */
    async hold(of: {
      projectId: string;
      place: string;
      name: string;
      faultId: string | null;
      draft?: Draft | undefined;
    }): Promise<Held> {
      const { projectId: project_id, place, name, faultId: fault_id } = of;
      const given = of.draft && { ...of.draft, title: clean(of.draft.title), body: clean(of.draft.body) };
      const [draft, title] = given === undefined ? [null, null] : [JSON.stringify(given), given.title];
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
          const isWanted = draft !== null && found.number === null;
          const wanted = isWanted ? { draft, title, asked: found.asked + 1, refused: null } : {};
          await tx.db
            .updateTable("filing")
            .set({ ...held, ...wanted })
            .where("filing_id", "=", found.filing_id)
            .execute();
          return {
            kind: "held",
            filing: toFiling({ ...found, ...wanted }),
            marker: markerOf(found.filing_id),
            holder,
            triedAt: found.tried_at,
          };
        }
        const begun = { number: null, url: null, filed_at: null, tried_at: null, draft, asked: 1, refused: null };
        const row = { filing_id: newId(), project_id, place, name, fault_id, title, first_at: now, ...begun, ...held };
        await tx.db.insertInto("filing").values(row).execute();
        return { kind: "held", filing: toFiling(row), marker: markerOf(row.filing_id), holder, triedAt: null };
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
        const set = { number: of.number, url: of.url, filed_at, draft: null, holder: null, held_until: null };
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

    /** It is sent now: whoever comes after a crash looks for it first. Returns when that was first so. */
    async trying({ filingId, holder }: { filingId: string; holder: string }): Promise<number> {
      return writer.run(async (tx) => {
        const [row] = await rows<{ tried_at: number }>(
          tx.db,
        )`update filing set tried_at = coalesce(tried_at, ${clock.now()})
          where filing_id = ${filingId} and holder = ${holder} returning tried_at`;
        if (row === undefined)
          throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "Somebody else files this now." });
        return row.tried_at;
      });
    },

    /** It was the first time, and the place said that it did not take it: it cannot be there. */
    async untried({ filingId, holder }: { filingId: string; holder: string }): Promise<void> {
      await writer.run((tx) =>
        tx.db
          .updateTable("filing")
          .set({ tried_at: null })
          .where("filing_id", "=", filingId)
          .where("holder", "=", holder)
          .execute(),
      );
    },

    /** The place will never have it as it is: it waits no longer, and the row says why. */
    async refuse(of: { filingId: string; holder: string; why: string }): Promise<void> {
      await writer.run((tx) =>
        tx.db
          .updateTable("filing")
          .set({ draft: null, refused: of.why, holder: null, held_until: null })
          .where("filing_id", "=", of.filingId)
          .where("holder", "=", of.holder)
          .execute(),
      );
    },

    /** What waits and is held by nobody: what happened most often first, then what waits longest. */
    async waiting(limit: number): Promise<readonly Waiting[]> {
      const found = await rows<Tables["filing"]>(db)`select f.* from filing f
        left join fault on fault.project_id = f.project_id and fault.fault_id = f.fault_id
        where f.draft is not null and (f.held_until is null or f.held_until <= ${clock.now()})
        order by coalesce(fault.count, f.asked) desc, f.first_at, f.filing_id limit ${limit}`;
      return found.flatMap((row) =>
        row.draft === null ? [] : [{ filing: toFiling(row), draft: DraftSchema.parse(JSON.parse(row.draft)) }],
      );
    },

    /** How much waits; of all projects where none are named. */
    async backlog(projects: readonly string[] | null): Promise<number> {
      const all = db
        .selectFrom("filing")
        .select(({ fn }) => fn.countAll().as("waiting"))
        .where("draft", "is not", null);
      const asked = projects === null ? all : all.where("project_id", "in", [...projects]);
      return Number((await asked.executeTakeFirst())?.waiting ?? 0);
    },

    /** The newest first; of all projects where none are named. */
    async list({ projects, limit }: { projects: readonly string[] | null; limit: number }): Promise<Filing[]> {
      const all = db
        .selectFrom("filing")
        .leftJoin("fault", (join) =>
          join.onRef("fault.project_id", "=", "filing.project_id").onRef("fault.fault_id", "=", "filing.fault_id"),
        )
        .selectAll("filing")
        .select("fault.title as fault_title")
        .orderBy("filing.first_at", "desc")
        .orderBy("filing.filing_id", "desc");
      const asked = projects === null ? all : all.where("filing.project_id", "in", [...projects]);
      return (await asked.limit(limit).execute()).map(({ fault_title: fault, ...row }) =>
        // What it is about has its own name, which may be a better one by now.
        toFiling({ ...row, title: fault ?? row.title }),
      );
    },
  };
}

/** Stands in what is written outside; a comment of HTML, so that nobody has to read it. */
export const markerOf = (filingId: string): string => `<!-- prunella:${filingId} -->`;

const toFiling = ({
  holder: _holder,
  held_until: _until,
  tried_at: _tried,
  draft,
  ...filing
}: Tables["filing"]): Filing => ({
  ...filing,
  waits: draft !== null,
});
