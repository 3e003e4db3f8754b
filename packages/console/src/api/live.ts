import type { QueryClient } from "@tanstack/react-query";
import type { Notice } from "@prunella/contract";
import { openEventStream, type EventStream } from "./event-stream.ts";

/** `since`: epoch milliseconds at which the state began. */
export type Connection = { state: "connecting" | "live" | "offline"; since: number };

/** At most four refetches a second and topic, and never two of one topic at once. */
const GAP_MS = 250;
const RETRY_MS = { first: 1_000, most: 15_000 };

let connection: Connection = { state: "connecting", since: 0 };
const listeners = new Set<() => void>();

export const currentConnection = (): Connection => connection;
export function watchConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Follows `/v1/stream` and refetches what a notice touches. A hidden tab lets go of the stream,
 * because browsers give one host only six connections over HTTP/1.1. Returns the way to stop.
 */
export function followNotices(client: QueryClient): () => void {
  let source: EventStream | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let hasBeenOpen = false;
  const refetch = createRefetcher(client);

  const open = () => {
    if (source !== null) return;
    if (document.hidden) {
      hasBeenOpen = true;
      return;
    }
    source = openEventStream("/v1/stream", {
      open() {
        failures = 0;
        set("live");
        // Whatever changed while nobody listened. Before the first opening only seconds passed, and the
        // stream begins with what changed in those: nothing has to be asked for twice.
        if (hasBeenOpen) void client.invalidateQueries();
        hasBeenOpen = true;
      },
      event(name, data) {
        const notice = name === "notice" ? parseNotice(data) : null;
        if (notice !== null) refetch(notice);
      },
      end() {
        // Also when it never opened: by the next try more than seconds have passed.
        hasBeenOpen = true;
        source = null;
        set("offline");
        // Asking who we are tells a session that is over from a server that is away.
        void client.invalidateQueries({ queryKey: ["me"] });
        retry = setTimeout(open, Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** failures++));
      },
    });
  };
  const close = () => {
    hasBeenOpen = true;
    clearTimeout(retry);
    source?.close();
    source = null;
  };
  const onVisibility = () => {
    if (document.hidden) close();
    else open();
  };
  document.addEventListener("visibilitychange", onVisibility);
  open();
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    close();
    set("connecting");
  };
}

function set(state: Connection["state"]): void {
  if (connection.state === state) return;
  connection = { state, since: Date.now() };
  for (const listener of listeners) listener();
}

const TOPICS: readonly string[] = [
  "faults",
  "attempts",
  "escalations",
  "triggers",
  "ledger",
  "supervised",
  "rules",
  "messages",
  "probes",
  "heartbeats",
  "plugins",
] satisfies Notice["topic"][];

function parseNotice(data: string): Notice | null {
  try {
    const notice: Notice = JSON.parse(data);
    return TOPICS.includes(notice.topic) && typeof notice.id === "string" ? notice : null;
  } catch {
    return null;
  }
}

/** Which query keys a topic touches; a fault's own queries only when the notice names that fault. */
function keysOf(topic: Notice["topic"], ids: ReadonlySet<string>): string[][] {
  switch (topic) {
    case "faults":
      return [
        ["faults"],
        ["projects"],
        ...[...ids].flatMap((id) => [
          ["fault", id],
          ["explain", id],
        ]),
      ];
    case "attempts":
      return [["faults"], ["fault"], ["explain"], ["triggers"], ["escalations"], ["supervised"], ["timeline"]];
    case "escalations":
      return [["escalations"], ["faults"], ["fault"], ["supervised"]];
    case "triggers":
      return [["triggers"], ["explain"], ["kill"]];
    case "ledger":
      // Rules have no topic of their own; each change of them is an entry.
      return [["ledger"], ["rules"]];
    case "messages":
      return [["messages"], ["timeline"]];
    default:
      return [[topic]];
  }
}

function createRefetcher(client: QueryClient): (notice: Notice) => void {
  const waiting = new Map<Notice["topic"], Set<string>>();
  const busy = new Set<Notice["topic"]>();
  const drain = async (topic: Notice["topic"]) => {
    busy.add(topic);
    for (let ids = waiting.get(topic); ids !== undefined; ids = waiting.get(topic)) {
      waiting.delete(topic);
      const pause = new Promise((resolve) => setTimeout(resolve, GAP_MS));
      await Promise.allSettled([
        pause,
        ...keysOf(topic, ids).map((queryKey) => client.invalidateQueries({ queryKey })),
      ]);
    }
    busy.delete(topic);
  };
  return ({ topic, id }) => {
    const ids = waiting.get(topic);
    if (ids === undefined) waiting.set(topic, new Set([id]));
    else ids.add(id);
    if (!busy.has(topic)) void drain(topic);
  };
}
