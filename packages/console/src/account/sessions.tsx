import { useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client.ts";
import { sessionsQuery } from "../api/queries.ts";
import { Problem } from "../parts/problem.tsx";
import { Ago } from "../parts/time.tsx";
import { useTry } from "../parts/use-try.ts";
import { EndButton, OwnRow } from "./own-row.tsx";

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
          <OwnRow
            key={session.id}
            title={session.browser}
            end={
              session.current ? (
                <span className="pill ml-auto">this browser</span>
              ) : (
                <EndButton
                  word="End"
                  label={`End the session of ${session.browser} from ${session.address}`}
                  isBusy={busy}
                  onPress={() => end(session.id)}
                />
              )
            }
          >
            from {session.address}, {WAYS[session.way]} <Ago at={session.created_at} />, seen{" "}
            <Ago at={session.seen_at} />
          </OwnRow>
        ))}
      </ul>
      <div role="alert" className="mt-1 min-h-5 text-sm text-bad">
        {problem}
      </div>
    </section>
  );
}
