import type { ForgeCheck } from "@prunella/contract";
import type { FilingBacklog } from "@prunella/contract/plugins";
import type { Forge } from "@prunella/forge";
import type { Kernel } from "@prunella/kernel";

/** What people are shown of the host of repositories. */
export interface RepositoriesView {
  readonly kind: Forge["kind"];
  /** As waits are written down for it. */
  readonly place: string;
  /** Asks it how it is. */
  check(): Promise<ForgeCheck>;
}

/** Issues and comments that a host takes in an hour: what GitHub documents at most, and about one a second of one's own. */
const PER_HOUR: Readonly<Record<Forge["kind"], number>> = { github: 500, gitea: 3_600 };

export async function backlogOf(
  filings: Kernel["filings"],
  of: {
    readonly view: Pick<RepositoriesView, "kind" | "place"> | null;
    readonly projects: readonly string[] | null;
    readonly now: number;
  },
): Promise<FilingBacklog> {
  const { view, projects, now } = of;
  const waiting = projects?.length === 0 ? 0 : await filings.backlog(projects);
  const wait = view === null ? null : await filings.waits.until(view.place);
  const endsAt =
    waiting === 0 || view === null
      ? null
      : Math.round(Math.max(now, wait?.until ?? now) + (waiting / PER_HOUR[view.kind]) * 3_600_000);
  return { waiting, until: wait?.until ?? null, reason: wait?.reason ?? null, ends_at: endsAt };
}
