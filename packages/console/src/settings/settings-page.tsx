import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "../api/may.ts";
import { meQuery, projectsQuery, rulesQuery } from "../api/queries.ts";
import { useSpoken } from "../parts/command.tsx";
import { Does } from "../parts/does.tsx";
import { Problem } from "../parts/problem.tsx";
import { Ago, Exact } from "../parts/time.tsx";
import { Untrusted } from "../parts/untrusted.tsx";
import { useRuleChanges } from "../rules/changes.ts";
import { RuleDialog } from "../rules/rule-dialog.tsx";
import { RuleWords } from "../rules/rule-words.tsx";
import { useSignOut, useTitle } from "../shell/shell.tsx";
import { People } from "./people.tsx";
import { Projects } from "./projects.tsx";

export function SettingsPage() {
  useTitle("Settings");
  // Shown together: what comes later would push the rest down.
  const waiting = [useQuery(rulesQuery), useQuery(projectsQuery)].some(
    (each) => each.isPending && each.failureCount === 0,
  );
  return (
    <div className="page pb-12 pt-4">
      <div className="flex flex-wrap items-center justify-between gap-4">
        <h1 className="text-lg font-semibold">Settings</h1>
        <nav aria-label="More settings" className="flex flex-wrap gap-x-6">
          <Link to="/settings/messages" className="link inline-flex items-center max-md:min-h-11">
            Messages: who is told, and what arrived
          </Link>
          <Link to="/settings/forge" className="link inline-flex items-center max-md:min-h-11">
            Forge: where issues are filed
          </Link>
        </nav>
      </div>
      {!waiting && (
        <div className="mt-5 space-y-10">
          <Rules />
          <Projects />
          <People />
          <Session />
        </div>
      )}
    </div>
  );
}

function Rules() {
  const say = useSpoken();
  const query = useQuery(rulesQuery);
  const projects = useQuery(projectsQuery).data?.projects ?? [];
  const { remove } = useRuleChanges();
  const [writing, setWriting] = useState(false);
  const may = useMay();
  // Where one may; where there is none, the reason is said of the first.
  const mine = (projects.find(({ id }) => may("POST /v1/grouping-rules", id) === null) ?? projects[0])?.id ?? "default";
  const rules = query.data?.rules ?? [];
  return (
    <section aria-labelledby="rules">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 id="rules" className="font-semibold">
          Grouping rules
        </h2>
        <Does
          route="POST /v1/grouping-rules"
          project={mine}
          className="button button-small"
          onClick={() => setWriting(true)}
        >
          Write a rule…
        </Does>
      </div>
      <p className="mt-1 max-w-160 text-quiet">
        Prunella groups by itself. A rule is for what it cannot know: that failures of different shape are one fault.
        The oldest rule that fits an event decides. A rule does not move events that are counted already.
      </p>
      {query.isError && (
        <Problem
          what="The rules could not be fetched."
          error={query.error}
          works="The rules themselves still group what comes in."
          onRetry={() => void query.refetch()}
        />
      )}
      {query.data !== undefined && rules.length === 0 && (
        <p className="mt-4 max-w-160 border-l-2 border-line pl-3">
          There is no rule, and most projects need none. When one cause shows up as many faults, open one of them and
          choose “Write a grouping rule from this fault”; or in the terminal:{" "}
          <code>{say("prunella rules add --message 'timeout after * ms' --as 'slow upstream'")}</code>
        </p>
      )}
      {rules.length > 0 && (
        <ol className="mt-3 border-t border-line" aria-label="Grouping rules, the oldest first">
          {rules.map((rule) => (
            <li
              key={rule.id}
              className="grid items-center gap-x-4 gap-y-1 border-b border-line py-2 sm:grid-cols-[minmax(0,1fr)_auto]"
            >
              <div className="min-w-0">
                <p>
                  When <RuleWords when={rule.when} />:
                </p>
                <p className="[overflow-wrap:anywhere]">
                  {/\{(?:class|function)\}/.test(rule.group_as) ? "one fault for each " : "one fault named "}
                  <Untrusted text={rule.group_as} />
                </p>
                <p className="text-sm text-quiet">
                  {projects.length > 1 && `project ${rule.project_id} · `}written <Ago at={rule.created_at} />
                </p>
              </div>
              <Does
                route="DELETE /v1/grouping-rules/:id"
                project={rule.project_id}
                className="button button-small justify-self-start"
                aria-label={`Delete the rule ${rule.group_as}`}
                onClick={() => void remove(rule)}
              >
                Delete
              </Does>
            </li>
          ))}
        </ol>
      )}
      {writing && <RuleDialog draft={{ project: mine, when: {}, group_as: "" }} onClose={() => setWriting(false)} />}
    </section>
  );
}

function Session() {
  const me = useQuery(meQuery).data;
  const signOut = useSignOut();
  return (
    <section aria-labelledby="session">
      <h2 id="session" className="font-semibold">
        This session
      </h2>
      {me !== undefined && (
        <p className="mt-1 text-quiet">
          Prunella {me.version}, running since <Exact at={me.started_at} />. This browser is signed in{" "}
          {me.person === null ? (
            "by a link"
          ) : (
            <>
              as <strong>{me.person.name}</strong>
            </>
          )}
          ; signing out ends that here and nowhere else.{" "}
          <Link to="/account" className="link">
            My account
          </Link>
        </p>
      )}
      <p className="mt-1">
        For scripts:{" "}
        <Link to="/docs/api" className="link">
          every address of the API, with a call of each
        </Link>
        .
      </p>
      <button type="button" className="button mt-3" onClick={signOut}>
        Sign out of this browser
      </button>
    </section>
  );
}
