import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ApiFailure, call } from "../api/client.ts";
import { Does } from "../parts/does.tsx";
import { killQuery } from "../api/queries.ts";
import { Ago, Exact } from "../parts/time.tsx";
import { actorWords } from "../parts/words.ts";

/** Moves the switch, and has every page that speaks of it look again. */
export function useKillSwitch(onMoved: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (on: boolean) => call(on ? "POST /v1/kill" : "POST /v1/unkill", {}),
    onSuccess: (state) => {
      client.setQueryData(killQuery.queryKey, state);
      onMoved();
    },
    onSettled: () =>
      Promise.all(
        ["kill", "triggers", "explain", "supervised"].map((key) => client.invalidateQueries({ queryKey: [key] })),
      ),
  });
}

/** Above every page while it is on, because nothing is healed then, whichever page one looks at. */
export function KillBanner() {
  const state = useQuery(killQuery).data;
  const [asking, setAsking] = useState(false);
  const turn = useKillSwitch(() => setAsking(false));
  if (state?.on !== true) return null;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-bad-wash px-4 py-2 md:px-6">
      <p className="min-w-0 flex-1 basis-72">
        <strong className="font-semibold text-bad">
          <span aria-hidden="true">{"■\u00a0"}</span>Nothing is healed:
        </strong>{" "}
        the{" "}
        <Link to="/triggers" hash="kill" className="link">
          kill switch
        </Link>{" "}
        is on
        {state.by !== null && `, switched by ${actorWords(state.by)}`}
        {state.since !== null && (
          <>
            , <Ago at={state.since} /> (<Exact at={state.since} />)
          </>
        )}
        . Failures are still taken in and counted.
      </p>
      <div className="flex flex-wrap items-center gap-2">
        {asking ? (
          <>
            <button
              type="button"
              autoFocus
              className="button button-primary max-md:min-h-11"
              disabled={turn.isPending}
              onClick={() => turn.mutate(false)}
            >
              Yes, let remedies act
            </button>
            <button type="button" className="button max-md:min-h-11" onClick={() => setAsking(false)}>
              Leave it on
            </button>
          </>
        ) : (
          <Does
            route="POST /v1/unkill"
            project={null}
            className="button max-md:min-h-11"
            onClick={() => setAsking(true)}
          >
            Switch it off…
          </Does>
        )}
      </div>
      <div role="alert" className="basis-full empty:hidden">
        {turn.error !== null && (
          <p className="text-bad">
            The switch did not move. {turn.error instanceof ApiFailure ? turn.error.message : ""}
          </p>
        )}
      </div>
    </div>
  );
}
