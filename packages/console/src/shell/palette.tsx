import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { call } from "../api/client.ts";
import { ModalDialog } from "../parts/modal.tsx";
import { Status } from "../parts/status.tsx";
import { Untrusted } from "../parts/untrusted.tsx";
import type { NamedAction } from "./keys.ts";

type Entry = { id: string; group: string; row: ReactNode; run: () => void };

const TYPING_MS = 150;
const MOST_FAULTS = 8;

/** Ctrl-K or ⌘-K: pages, what can be done on this one, and faults, by a few letters. */
export function Palette({ actions, onClose }: { actions: readonly NamedAction[]; onClose: () => void }) {
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const q = useSettled(typed.trim());
  const faults = useQuery({
    queryKey: ["faults", "palette", q],
    queryFn: ({ signal }) => call("GET /v1/faults", { q, status: "all", limit: MOST_FAULTS }, signal),
    enabled: q !== "",
  });
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const entries: Entry[] = [
    ...actions
      .filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)))
      .map(({ title, keys, run }) => ({
        id: keys,
        group: keys.startsWith("g ") ? "Pages" : "On this page",
        row: (
          <>
            <span className="min-w-0 flex-1">{title}</span>
            <kbd className="text-quiet">{keys}</kbd>
          </>
        ),
        run,
      })),
    ...(q === "" || faults.data === undefined ? [] : faults.data.faults).map((fault) => ({
      id: fault.id,
      group: "Faults",
      row: (
        <>
          <span className="min-w-0 flex-1 truncate text-sm">
            <Untrusted text={fault.title} />
          </span>
          <Status status={fault.status} />
        </>
      ),
      run: () => void navigate({ to: "/faults/$id", params: { id: fault.id } }),
    })),
  ];
  const at = Math.min(active, entries.length - 1);
  const optionId = (index: number) => `${listId}-${index}`;
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at]);
  const run = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    onClose();
    // After the dialog gave the focus back, which it does in a frame of its own: what is done is often of
    // the row that had it, and what opens now keeps it.
    requestAnimationFrame(() => requestAnimationFrame(entry.run));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
    if (event.key === "Enter") {
      event.preventDefault();
      run(entries[at]);
    } else if (next !== undefined && entries.length > 0 && (event.key.startsWith("Arrow") || typed === "")) {
      event.preventDefault();
      setActive((next + entries.length) % entries.length);
    }
  };
  return (
    <ModalDialog title="Go to or do" onClose={onClose}>
      <input
        autoFocus
        className="field mt-3 w-full"
        role="combobox"
        aria-label="Pages, actions and faults"
        aria-expanded={entries.length > 0}
        aria-controls={listId}
        aria-activedescendant={at >= 0 ? optionId(at) : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        placeholder="A page, an action, words of a fault"
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div ref={list} id={listId} role="listbox" aria-label="Found" className="mt-2 max-h-80 overflow-y-auto">
        {[...Map.groupBy(entries, ({ group }) => group)].map(([group, some]) => (
          <div key={group} role="group" aria-label={group}>
            <p aria-hidden="true" className="section-title px-2 pb-0.5 pt-2">
              {group}
            </p>
            {some.map((entry) => {
              const index = entries.indexOf(entry);
              return (
                <div
                  key={entry.id}
                  id={optionId(index)}
                  role="option"
                  aria-selected={index === at}
                  className={`flex cursor-pointer items-center gap-3 rounded-md px-2 py-1.5 max-md:min-h-11 ${index === at ? "bg-accent-wash" : ""}`}
                  onPointerMove={() => setActive(index)}
                  onClick={() => run(entry)}
                >
                  {entry.row}
                </div>
              );
            })}
          </div>
        ))}
      </div>
      <p role="status" className="mt-2 text-sm text-quiet empty:hidden">
        {faults.isError
          ? "Faults could not be searched."
          : entries.length === 0 && !faults.isFetching && q === typed.trim()
            ? "Nothing fits."
            : ""}
      </p>
    </ModalDialog>
  );
}

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
