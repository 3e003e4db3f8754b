import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ForgeCheck } from "@prunella/contract";
import { forgeQuery } from "../api/queries.ts";
import { Command } from "../parts/command.tsx";
import { Nothing, Problem } from "../parts/problem.tsx";
import { Ago } from "../parts/time.tsx";
import { pieces } from "../parts/untrusted.tsx";
import { useTitle } from "../shell/shell.tsx";
import { Filings } from "./filings.tsx";
import { HostFacts } from "./host-facts.tsx";
import { Identity } from "./host-identity.tsx";

/** The host of repositories as it is now: whether it answers, who we are there, what we may, and what waits. */
export function ForgePage() {
  useTitle("Forge");
  const client = useQueryClient();
  const query = useQuery(forgeQuery);
  const forge = query.data?.forge;
  return (
    <div className="page pb-12 pt-4">
      <p className="text-sm">
        <Link to="/settings" className="link">
          Settings
        </Link>
      </p>
      <div className="flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-2 max-md:min-h-11">
        <h1 className="text-lg font-semibold">Forge</h1>
        {forge != null && (
          <p className="flex flex-wrap items-center gap-x-3 text-sm text-quiet">
            <span>
              Asked <Ago at={query.dataUpdatedAt} />
            </span>
            <button
              type="button"
              className="button button-small max-md:min-h-11"
              disabled={query.isFetching}
              onClick={() => void client.invalidateQueries({ queryKey: ["forge"] })}
            >
              Ask again
            </button>
          </p>
        )}
      </div>
      <p className="mt-1 max-w-160 text-quiet">
        The host of a team’s repositories, where what failed becomes issues. It stands in <code>prunella.yaml</code>{" "}
        under <code>forge</code>; <code>docs/forge.md</code> says all of it.
      </p>
      {query.isError && (
        <Problem
          what="The host could not be looked at."
          error={query.error}
          works="What is to be filed is filed all the same."
          onRetry={() => void query.refetch()}
        />
      )}
      {query.isPending && (
        <p role="status" className="mt-5 text-quiet">
          The host is asked how it is. One that is gone is waited for ten seconds.
        </p>
      )}
      {forge === null && <NoHost />}
      {forge != null && (
        <div className="mt-5 grid gap-x-10 gap-y-8 lg:grid-cols-[minmax(0,1fr)_minmax(0,24rem)] lg:grid-rows-[auto_1fr]">
          <div className="grid min-w-0 content-start gap-8">
            <Verdict problems={forge.problems} />
            {forge.identities.map((identity) => (
              <Identity key={identity.role} identity={identity} />
            ))}
          </div>
          <HostFacts forge={forge} className="lg:col-start-2 lg:row-span-2 lg:row-start-1" />
          <Filings />
        </div>
      )}
      {query.isError && <Filings />}
    </div>
  );
}

function Verdict({ problems }: Pick<ForgeCheck, "problems">) {
  if (problems.length === 0)
    return (
      <p className="font-semibold">
        <span className="text-good">✓</span> All is as it should be.
      </p>
    );
  return (
    <section aria-labelledby="wrong">
      <h2 id="wrong" className="section-title">
        Not as it should be
      </h2>
      <ul className="mt-1 border-t border-line">
        {problems.map((problem) => (
          <li key={problem} className="flex gap-2 border-b border-line py-2">
            <span className="text-warn" aria-hidden="true">
              ▲
            </span>
            <bdi className="min-w-0 [overflow-wrap:anywhere]">{pieces(problem)}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}

function NoHost() {
  return (
    <>
      <Nothing title="No host of repositories yet">
        GitHub, Gitea or Forgejo. Either command makes or looks at an identity with the permissions that are needed, and
        prints what to write into the configuration. Nothing is filed before a plugin is trusted with it.
      </Nothing>
      <div className="grid max-w-160 gap-3">
        <Command words="forge setup github --public-url https://prunella.example.com" label="set up GitHub" />
        <Command
          words="forge setup gitea --at https://git.example.com --user-token gitea.token --public-url https://prunella.example.com"
          label="set up Gitea or Forgejo"
        />
      </div>
    </>
  );
}
