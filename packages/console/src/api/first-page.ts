import type { QueryClient } from "@tanstack/react-query";
import { faultAt, isAnythingAsked, isInbox } from "./early.ts";
import {
  escalationsQuery,
  explainQuery,
  faultQuery,
  faultsQuery,
  killQuery,
  meQuery,
  projectsQuery,
} from "./queries.ts";

/** Where answers take longer than this, the frame around the page is shown without them. */
const PATIENCE_MS = 300;

/**
 * Resolves when what was asked early has come, or its time is over. A page that is drawn with its answers
 * is drawn once; without them it would be drawn empty first, which costs as much and shows nothing.
 */
export async function firstAnswers(client: QueryClient, load: () => Promise<unknown>): Promise<void> {
  if (!isAnythingAsked()) return;
  const fault = faultAt(location);
  const asked = [
    load(),
    client.prefetchQuery(meQuery),
    client.prefetchQuery(killQuery),
    client.prefetchQuery(escalationsQuery("open")),
    ...(fault === null ? [] : [client.prefetchQuery(faultQuery(fault)), client.prefetchQuery(explainQuery(fault))]),
    ...(isInbox(location)
      ? [client.prefetchInfiniteQuery(faultsQuery({ status: "active" })), client.prefetchQuery(projectsQuery)]
      : []),
  ];
  await Promise.race([Promise.all(asked), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}

/** A page that shows nothing after this long is not going to be held up by anything more. */
const AT_MOST_MS = 5_000;

/**
 * Calls back once the first page has its answers. Browsers open six connections to a server: whatever else
 * is fetched before that takes them away from what somebody waits for.
 */
export function afterFirstPage(client: QueryClient, then: () => void): void {
  const cache = client.getQueryCache();
  const isThere = () => {
    const states = cache.getAll().map(({ state }) => state);
    return (
      states.some(({ dataUpdatedAt, errorUpdatedAt }) => dataUpdatedAt + errorUpdatedAt > 0) &&
      states.every(({ fetchStatus }) => fetchStatus === "idle")
    );
  };
  const done = () => {
    stop();
    clearTimeout(timer);
    // After the frame that shows it.
    requestAnimationFrame(() => setTimeout(then));
  };
  const stop = cache.subscribe(() => {
    if (isThere()) done();
  });
  const timer = setTimeout(done, AT_MOST_MS);
}
