import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReleaseRow } from "@prunella/contract";
import { projectsQuery, releasesQuery } from "../api/queries.ts";
import { Nothing, Problem } from "../parts/problem.tsx";
import { ProjectChoice } from "../parts/project-choice.tsx";
import { Ago } from "../parts/time.tsx";
import { Untrusted } from "../parts/untrusted.tsx";
import { plural } from "../parts/words.ts";
import { useTitle } from "../shell/shell.tsx";

/** Versions of programs, the newest first, with what each brought. */
export function ReleasesPage() {
  useTitle("Releases");
  const { project } = useSearch({ from: "/shell/releases" });
  const navigate = useNavigate({ from: "/releases" });
  const query = useQuery(releasesQuery(project));
  const projects = useQuery(projectsQuery).data?.projects ?? [];
  const releases = query.data?.releases;
  return (
    <div className="page pb-12 pt-4">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h1 className="text-lg font-semibold">Releases</h1>
        <ProjectChoice project={project} onChoose={(chosen) => void navigate({ search: { project: chosen } })} />
      </div>
      {query.isError && (
        <Problem
          what="The releases could not be fetched."
          error={query.error}
          works="Faults still say in which releases they were seen."
          onRetry={() => void query.refetch()}
        />
      )}
      {releases?.length === 0 && (
        <Nothing title="No release is known">
          One appears with the first event that names it: set <code>release</code> in the SDK, or announce it with
          sentry-cli.
        </Nothing>
      )}
      {releases !== undefined && releases.length > 0 && (
        <ol className="mt-3 border-t border-line" aria-label="Releases, the newest first">
          {releases.map((release, index) => (
            <li
              key={`${release.project_id} ${release.version}`}
              className="relative -mx-2 grid gap-x-6 gap-y-1 border-b border-line px-2 py-2.5 hover:bg-sunk sm:grid-cols-[minmax(0,1fr)_auto] sm:items-baseline"
            >
              {/* Over the row instead of around the name, which is text that an outsider may have written. */}
              <Link
                to="/releases/$project/$version"
                params={{ project: release.project_id, version: release.version }}
                aria-labelledby={`release-${index}`}
                className="absolute inset-0 -outline-offset-2"
              />
              <div className="min-w-0">
                <span id={`release-${index}`} className="font-semibold [overflow-wrap:anywhere]">
                  <Untrusted text={release.version} />
                </span>
                {projects.length > 1 && <span className="text-quiet"> in {release.project_id}</span>}
                <p className="text-sm text-quiet">
                  <ReleaseFacts release={release} />
                </p>
              </div>
              <Brought release={release} />
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

/** What is new in it and what came back with it, in words. */
export function Brought({ release }: { release: ReleaseRow }) {
  const { new_faults: fresh, regressed_faults: back } = release;
  return (
    <p className="text-sm sm:text-right">
      {fresh === 0 && back === 0 ? (
        <span className="text-quiet">nothing new</span>
      ) : (
        <>
          {fresh > 0 && plural(fresh, "new fault")}
          {fresh > 0 && back > 0 && " · "}
          {back > 0 && <span className="text-warn">▲ {back.toLocaleString("en")} came back</span>}
        </>
      )}
    </p>
  );
}

export function ReleaseFacts({ release }: { release: ReleaseRow }) {
  return (
    <>
      first known <Ago at={release.known_since} /> ·{" "}
      {release.last_event === null ? (
        "no event yet"
      ) : (
        <>
          {plural(release.events, "event")}, the last <Ago at={release.last_event} />
        </>
      )}
      {release.deployed_to.length > 0 && (
        <>
          {" "}
          · runs in <Untrusted text={release.deployed_to.join(", ")} />
        </>
      )}
      {release.date_released !== null && (
        <>
          {" "}
          · released <Untrusted text={release.date_released} />
        </>
      )}
    </>
  );
}
