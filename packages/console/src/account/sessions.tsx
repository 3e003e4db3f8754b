import { useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client.ts";
import { sessionsQuery } from "../api/queries.ts";
import { Problem } from "../parts/problem.tsx";
import { Ago } from "../parts/time.tsx";
import { useTry } from "../parts/use-try.ts";

const WAYS = {
  link: "by a link",
  invitation: "by an invitation",
  password: "by password and code",
  passkey: "by a passkey",
  oidc: "by another provider",
} as const;

export function Sessions() {
  const client = useQueryClient();
  const query = useQuery(sessionsQuery);
  const { busy, problem, run } = useTry();
  const refresh = () => client.invalidateQueries({ queryKey: ["sessions"] });
  const end = (id: string) =>
    run(async () => {
      await call("DELETE /v1/sessions/:id", { id });
      await refresh();
    });
  const endOthers = () =>
    run(async () => {
      await call("POST /v1/sessions/end", {});
      await refresh();
    });
  const sessions = query.data?.sessions ?? [];
  return (
    <section aria-labelledby="sessions">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 id="sessions" className="font-semibold">
          Where you are signed in
        </h2>
        {sessions.length > 1 && (
          <button type="button" className="button button-small" disabled={busy} onClick={endOthers}>
            End all others
          </button>
        )}
      </div>
      {query.isError && (
        <Problem
          what="Your sessions could not be fetched."
          error={query.error}
          works="You are still signed in."
          onRetry={() => void query.refetch()}
        />
      )}
      <ul className="mt-3 border-t border-line">
        {sessions.map((session) => (
          <li key={session.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line py-2">
            <span className="font-semibold">{session.browser}</span>
            <span className="text-sm text-quiet [overflow-wrap:anywhere]">
              from {session.address}, {WAYS[session.way]} <Ago at={session.created_at} />, seen{" "}
              <Ago at={session.seen_at} />
            </span>
            {session.current ? (
              <span className="pill ml-auto">this browser</span>
            ) : (
              <button
                type="button"
                className="button button-small ml-auto"
                aria-label={`End the session of ${session.browser} from ${session.address}`}
                disabled={busy}
                onClick={() => end(session.id)}
              >
                End
              </button>
            )}
          </li>
        ))}
      </ul>
      <div role="alert" className="mt-1 min-h-5 text-sm text-bad">
        {problem}
      </div>
    </section>
  );
}
