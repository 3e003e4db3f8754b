import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { FaultPage, FaultRow, Triage } from "@prunella/contract";
import { ApiFailure } from "../api/client.ts";
import { useMay } from "../api/may.ts";
import { faultsQuery, projectsQuery } from "../api/queries.ts";
import { largest, useMerging } from "../fault/merging.ts";
import { Does } from "../parts/does.tsx";
import { Nothing, Problem } from "../parts/problem.tsx";
import { brief, plural } from "../parts/words.ts";
import { useKeys } from "../shell/keys.ts";
import { useTitle } from "../shell/shell.tsx";
import { useTriageActions } from "../triage/actions.tsx";
import { useTriage } from "../triage/use-triage.ts";
import { columnsOf, FaultListRow } from "./fault-row.tsx";
import { Filters } from "./filters.tsx";
import type { InboxSearch } from "../router.tsx";
import { useHeldOrder } from "./held-order.ts";
import { leaveTrail, takeLookedAt } from "./trail.ts";

/** Seen until the first event, and never after. */
const EmptyInbox = lazy(() => import("./empty-inbox.tsx").then((module) => ({ default: module.EmptyInbox })));

const ROW_PX = { wide: 37, narrow: 88 };
const NONE: ReadonlySet<string> = new Set();

export function InboxPage() {
  useTitle("Inbox");
  const search = useSearch({ from: "/shell/" });
  const navigate = useNavigate({ from: "/" });
  const searchBox = useRef<HTMLInputElement>(null);
  const { say } = useTriage();
  const { merge } = useMerging();
  const projects = useQuery(projectsQuery);
  const filter = useMemo(() => ({ ...search, status: search.status ?? "active" }), [search]);
  const faults = useInfiniteQuery(faultsQuery(filter));
  const key = JSON.stringify(search);
  const problem = problemOf(faults.error);
  // A search that is half typed may not be understood; what was found before stays in sight.
  const good = useRef(faults.data);
  if (faults.data !== undefined) good.current = faults.data;
  const pages = (problem === null ? faults.data : good.current)?.pages;
  const first = pages?.[0];
  // Pages are read one after the other while faults move between them: keep the first of each.
  const rows = useMemo(
    () => [...new Map(pages?.flatMap((page) => page.faults).map((row) => [row.id, row]) ?? []).values()],
    [pages],
  );

  const [picked, setPicked] = useState<{ key: string; ids: ReadonlySet<string> }>({ key, ids: NONE });
  const selected = picked.key === key ? picked.ids : NONE;
  const setSelected = (ids: ReadonlySet<string>) => setPicked({ key, ids });
  const toggle = (id: string) =>
    setSelected(selected.has(id) ? new Set([...selected].filter((each) => each !== id)) : new Set([...selected, id]));
  const latestToggle = useRef(toggle);
  useEffect(() => {
    latestToggle.current = toggle;
  });
  const select = useCallback((id: string) => latestToggle.current(id), []);
  const list = useRef<HTMLUListElement>(null);
  const { shown, waiting, release, hold } = useHeldOrder(rows, key, selected.size > 0, list);
  const chosen = shown.filter((row) => selected.has(row.id));

  useEffect(() => {
    leaveTrail({
      key,
      filter,
      ids: shown.map(({ id }) => id),
      total: first?.total ?? 0,
      next: pages?.at(-1)?.next ?? null,
    });
  });

  const [listTop, setListTop] = useState(0);
  const wide = useWide();
  const virtual = useWindowVirtualizer({
    count: shown.length,
    estimateSize: () => (wide ? ROW_PX.wide : ROW_PX.narrow),
    overscan: useOverscan(),
    // Without it nothing is in sight at first, and the list is drawn twice.
    initialRect: { width: window.innerWidth, height: window.innerHeight },
    scrollMargin: listTop,
    getItemKey: (index) => shown[index]?.id ?? index,
  });
  useEffect(() => {
    const top = list.current === null ? 0 : list.current.getBoundingClientRect().top + window.scrollY;
    if (Math.abs(top - listTop) > 1) setListTop(top);
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = faults;
  useEffect(() => {
    if (last !== undefined && last.index >= shown.length - 15 && hasNextPage && !isFetchingNextPage)
      void fetchNextPage();
  }, [last, shown.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const move = (by: number) => {
    const current = currentRow(list.current);
    const next = Math.min(
      shown.length - 1,
      Math.max(0, current === null ? (by > 0 ? 0 : shown.length - 1) : current + by),
    );
    if (shown[next] === undefined) return;
    virtual.scrollToIndex(next, { align: "auto" });
    const focus = () => {
      const link = list.current?.querySelector<HTMLElement>(`[data-row="${next}"]`);
      link?.focus({ preventScroll: true });
      return link != null;
    };
    // At once when the row is there, so that fast fingers act on it; else it comes with the next frame.
    if (!focus()) requestAnimationFrame(focus);
  };
  // Back from a fault: its row is in sight again and has the focus, once the list is there.
  const returned = useRef(false);
  useEffect(() => {
    if (returned.current || shown.length === 0 || faults.isPlaceholderData) return;
    returned.current = true;
    const at = takeLookedAt(key);
    const index = at === null ? -1 : shown.findIndex(({ id }) => id === at);
    if (index === -1) return;
    // The router puts the page back to where it was scrolled, before or after this; the row has the last word.
    let [frames, steady] = [0, 0];
    const settle = () => {
      const link = list.current?.querySelector<HTMLElement>(`[data-row="${index}"]`);
      if (link == null || !isInSight(link)) {
        steady = 0;
        virtual.scrollToIndex(index, { align: "auto" });
      } else {
        if (steady === 0) link.focus({ preventScroll: true });
        steady += 1;
      }
      if ((frames += 1) < MOST_FRAMES && steady < STEADY_FRAMES) requestAnimationFrame(settle);
    };
    settle();
  });
  const targets = () => {
    const row = shown[currentRow(list.current) ?? -1];
    return chosen.length > 0 ? chosen : row === undefined ? [] : [row];
  };
  const run = (triage: Triage, faults: readonly FaultRow[]) => {
    const index = shown.findIndex((row) => row.id === faults[0]?.id);
    void say(triage, faults).then((done) => {
      if (!done) return;
      if (chosen.length > 0) setSelected(NONE);
      // The row may be gone from this list; stay where the reader was.
      else if (index >= 0)
        requestAnimationFrame(() =>
          list.current?.querySelector<HTMLElement>(`[data-row="${Math.min(index, shown.length - 2)}"]`)?.focus(),
        );
    });
  };
  // Only faults of one project can be one fault.
  const one = chosen.length > 1 && chosen.every((row) => row.project_id === chosen[0]?.project_id);
  const into = one ? largest(chosen) : undefined;
  const may = useMay();
  // Of several projects one where something may be done; the server answers each fault by where it lies.
  const there =
    (chosen.find((row) => may("POST /v1/faults/triage", row.project_id) === null) ?? chosen[0])?.project_id ?? "";
  const mergeChosen = () => {
    if (into === undefined || may("POST /v1/faults/:id/merge", into.project_id) !== null) return;
    const others = chosen.filter((row) => row !== into);
    void merge(into, others).then(() => setSelected(NONE));
  };
  useKeys([
    { keys: "j", run: () => move(1) },
    { keys: "k", run: () => move(-1) },
    {
      keys: "x",
      run: () => {
        const row = shown[currentRow(list.current) ?? -1];
        if (row !== undefined) toggle(row.id);
      },
    },
    { keys: "M", run: mergeChosen },
    { keys: "/", run: () => searchBox.current?.focus() },
    { keys: "Escape", run: () => setSelected(NONE) },
  ]);

  const { resolve, mute, ask, dialog } = useTriageActions(targets, run);

  const known = projects.data?.projects ?? [];
  const hasPlaces = known.length > 1 || shown.some((row) => row.environments.length > 0);
  const unfiltered = Object.entries(search).every(([name, value]) => name === "sort" || value === undefined);
  const never =
    first !== undefined &&
    shown.length === 0 &&
    Object.entries(search).every(([name, value]) => name === "status" || name === "sort" || value === undefined) &&
    Object.values(first.counts).every((count) => count === 0);
  const teach = known.find((project) => project.id === search.project) ?? known[0];

  return (
    <div className="page">
      {/* As wide as the rows below it, or their hairlines would show beside it. */}
      <div className="z-10 -mx-2 bg-ground px-2 pt-4 md:sticky md:top-0">
        <h1 className="sr-only">Inbox</h1>
        <Filters search={search} counts={first?.counts} projects={known} searchBox={searchBox} problem={problem} />
        {/* On phones the actions stand above the page bar, where the thumb is, and only when there are any. */}
        <div
          className={`-mx-2 mt-2 flex min-h-10 flex-wrap items-center gap-2 border-b border-line px-2 py-1 text-sm ${chosen.length > 0 || waiting > 0 ? "max-md:fixed max-md:inset-x-0 max-md:mx-0 max-md:bottom-14 max-md:z-20 max-md:grid max-md:grid-cols-4 max-md:border-t max-md:bg-raised max-md:px-4" : "max-md:min-h-0 max-md:py-0"} ${never ? "hidden" : ""}`}
        >
          {chosen.length > 0 ? (
            <>
              <strong className="font-semibold max-md:col-span-3">{chosen.length} selected</strong>
              <button type="button" className="button button-plain button-small" onClick={() => setSelected(NONE)}>
                Clear
              </button>
              <BulkButton project={there} title="Resolve" letter="e" onPress={resolve} />
              <BulkButton project={there} title="Mute" letter="m" onPress={mute} />
              <BulkButton project={there} title="Snooze…" letter="s" onPress={() => ask("snooze")} />
              <BulkButton project={there} title="Assign…" letter="a" onPress={() => ask("assign")} />
              {into !== undefined && (
                <Does
                  route="POST /v1/faults/:id/merge"
                  project={into.project_id}
                  className="button button-small min-w-0 max-w-full max-md:col-span-4"
                  title={`${plural(chosen.length - 1, "fault")} into ${brief(into.title, 200)}`}
                  onClick={mergeChosen}
                >
                  <span className="shrink-0">Merge {plural(chosen.length - 1, "other")} into</span>{" "}
                  <bdi className="max-w-56 truncate font-mono text-xs">{brief(into.title)}</bdi>
                  <kbd aria-hidden="true" className="text-quiet max-md:hidden">
                    M
                  </kbd>
                </Does>
              )}
              {chosen.length > 1 && into === undefined && (
                <span className="text-quiet max-md:col-span-4">Faults of different projects cannot be merged.</span>
              )}
              <button
                type="button"
                className="button button-plain button-small max-md:hidden"
                onClick={() => setSelected(new Set(shown.map((row) => row.id)))}
              >
                Select {plural(shown.length, "shown fault")}
              </button>
            </>
          ) : waiting > 0 ? (
            <button type="button" className="button button-plain button-small max-md:col-span-4" onClick={release}>
              {plural(waiting, "fault")} moved up. Show
            </button>
          ) : (
            <div aria-hidden="true" className={`hidden w-full text-xs text-quiet ${columnsOf(hasPlaces)}`}>
              <span />
              <span>state</span>
              <span className="hidden lg:block">level</span>
              <span>title and where</span>
              {hasPlaces && <span className="hidden xl:block">project, environment</span>}
              <span className="hidden lg:block">the healer</span>
              <span>last 24 h</span>
              <span className="text-right">events</span>
              <span className="text-right">last seen</span>
            </div>
          )}
        </div>
      </div>
      {faults.isError && problem === null && (
        <Problem
          what="The faults could not be fetched."
          error={faults.error}
          works={
            faults.data === undefined
              ? "What comes in is still taken and counted."
              : "The list below is the last picture."
          }
          onRetry={() => void faults.refetch()}
        />
      )}
      {never && teach !== undefined ? (
        <Suspense>
          <EmptyInbox project={teach} />
        </Suspense>
      ) : (
        first !== undefined &&
        shown.length === 0 && (
          <Nothing title={unfiltered ? "Nothing is broken" : "No fault fits"}>
            {unfiltered ? (
              <p>All known faults are resolved or muted. What comes back shows up here by itself.</p>
            ) : (
              <>
                {first.searched.length > 0 && <p>Looked at: {first.searched.join(", ")}.</p>}
                <Elsewhere search={search} counts={first.counts} />
                <button type="button" className="button mt-3" onClick={() => void navigate({ search: {} })}>
                  Show all active faults
                </button>
              </>
            )}
          </Nothing>
        )
      )}
      {dialog}
      <ul
        ref={list}
        onKeyDown={walkRow}
        aria-label={`Faults, ${first?.total ?? 0} in all`}
        {...hold}
        style={{
          paddingTop: Math.max(0, (items[0]?.start ?? listTop) - listTop),
          paddingBottom: last === undefined ? 0 : Math.max(0, virtual.getTotalSize() - (last.end - listTop)),
        }}
      >
        {items.map((item) => {
          const fault = shown[item.index];
          if (fault === undefined) return null;
          return (
            <FaultListRow
              key={fault.id}
              fault={fault}
              index={item.index}
              total={first?.total ?? shown.length}
              selected={selected.has(fault.id)}
              onSelect={select}
              showProject={known.length > 1}
              hasPlaces={hasPlaces}
              measure={virtual.measureElement}
            />
          );
        })}
      </ul>
      <p role="status" className="sr-only">
        {first === undefined ? "" : `${plural(first.total, "fault")} in this view`}
      </p>
    </div>
  );
}

type Bulk = { title: string; letter: string; project: string; onPress: () => void };

function BulkButton({ title, letter, project, onPress }: Bulk) {
  return (
    <Does
      route="POST /v1/faults/triage"
      project={project}
      className="button button-small max-md:px-0.5"
      onClick={onPress}
    >
      {title}
      <kbd aria-hidden="true" className="text-quiet max-md:hidden">
        {letter}
      </kbd>
    </Does>
  );
}

/** A row is one tab stop; arrow keys walk what is in it. */
function walkRow(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  const row = event.target instanceof Element ? event.target.closest("li") : null;
  if (step === 0 || row === null || event.altKey || event.ctrlKey || event.metaKey) return;
  // What is hidden at this width takes no focus.
  const stops = [...row.querySelectorAll<HTMLElement>("a,input")].filter((each) => each.checkVisibility());
  const at = stops.findIndex((each) => each === document.activeElement);
  event.preventDefault();
  stops[(at + step + stops.length) % stops.length]?.focus();
}

/** What is wrong with the search itself; null for every other failure. */
function problemOf(error: unknown): { message: string; hint: string | null } | null {
  return error instanceof ApiFailure && error.code === "PRUNELLA_QUERY_INVALID"
    ? { message: error.message, hint: error.hint }
    : null;
}

/** Faults that would fit, but for their state. */
function Elsewhere({ search, counts }: { search: InboxSearch; counts: FaultPage["counts"] }) {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (all === 0 || search.status === "all") return null;
  return (
    <p>
      <Link to="/" search={{ ...search, status: "all" }} className="link">
        {plural(all, "fault")} in another state
      </Link>
    </p>
  );
}

/** The row that has the focus, by its place in the list. */
function currentRow(list: HTMLElement | null): number | null {
  const active = document.activeElement;
  const item = list !== null && active !== null && list.contains(active) ? active.closest("li") : null;
  const place = item?.querySelector<HTMLElement>("[data-row]")?.dataset["row"];
  return place === undefined ? null : Number(place);
}

/** So many frames a row that was come back to is looked for, and has to stay where it is. */
const MOST_FRAMES = 60;
const STEADY_FRAMES = 4;

function isInSight(link: HTMLElement): boolean {
  const { top, bottom } = link.getBoundingClientRect();
  return top >= 0 && bottom <= window.innerHeight;
}

/** Rows beyond what is in sight. The first picture has few, so that it stands there sooner. */
function useOverscan(): number {
  const [rows, setRows] = useState(2);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => setRows(12));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, []);
  return rows;
}

const WIDE = "(min-width: 860px)";
function useWide(): boolean {
  const [wide, setWide] = useState(() => matchMedia(WIDE).matches);
  useEffect(() => {
    const media = matchMedia(WIDE);
    const update = () => setWide(media.matches);
    media.addEventListener("change", update);
    return () => media.removeEventListener("change", update);
  }, []);
  return wide;
}
