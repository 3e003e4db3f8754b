import type { Core } from "../core.ts";
import { lockHead } from "../ledger/append.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";

/** Longer than any request waits for its answer. */
const HELD_MS = 120_000;

/** One comment of one issue, which is put right in place. */
export interface CommentPlace {
  readonly projectId: string;
  /** `owner/name`, in small letters. */
  readonly place: string;
  readonly issue: number;
  readonly marker: string;
}

export interface WaitingComment extends CommentPlace {
  /** Scrubbed. */
  readonly body: string;
}

export type HeldComment =
  /** Nobody else writes it now; `version` tells this text from one that comes meanwhile. */
  | { readonly kind: "held"; readonly holder: string; readonly version: number; readonly body: string }
  /** Whoever holds it leaves the newest text for the next. */
  | { readonly kind: "busy" };

/**
 * What an issue is to be told. The row is there before anything is sent, with the newest text alone: a comment that its
 * host does not take now is not lost, and however often it is wanted meanwhile, one is written.
 */
export function createComments({
  db,
  writer,
  clock,
  newId,
  scrubText,
}: Core & { readonly scrubText: (text: string) => { readonly text: { readonly value: string } } }) {
  return {
    /** Keeps the newest text (left out: what stands), and holds it where nobody does. Null: nothing waits there. */
    async hold({ projectId, place, issue, marker }: CommentPlace, text?: string): Promise<HeldComment | null> {
      const body = text === undefined ? null : scrubText(text).text.value;
      const holder = newId();
      return writer.run(async (tx) => {
        await lockHead(tx);
        const now = clock.now();
        const [found] = await rows<Tables["waiting_comment"]>(tx.db)`select * from waiting_comment
          where project_id = ${projectId} and place = ${place} and issue = ${issue} and marker = ${marker}`;
        if (found === undefined && body === null) return null;
        const version = (found?.version ?? 0) + (body === null ? 0 : 1);
        const isHeld = found?.held_until != null && found.held_until > now;
        const held = isHeld ? {} : { holder, held_until: now + HELD_MS };
        const newest = { body: body ?? found?.body ?? "", version, ...held };
        const row = { project_id: projectId, place, issue, marker, first_at: now, holder, held_until: now + HELD_MS };
        await tx.db
          .insertInto("waiting_comment")
          .values({ ...row, ...newest })
          .onConflict((on) => on.columns(["project_id", "place", "issue", "marker"]).doUpdateSet(newest))
          .execute();
        return isHeld ? { kind: "busy" } : { kind: "held", holder, version, body: newest.body };
      });
    },

    /** It stands there, or will never: it waits no longer, unless a newer text came meanwhile. */
    async done({ holder, version }: { holder: string; version: number }): Promise<void> {
      await writer.run(
        (tx) => rows(tx.db)`delete from waiting_comment where holder = ${holder} and version = ${version} returning 1`,
      );
    },

    /** Somebody else may write it. */
    async release({ holder }: { holder: string }): Promise<void> {
      await writer.run(
        (tx) =>
          rows(tx.db)`update waiting_comment set holder = null, held_until = null where holder = ${holder} returning 1`,
      );
    },

    /** What nobody writes now, what waits longest first. */
    async waiting(limit: number): Promise<readonly WaitingComment[]> {
      const found = await rows<Tables["waiting_comment"]>(db)`select * from waiting_comment
        where held_until is null or held_until <= ${clock.now()}
        order by first_at, place, issue, marker limit ${limit}`;
      return found.map(({ project_id: projectId, place, issue, marker, body }) => ({
        projectId,
        place,
        issue,
        marker,
        body,
      }));
    },
  };
}
