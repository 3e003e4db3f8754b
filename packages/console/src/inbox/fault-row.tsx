import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { FaultRow } from "@prunella/contract";
import { Level } from "../parts/level.tsx";
import { Sparkline } from "../parts/sparkline.tsx";
import { Status } from "../parts/status.tsx";
import { Ago } from "../parts/time.tsx";
import { Untrusted } from "../parts/untrusted.tsx";
import { grouped, plural, shortCount } from "../parts/words.ts";
import { isSnoozed } from "../triage/standing.tsx";
import { healingWords, TONES } from "./healing-words.ts";
import { RowLink } from "./row-link.tsx";

/** Shared by the rows and their heading, so that both stand in the same columns. */
const COLUMNS =
  "md:grid md:items-center md:gap-x-4 md:grid-cols-[20px_88px_minmax(0,1fr)_128px_56px_84px] lg:grid-cols-[20px_88px_72px_minmax(0,1fr)_112px_120px_56px_84px]";
/** Where no row has a project or an environment to name, titles have that room. */
export const columnsOf = (hasPlaces: boolean): string =>
  `${COLUMNS} ${hasPlaces ? "xl:grid-cols-[20px_88px_72px_minmax(0,1fr)_132px_172px_120px_56px_84px]" : "xl:grid-cols-[20px_88px_72px_minmax(0,1fr)_172px_120px_56px_84px]"}`;

type Props = {
  fault: FaultRow;
  index: number;
  total: number;
  selected: boolean;
  onSelect: (id: string) => void;
  showProject: boolean;
  hasPlaces: boolean;
  measure: (element: Element | null) => void;
};

/**
 * One fault. The link lies over the row instead of around the title, because the title is text
 * that an outsider may have written. Drawn anew only when something about it is another: a list moves with every key
 * and every movement of the pointer.
 */
export const FaultListRow = memo(function FaultListRow({
  fault,
  index,
  total,
  selected,
  onSelect,
  showProject,
  hasPlaces,
  measure,
}: Props) {
  const titleId = `title-${fault.id}`;
  const day = fault.sparkline.reduce((sum, value) => sum + value, 0);
  const peak = Math.max(0, ...fault.sparkline);
  return (
    <li
      ref={measure}
      data-index={index}
      aria-setsize={total}
      aria-posinset={index + 1}
      className={`relative -mx-2 border-b border-line px-2 hover:bg-sunk max-md:flex max-md:flex-wrap max-md:items-center max-md:gap-x-2 max-md:gap-y-1 max-md:py-2.5 md:min-h-9 md:py-1 ${columnsOf(hasPlaces)} ${selected ? "bg-accent-wash" : ""}`}
    >
      <RowLink id={fault.id} index={index} labelledBy={titleId} />
      <label className="relative -m-2 flex p-2">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={selected}
          onChange={() => onSelect(fault.id)}
          aria-labelledby={titleId}
          data-select={index}
          // One tab stop a row: arrow keys reach what else is in it, and x selects.
          tabIndex={-1}
        />
      </label>
      <Status status={fault.status} isSnoozed={isSnoozed(fault)} />
      {/* Where there is no column for it, it stands before the title. */}
      <div className="hidden lg:flex">
        <Level level={fault.level} />
      </div>
      <div className="min-w-0 max-md:order-first max-md:w-full md:flex md:items-baseline md:gap-3">
        <span className="shrink-0 self-center md:max-lg:flex lg:hidden max-md:float-right max-md:ml-3">
          <Level level={fault.level} />
        </span>
        {/* One line: a culprit that has no room beside the title goes into the second, which is not seen. */}
        <div className="min-w-0 md:flex md:max-h-[1lh] md:flex-1 md:flex-wrap md:items-baseline md:gap-x-3 md:overflow-hidden">
          <div
            id={titleId}
            title={fault.title}
            className="min-w-0 max-w-full truncate text-sm max-md:whitespace-normal max-md:[overflow-wrap:anywhere]"
          >
            <Untrusted text={fault.title} />
          </div>
          {fault.culprit !== "" && (
            <div title={fault.culprit} className="min-w-0 flex-1 basis-40 truncate text-xs text-quiet max-lg:hidden">
              <Untrusted text={fault.culprit} />
            </div>
          )}
        </div>
        {fault.assignee !== null && (
          <div title={`looked after by ${fault.assignee}`} className="max-w-32 shrink-0 truncate text-xs text-quiet">
            <span className="sr-only">looked after by </span>
            <span aria-hidden="true">@</span>
            <bdi>{fault.assignee}</bdi>
          </div>
        )}
        <div className="hidden max-w-28 shrink-0 truncate text-sm empty:hidden md:max-lg:block">
          <Healing fault={fault} />
        </div>
      </div>
      {hasPlaces && (
        <div className="hidden truncate text-sm text-quiet xl:block">
          {[showProject ? fault.project_id : null, fault.environments.join(", ")].filter(Boolean).join(" · ")}
        </div>
      )}
      <div className="hidden truncate text-sm lg:block">
        <Healing fault={fault} />
      </div>
      <div className="flex items-center gap-1.5 max-md:w-20 max-md:overflow-hidden">
        <Sparkline
          values={fault.sparkline}
          width={88}
          label={`${plural(day, "event")} in the last 24 hours, at most ${grouped(peak)} in one`}
        />
        <span aria-hidden="true" title="The most in one hour" className="shrink-0 text-xs text-quiet">
          {peak === 0 ? "" : shortCount(peak)}
        </span>
      </div>
      <div className="text-right text-sm" title={plural(fault.count, "event")}>
        {shortCount(fault.count)}
        <span aria-hidden="true" className="text-quiet md:hidden">
          ×
        </span>
        <span className="sr-only"> {fault.count === 1 ? "event" : "events"}</span>
      </div>
      <div className="text-right text-sm text-quiet max-md:ml-auto">
        <Ago at={fault.last_seen} />
      </div>
      <div className="text-sm max-md:w-full max-md:empty:hidden md:hidden">
        <Healing fault={fault} />
      </div>
    </li>
  );
});

function Healing({ fault }: { fault: FaultRow }) {
  if (fault.open_escalation_id !== null) {
    return (
      <Link
        to="/escalations/$id"
        params={{ id: fault.open_escalation_id }}
        tabIndex={-1}
        className="relative font-semibold text-bad underline underline-offset-3"
      >
        asks you
      </Link>
    );
  }
  const { text, tone } = healingWords(fault.healing);
  return text === "" ? null : (
    <span className={TONES[tone]} title={text}>
      {text}
    </span>
  );
}
