import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import type { FaultRow } from "@prunella/contract";

/** How long after the last movement of the pointer the rows may move again. */
const STILL_MS = 2_500;

/**
 * Rows keep their places while somebody points at them, walks them by keyboard or has selected
 * some: nothing may slide away under a click. Numbers in the rows stay live. Faults that came in
 * meanwhile are counted, and shown on request or when the list is let go.
 */
export function useHeldOrder(rows: FaultRow[], key: string, pinned: boolean, list: RefObject<HTMLElement | null>) {
  const [touched, setTouched] = useState(false);
  const [focused, setFocused] = useState(false);
  const order = useRef<{ key: string; ids: string[] }>({ key, ids: [] });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const held = pinned || touched || focused;
  const kept = order.current;
  let shown = rows;
  let waiting = 0;
  if (held && kept.key === key && kept.ids.length > 0) {
    const byId = new Map(rows.map((row) => [row.id, row]));
    const known = new Set(kept.ids);
    const still = kept.ids.flatMap((id) => byId.get(id) ?? []);
    // Older rows of a further page go below; only newcomers above would push rows down.
    const lastKnown = rows.findLastIndex((row) => known.has(row.id));
    waiting = rows.filter((row, index) => index < lastKnown && !known.has(row.id)).length;
    shown = [...still, ...rows.filter((row, index) => index > lastKnown && !known.has(row.id))];
  }
  useEffect(() => {
    order.current = { key, ids: shown.map((row) => row.id) };
    // A focused row that was taken away fires no blur.
    if (focused && list.current?.contains(document.activeElement) !== true) setFocused(false);
  });

  const onPointerMove = useCallback(() => {
    setTouched(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setTouched(false), STILL_MS);
  }, []);
  const release = useCallback(() => {
    order.current = { key: "", ids: [] };
    setTouched(false);
    setFocused(false);
  }, []);
  return {
    shown,
    waiting,
    release,
    hold: { onPointerMove, onFocus: () => setFocused(true), onBlur: () => setFocused(false) },
  };
}
