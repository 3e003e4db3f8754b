import type { Forge, ForgeRefusal } from "@prunella/forge";
import type { CommentPlace, Kernel, Log } from "@prunella/kernel";
import { fileHeld, isForNow } from "./file-held.ts";
import { tellHeld } from "./tell-held.ts";
import { nameOf } from "./told.ts";

export interface BacklogDeps {
  readonly forge: Pick<Forge, "openIssue" | "issue" | "commentOnIssue">;
  readonly filings: Kernel["filings"];
  /** When the host may be asked again; null: now. */
  readonly until: () => Promise<number | null>;
  readonly log: Log;
  readonly clock: { now(): number; after(ms: number, callback: () => void): () => void };
}

const AT_ONCE = 20;
const ASK_MS = 30_000;
/** Between two looks where nothing woke us, and after a host that could not be reached. */
const LOOK_MS = 60_000;

/**
 * Files what waits, the worst first, and then tells issues what they were to be told, as soon as the host may be asked.
 * All of it stands in rows: a server that starts finds what the last one left, and of several one at a time holds each.
 */
export function createBacklog({ forge, filings, until, log, clock }: BacklogDeps) {
  let underWay: Promise<void> | null = null;
  let isWanted = false;
  let isClosed = false;
  let stop: (() => void) | null = null;

  function wakeIn(ms: number): void {
    stop?.();
    stop = isClosed ? null : clock.after(Math.max(0, ms), wake);
  }

  function wake(): void {
    if (isClosed) return;
    isWanted = true;
    if (underWay !== null) return;
    underWay = work()
      .catch((error: unknown) => {
        log.warn(`what waits to be filed could not be read: ${error instanceof Error ? error.message : String(error)}`);
        return LOOK_MS;
      })
      .then((next) => {
        underWay = null;
        if (isWanted) wake();
        else wakeIn(next);
      });
  }

  /** How long nothing needs to be done. */
  async function work(): Promise<number> {
    for (;;) {
      isWanted = false;
      if (isClosed) return LOOK_MS;
      const next = await until();
      if (next !== null) return Math.min(LOOK_MS, next - clock.now());
      const all = await filings.waiting(AT_ONCE);
      const comments = all.length === 0 ? await filings.comments.waiting(AT_ONCE) : [];
      if (all.length + comments.length === 0) return LOOK_MS;
      const deeds = [
        ...all.map(
          ({ filing, draft }) =>
            () =>
              file(filing, draft),
        ),
        ...comments.map((one) => () => tell(one)),
      ];
      for (const deed of deeds) {
        if (isClosed) return LOOK_MS;
        const refusal = await deed();
        if (refusal !== null && isForNow(refusal)) {
          const again = await until();
          // What its host told stands written; of one that could not be reached nothing does.
          return again === null ? LOOK_MS : Math.min(LOOK_MS, again - clock.now());
        }
      }
    }
  }

  type One = Awaited<ReturnType<BacklogDeps["filings"]["waiting"]>>[number];

  async function file(filing: One["filing"], draft: One["draft"]): Promise<ForgeRefusal | null> {
    const { filing_id: filingId, project_id: projectId, place, name, fault_id: faultId } = filing;
    const held = await filings.hold({ projectId, place, name, faultId });
    if (held.kind === "busy" || held.filing.number !== null) return null;
    try {
      const asked = await fileHeld({ forge, filings }, held, draft, AbortSignal.timeout(ASK_MS));
      if (asked.ok) return null;
      if (!isForNow(asked.refusal)) log.warn(`${place} will not have an issue that waited: ${asked.refusal.message}`);
      return asked.refusal;
    } finally {
      await filings.release({ filingId, holder: held.holder });
    }
  }

  async function tell(place: CommentPlace): Promise<ForgeRefusal | null> {
    const held = await filings.comments.hold(place);
    if (held?.kind !== "held") return null;
    const { place: repo, issue } = place;
    const seen = await forge.issue(nameOf(repo), issue, AbortSignal.timeout(ASK_MS));
    // Closed meanwhile by a person who will not have it: nobody is told more of it.
    if (seen.ok && seen.value.closedAs === "not_planned") {
      await filings.comments.done(held);
      return null;
    }
    const asked = await tellHeld({ forge, filings }, place, held, AbortSignal.timeout(ASK_MS));
    if (asked.ok) return null;
    if (!isForNow(asked.refusal)) log.warn(`${repo} will not have a comment that waited: ${asked.refusal.message}`);
    return asked.refusal;
  }

  return {
    wake,
    async close(): Promise<void> {
      isClosed = true;
      stop?.();
      await underWay;
    },
  };
}
