import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { SupervisedRow } from "@prunella/contract";
import { supervisedQuery } from "../api/queries.ts";
import { Command } from "../parts/command.tsx";
import { KillSwitchLink } from "../parts/kill-switch-link.tsx";
import { Problem } from "../parts/problem.tsx";
import { Ago, span, useNow } from "../parts/time.tsx";
import { plural } from "../parts/words.ts";
import { useTitle } from "../shell/shell.tsx";
import { Act, Followed, type Asked } from "./act.tsx";
import { DayStrip, dayWords } from "./day-strip.tsx";
import { Output } from "./output.tsx";
import { conditionOf, CONDITIONS, exitWords, verdictWords, vitalsWords } from "./program-words.ts";

/** Whether each program is up, how it was, and what a person can do about it. */
export function ProgramsPage() {
  useTitle("Programs");
  // No notice says how much memory one takes.
  const query = useQuery({ ...supervisedQuery, refetchInterval: 10_000 });
  const programs = query.data?.supervised;
  return (
    <div className="page pb-12 pt-4">
      <h1 className="text-lg font-semibold">Programs</h1>
      {query.isError && (
        <Problem
          what="The programs could not be fetched."
          error={query.error}
          works="They go on as they were; from the terminal: prunella programs."
          onRetry={() => void query.refetch()}
        />
      )}
      {programs?.length === 0 && <NoPrograms />}
      {programs !== undefined && programs.length > 0 && (
        <ul className="mt-3 border-t border-line">
          {programs.map((program) => (
            <Program key={`${program.project_id}/${program.name}`} program={program} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Program({ program }: { program: SupervisedRow }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const condition = conditionOf(program);
  const { tone, shape, word } = CONDITIONS[condition];
  return (
    <li className="border-b border-line py-4">
      <article
        aria-label={program.name}
        className="grid gap-x-8 gap-y-3 md:grid-cols-[minmax(0,1fr)_15rem_auto] md:items-start"
      >
        <div className="min-w-0">
          <h2 className="font-semibold [overflow-wrap:anywhere]">
            {program.name} <span className="font-normal text-quiet">in {program.project_id}</span>
          </h2>
          <p className="mt-0.5">
            <span className={tone}>
              <span aria-hidden="true">{`${shape}\u00a0`}</span>
              {word}
            </span>{" "}
            <span className="text-quiet">· </span>
            <Since program={program} />
          </p>
          <Facts program={program} />
        </div>
        <div>
          <DayStrip day={program.day} name={program.name} />
          <p className="mt-1 text-sm text-quiet">In 24 h: {dayWords(program.day)}</p>
        </div>
        <div className="flex flex-wrap gap-2 md:w-60 md:justify-end">
          {program.open_escalation_id !== null && (
            <Link
              to="/escalations/$id"
              params={{ id: program.open_escalation_id }}
              className="button button-primary max-md:min-h-11 max-md:flex-1"
            >
              Decide
              <span className="sr-only"> about {program.name}</span>
            </Link>
          )}
          <Act program={program} onAsked={setAsked} />
        </div>
      </article>
      {asked !== null && (
        <div className="mt-3 border-l-2 border-accent pl-3 text-sm">
          <Followed program={program} asked={asked} />
        </div>
      )}
      <Output program={program} />
    </li>
  );
}

function Since({ program: { state, since, pid } }: { program: SupervisedRow }) {
  const now = Math.max(useNow(), Date.now());
  const long = (
    <time dateTime={new Date(since).toISOString()} className="whitespace-nowrap">
      {span(Math.max(0, now - since))}
    </time>
  );
  if (state === "stopped")
    return (
      <span className="text-quiet">
        <Ago at={since} />
      </span>
    );
  return (
    <span className="text-quiet">
      for {long}
      {pid !== null && `, pid ${pid}`}
    </span>
  );
}

function Facts({ program }: { program: SupervisedRow }) {
  const { restarts_day: ofDay, restarts, last_crash: crash, fault_id: faultId, last_attempt: last } = program;
  return (
    <ul className="mt-1 text-sm text-quiet">
      {program.vitals !== null && vitalsWords(program.vitals) !== null && <li>{vitalsWords(program.vitals)}</li>}
      <li>
        {ofDay === 0 && restarts === 0
          ? "Never restarted in this run."
          : `${plural(ofDay, "restart")} in 24 h, ${restarts.toLocaleString("en")} in this run.`}
      </li>
      <li>
        {crash === null ? (
          "No crash is known."
        ) : (
          <>
            Last crash: {exitWords(crash)}, <Ago at={crash.at} />.
            {faultId !== null && (
              <>
                {" "}
                <Link to="/faults/$id" params={{ id: faultId }} className="link whitespace-nowrap">
                  Open its fault
                </Link>
              </>
            )}
          </>
        )}
      </li>
      {last !== null && (
        <li>
          Last asked: {verdictWords(last)}, {last.by.kind === "trigger" ? "by policy" : `by a ${last.by.kind}`},{" "}
          <Ago at={last.at} />.{last.refusal === "killed" && <KillSwitchLink />}
        </li>
      )}
    </ul>
  );
}

function NoPrograms() {
  return (
    <div className="max-w-160 py-8">
      <p className="text-lg font-semibold">No program is supervised</p>
      <p className="mt-1 text-quiet">
        A program that Prunella starts is watched, kept up within its budget, and can be stopped and started from here.
        One, from a terminal, for as long as that is open:
      </p>
      <div className="mt-2">
        <Command words="run --name my-service -- ./my-service --port 8080" label="command for one program" />
      </div>
      <p className="mt-4 text-quiet">
        Or together with the server: name it below <code>supervise:</code> in <code>prunella.yaml</code>, then
      </p>
      <div className="mt-2">
        <Command words="up --config prunella.yaml" label="command for all programs of the configuration" />
      </div>
    </div>
  );
}
