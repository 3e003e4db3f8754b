import { useQuery } from "@tanstack/react-query";
import { maintenanceQuery, overridesQuery, pausesQuery, triggersQuery } from "../api/queries.ts";
import { useSpoken } from "../parts/command.tsx";
import { Nothing, Problem } from "../parts/problem.tsx";
import { TriggersHead } from "../parts/section.tsx";
import { useTitle } from "../shell/shell.tsx";
import { Kill } from "./kill.tsx";
import { Trigger } from "./trigger.tsx";

/** Every trigger with what it would do, what holds it back now, and what is left of its budgets. */
export function TriggersPage() {
  useTitle("Triggers");
  const query = useQuery(triggersQuery);
  const pauses = useQuery(pausesQuery);
  const windows = useQuery(maintenanceQuery);
  const overrides = useQuery(overridesQuery);
  const say = useSpoken();
  return (
    <div className="page pb-12 pt-4">
      <TriggersHead title="Triggers" />
      {query.isError && (
        <Problem
          what="The triggers could not be fetched."
          error={query.error}
          works="The gate still applies every limit. The kill switch also works from the terminal: prunella kill."
          onRetry={() => void Promise.all([query, pauses, windows, overrides].map((each) => each.refetch()))}
        />
      )}
      {query.data !== undefined && (
        <>
          <Kill state={query.data.killed} />
          {query.data.triggers.length === 0 ? (
            <Nothing title="No triggers yet">
              A trigger appears when a program opts in:{" "}
              <code>{say("prunella run --name my-service -- ./my-service")}</code>, or when it stands below{" "}
              <code>triggers:</code> in <code>prunella.yaml</code>.
            </Nothing>
          ) : (
            <ul>
              {query.data.triggers.map((trigger) => (
                <Trigger
                  key={`${trigger.project_id}/${trigger.id}`}
                  trigger={trigger}
                  standing={{
                    isKilled: query.data.killed.on,
                    pauses: pauses.data?.pauses ?? [],
                    windows: windows.data?.windows ?? [],
                    overrides: overrides.data?.overrides ?? [],
                  }}
                />
              ))}
            </ul>
          )}
        </>
      )}
    </div>
  );
}
