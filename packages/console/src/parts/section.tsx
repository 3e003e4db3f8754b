import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

const TAB =
  "inline-flex items-center rounded-md px-2 py-1 text-sm text-quiet hover:bg-sunk max-md:min-h-11 max-md:px-3 max-[360px]:px-1.5 aria-[current]:bg-accent-wash aria-[current]:font-semibold aria-[current]:text-accent";

/** The head of a page that shares its place in the rail with others: its title, and the way to them. */
export function Head({ title, label, children }: { title: string; label: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-2 border-b border-line pb-2">
      <h1 className="text-lg font-semibold">{title}</h1>
      <nav aria-label={label} className="flex flex-wrap">
        {children}
      </nav>
    </div>
  );
}

/** What waits for people: questions, what was left while they were away, causes to be repaired. */
export function EscalationsHead({ title, open }: { title: string; open?: number | undefined }) {
  return (
    <Head title={title} label="Which">
      {([undefined, "all"] as const).map((each) => (
        <Link
          key={each ?? "open"}
          to="/escalations"
          search={{ status: each }}
          activeOptions={{ exact: true, includeSearch: true }}
          className={TAB}
        >
          {each === undefined ? `Open ${open ?? ""}` : "All"}
        </Link>
      ))}
      <Link to="/escalations/away" activeOptions={{ includeSearch: false }} className={TAB}>
        Away
      </Link>
      <Link to="/escalations/sprints" activeOptions={{ includeSearch: false }} className={TAB}>
        Sprints
      </Link>
    </Head>
  );
}

const OF_TRIGGERS = [
  ["/triggers", "Triggers"],
  ["/triggers/envelopes", "Envelopes"],
  ["/triggers/pauses", "Pauses"],
  ["/triggers/approvals", "Approvals"],
  ["/triggers/rehearsal", "Rehearsal"],
  ["/triggers/plugins", "Plugins"],
] as const;

/** What the healer may do, and what holds it back. */
export function TriggersHead({ title }: { title: string }) {
  return (
    <Head title={title} label="What the healer may do">
      {OF_TRIGGERS.map(([to, words]) => (
        <Link key={to} to={to} activeOptions={{ exact: true, includeSearch: false }} className={TAB}>
          {words}
        </Link>
      ))}
    </Head>
  );
}
