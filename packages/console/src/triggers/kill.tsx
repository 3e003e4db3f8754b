import { useState } from "react";
import type { KillSwitch } from "@prunella/contract";
import { ApiFailure } from "../api/client.ts";
import { AsCommand } from "../parts/command.tsx";
import { Does } from "../parts/does.tsx";
import { Ago } from "../parts/time.tsx";
import { actorWords } from "../parts/words.ts";
import { useKillSwitch } from "../shell/kill-banner.tsx";

/** Stops every remedy. Two presses to turn on, two to turn off: neither may happen by a slip. */
export function Kill({ state }: { state: KillSwitch }) {
  const [asking, setAsking] = useState(false);
  const turn = useKillSwitch(() => setAsking(false));
  return (
    <section aria-labelledby="kill" className={`mt-4 border-l-2 pl-4 ${state.on ? "border-bad" : "border-line"}`}>
      <h2 id="kill" className="font-semibold">
        Kill switch:{" "}
        {state.on ? (
          <span className="text-bad">
            <span aria-hidden="true">{"■\u00a0"}</span>on
          </span>
        ) : (
          "off"
        )}
      </h2>
      <p className="mt-1">
        {state.on
          ? "Nothing is healed, in no project: every remedy below is held back, whatever its own switch says."
          : "Remedies act, each within its envelope and budget."}
      </p>
      <p className="mt-1 text-sm text-quiet">
        {state.on && state.since !== null ? (
          <>
            Switched on{state.by !== null && ` by ${actorWords(state.by)}`}, <Ago at={state.since} />. Programs that run
            go on; failures are still taken in and counted.
          </>
        ) : (
          "Switched on, it holds back every remedy of every project at once. Programs that run go on; failures are still taken in and counted."
        )}
      </p>
      <div className="mt-3 flex min-h-8 flex-wrap items-center gap-2">
        {asking ? (
          <>
            <span>{state.on ? "Let remedies act again?" : "Hold back all remedies now?"}</span>
            <button
              type="button"
              autoFocus
              className={`button max-md:min-h-11 ${state.on ? "button-primary" : "button-bad"}`}
              disabled={turn.isPending}
              onClick={() => turn.mutate(!state.on)}
            >
              {state.on ? "Yes, let them act" : "Yes, stop all remedies"}
            </button>
            <button type="button" className="button button-plain max-md:min-h-11" onClick={() => setAsking(false)}>
              Cancel
            </button>
          </>
        ) : (
          <Does
            route={state.on ? "POST /v1/unkill" : "POST /v1/kill"}
            project={null}
            className={`button max-md:min-h-11 ${state.on ? "" : "button-bad"}`}
            onClick={() => setAsking(true)}
          >
            {state.on ? "Turn the kill switch off…" : "Stop all remedies…"}
          </Does>
        )}
      </div>
      {asking && (
        <AsCommand
          words={state.on ? "unkill" : "kill"}
          route={state.on ? "POST /v1/unkill" : "POST /v1/kill"}
          input={{}}
        />
      )}
      <div role="alert">
        {turn.error !== null && (
          <p className="mt-1 text-bad">
            The switch did not move. {turn.error instanceof ApiFailure ? turn.error.message : ""}
          </p>
        )}
      </div>
    </section>
  );
}
