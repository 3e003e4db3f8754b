import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
const KEY = "prunella-theme";
const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const listeners = new Set<() => void>();
let theme: Theme = "system";

/** Call once before the first render. */
export function startTheme(): void {
  const kept = localStorage.getItem(KEY);
  apply(kept === "light" || kept === "dark" ? kept : "system");
}

export function switchTheme(): void {
  apply(NEXT[theme]);
  localStorage.setItem(KEY, theme);
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => theme,
  );
}

function apply(next: Theme): void {
  theme = next;
  if (next === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = next;
  for (const listener of listeners) listener();
}
