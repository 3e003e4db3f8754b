import { useEffect, useRef } from "react";

/** One action of the keyboard. `keys` is one key or two in a row: "j", "g i". The palette offers what has a title. */
export type KeyAction = { keys: string; title?: string; run: () => void };
export type NamedAction = KeyAction & { title: string };

const OFF_KEY = "prunella-keys-off";
const PAIR_MS = 1_200;
const stack: { current: KeyAction[] }[] = [];
let pending: { key: string; at: number } | null = null;

/** Single keys can be turned off for people who speak to their computer (WCAG 2.1.4). */
export const keysOff = (): boolean => localStorage.getItem(OFF_KEY) === "1";
export function setKeysOff(off: boolean): void {
  if (off) localStorage.setItem(OFF_KEY, "1");
  else localStorage.removeItem(OFF_KEY);
}

/** The page's keys, for as long as it is shown. What was mounted last wins. */
export function useKeys(actions: KeyAction[]): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    const entry = latest;
    stack.push(entry);
    return () => void stack.splice(stack.indexOf(entry), 1);
  }, []);
}

/** Call once; returns the way to stop. */
export function listenForKeys(): () => void {
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || keysOff())
    return;
  if (
    event.target instanceof Element &&
    event.target.closest("input:not([type=checkbox]),textarea,select,[contenteditable],[role=dialog],.takes-keys") !==
      null
  )
    return;
  const pair = pending !== null && event.timeStamp - pending.at < PAIR_MS ? `${pending.key} ${event.key}` : null;
  pending = null;
  const action = (pair === null ? undefined : find(pair)) ?? find(event.key);
  if (action !== undefined) {
    event.preventDefault();
    action.run();
  } else if (stack.some(({ current }) => current.some(({ keys }) => keys.startsWith(`${event.key} `)))) {
    pending = { key: event.key, at: event.timeStamp };
  }
}

/** What can be done on the page that is shown, the innermost first. */
export const actionsHere = (): NamedAction[] =>
  stack
    .toReversed()
    .flatMap(({ current }) =>
      current.flatMap((each) => (each.title === undefined ? [] : [{ ...each, title: each.title }])),
    );

function find(keys: string): KeyAction | undefined {
  for (const { current } of stack.toReversed()) {
    const action = current.find((each) => each.keys === keys);
    if (action !== undefined) return action;
  }
  return undefined;
}
