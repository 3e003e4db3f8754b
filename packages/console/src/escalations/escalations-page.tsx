import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";
import type { EscalationPage } from "@prunella/contract";
import { escalationsQuery, messagesQuery, supervisedQuery } from "../api/queries.ts";
import { Deliveries } from "../parts/deliveries.tsx";
import { AttemptList } from "../parts/attempts.tsx";
import { Nothing, Problem } from "../parts/problem.tsx";
import { EscalationsHead } from "../parts/section.tsx";
import { Sparkline } from "../parts/sparkline.tsx";
import { Ago } from "../parts/time.tsx";
import { Untrusted } from "../parts/untrusted.tsx";
import { plural, refusalWords, targetWords } from "../parts/words.ts";
import { conditionOf, CONDITIONS } from "../programs/program-words.ts";
import { useKeys } from "../shell/keys.ts";
import { useTitle } from "../shell/shell.tsx";
import { Fold } from "../parts/fold.tsx";
import { Question } from "./decide.tsx";
import { matterWords, triedWords } from "./matter.ts";
import { Outcome } from "./outcome.tsx";

type Row = EscalationPage["escalations"][number];
const HOUR = 3_600_000;

/** What waits for a person; decided ones on request. */
export function EscalationsPage() {
  useTitle("Escalations");
  const { status } = useSearch({ from: "/shell/escalations" });
  /** Decided here: they stay, so that what comes of them is seen. */
  const [followed, setFollowed] = useState<readonly string[]>([]);
  const [focused, setFocused] = useState<string | null>(null);
  const query = useQuery(escalationsQuery(status ?? (followed.length > 0 ? "all" : "open")));
  const list = useRef<HTMLDivElement>(null);
  const move = (by: number) => {
    const all = [...(list.current?.querySelectorAll<HTMLElement>("article") ?? [])];
    const current = all.findIndex((each) => each.contains(document.activeElement));
    all[Math.min(all.length - 1, Math.max(0, current + (current === -1 && by < 0 ? 1 : by)))]?.focus();
  };
  useKeys([
    { keys: "j", run: () => move(1) },
    { keys: "k", run: () => move(-1) },
  ]);
  const rows = query.data?.escalations ?? [];
  const open = rows.filter((row) => row.status === "open");
  const isFollowed = (row: Row) => followed.includes(row.id);
  const closed = rows.filter((row) => row.status !== "open" && !isFollowed(row) && status === "all");
  return (
    <div ref={list} className="page pb-12 pt-4">
      <EscalationsHead title="Escalations" open={query.data?.open} />
      {query.isError && (
        <Problem
          what="The escalations could not be fetched."
          error={query.error}
          works="Their defaults still take effect at their time."
          onRetry={() => void query.refetch()}
        />
      )}
      {rows
        .filter((row) => row.status === "open" || isFollowed(row))
        .map((row) => (
          <Full
            key={row.id}
            row={row}
            level="h2"
            // Of several only the one that has the focus: a key must not decide what nobody looks at.
            keys={open.length === 1 || focused === row.id}
            onFocus={() => setFocused(row.id)}
            onDecided={() => setFollowed((ids) => [...ids, row.id])}
          />
        ))}
      {query.data !== undefined && open.length === 0 && (
        <Nothing title="Nothing waits for you">
          Prunella asks here when a budget is used up or a remedy did not help. One question per episode, never a
          stream.
        </Nothing>
      )}
      {closed.length > 0 && (
        <section className="mt-8">
          <h2 className="section-title">Decided</h2>
          <ul className="mt-1 border-t border-line">
            {closed.map((row) => (
              <li key={row.id} className="flex flex-wrap items-baseline gap-x-4 gap-y-1 border-b border-line py-2">
                <Link to="/escalations/$id" params={{ id: row.id }} className="link">
                  {matterWords(row)}
                </Link>
                <Outcome escalation={row} answer={row.answer} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

/** One escalation at its own address, open or decided. */
export function EscalationPageOne() {
  const { id } = useParams({ from: "/shell/escalations/$id" });
  const { link } = useSearch({ from: "/shell/escalations/$id" });
  const query = useQuery(escalationsQuery("all"));
  const row = query.data?.escalations.find((each) => each.id === id);
  useTitle(row === undefined ? "Escalation" : matterWords(row));
  return (
    <div className="page pb-12 pt-4">
      <p className="text-sm">
        <Link to="/escalations" className="link">
          Escalations
        </Link>
      </p>
      {row === undefined && <h1 className="sr-only">Escalation</h1>}
      {query.isError && (
        <Problem
          what="The escalation could not be fetched."
          error={query.error}
          works="Its default still takes effect at its time."
          onRetry={() => void query.refetch()}
        />
      )}
      {row !== undefined && <Full row={row} level="h1" link={link} />}
      {query.data !== undefined && row === undefined && (
        <Nothing title="There is no such escalation">The address may be cut short.</Nothing>
      )}
    </div>
  );
}

function Full({
  row,
  level,
  keys = true,
  onFocus,
  onDecided,
  link,
}: {
  row: Row;
  level: "h1" | "h2";
  keys?: boolean;
  onFocus?: () => void;
  onDecided?: () => void;
  link?: string | undefined;
}) {
  const told = useQuery(messagesQuery(row.id)).data;
  const supervised = useQuery(supervisedQuery).data?.supervised.find(
    (each) => each.name === targetWords(row.target) && each.project_id === row.project_id,
  );
  const Part = level === "h1" ? "h2" : "h3";
  const tried = row.attempts.filter((attempt) => attempt.state !== "refused");
  const refused = row.attempts.filter((attempt) => attempt.state === "refused");
  const recent = hoursOf(row.recent);
  const isOpen = row.status === "open";
  const titleId = `escalation-${row.id}`;
  return (
    <article
      aria-labelledby={titleId}
      tabIndex={-1}
      onFocus={onFocus}
      className={`mt-3 md:mt-6 md:border-l-2 md:pl-4 ${isOpen ? "border-bad" : "border-line"}`}
    >
      <Question
        escalation={row}
        answer={row.answer}
        level={level}
        id={titleId}
        keys={keys}
        link={link}
        {...(onDecided === undefined ? {} : { onDecided })}
      />
      <section className="mt-5">
        <Part className="section-title">What was tried</Part>
        <p className="mt-0.5">{triedWords(row.attempts)}</p>
        {tried.length > 0 && (
          <Fold title={tried.length === 1 ? "The attempt" : `The last ${tried.length} attempts`}>
            <AttemptList attempts={tried} label="What was tried" />
          </Fold>
        )}
      </section>
      <section className="mt-5">
        <Part className="section-title">Why you {isOpen ? "are" : "were"} asked</Part>
        <p className="mt-0.5">{capital(refusalWords(row.reason))}.</p>
        {refused.length > 0 && (
          <Fold title="What the gate said">
            <AttemptList attempts={refused} label="What was not tried" />
          </Fold>
        )}
      </section>
      <section className="mt-5">
        <Part className="section-title">The failure</Part>
        {row.fault_title !== null && (
          <div className="frame mt-1 px-3 py-2">
            <Untrusted text={row.fault_title} />
          </div>
        )}
        {row.fault_id !== null && (
          <p className="mt-1 text-sm">
            <Link to="/faults/$id" params={{ id: row.fault_id }} className="link">
              Open the fault
            </Link>
          </p>
        )}
        <div className="mt-3 flex flex-wrap items-end gap-x-4 gap-y-1">
          <Sparkline
            values={recent}
            width={192}
            height={32}
            label={`${plural(sum(recent), "event")} in the last 24 hours`}
          />
          <p className="text-sm text-quiet">
            {plural(sum(recent), "event")} in 24 h · {plural(row.failures_since, "failure")} since this was asked
          </p>
        </div>
      </section>
      {told !== undefined && told.messages.length > 0 && (
        <section className="mt-5">
          <Part className="section-title">Who was told</Part>
          <Deliveries messages={told.messages} label="Who was told" />
        </section>
      )}
      <p className="mt-5 text-sm text-quiet">
        {!isOpen && supervised !== undefined && `The program is ${CONDITIONS[conditionOf(supervised)].word} now. `}
        Asked <Ago at={row.opened_at} />, project {row.project_id}
        {row.trigger_id !== null && (
          <>
            , trigger <code>{row.trigger_id}</code>
          </>
        )}
        .
      </p>
    </article>
  );
}

const capital = (words: string): string => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

function hoursOf(recent: [number, number][]): number[] {
  const last = Math.floor(Date.now() / HOUR) * HOUR;
  const counts = new Map(recent);
  return Array.from({ length: 24 }, (_, index) => counts.get(last - (23 - index) * HOUR) ?? 0);
}
