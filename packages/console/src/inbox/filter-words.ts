import type { InboxSearch } from "../router.tsx";

export type Key = Exclude<keyof InboxSearch, "q" | "status">;

export const NAMES: Record<Key, string> = {
  project: "Project",
  level: "Level",
  environment: "Environment",
  release: "Release",
  source: "Source",
  target: "Target",
  since: "Seen since",
  before: "Seen before",
  sort: "Order",
};
export const SORT_WORDS = {
  last_seen: "last seen",
  first_seen: "first seen",
  count: "most events",
  trend: "most of late",
  users: "most users",
} as const;
export const SINCE_WORDS: Record<string, string> = {
  "1h": "an hour",
  "24h": "a day",
  "7d": "a week",
  "30d": "30 days",
};
/** The filters of an address in words, such as `release shop@1.4.0`. */
export function chosenFilters(search: InboxSearch): { key: Key; words: string }[] {
  return Object.entries(NAMES).flatMap(([name, title]) => {
    if (!isKey(name)) return [];
    const value = search[name];
    if (value === undefined) return [];
    const words = name === "sort" ? wordsOfSort(value) : name === "since" ? (SINCE_WORDS[value] ?? value) : value;
    return [{ key: name, words: `${title.toLowerCase()}: ${words}` }];
  });
}

const isKey = (name: string): name is Key => Object.hasOwn(NAMES, name);
const wordsOfSort = (sort: string): string => Object.entries(SORT_WORDS).find(([name]) => name === sort)?.[1] ?? sort;
