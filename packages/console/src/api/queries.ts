import { infiniteQueryOptions, keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";
import type { DmStatus, FaultPage, InputOf, Operations, TimelinePage } from "@prunella/contract";
import { ApiFailure, call, noteCommand } from "./client.ts";

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The stream says when something changed; this is only the floor for a missed notice.
        staleTime: 30_000,
        // A server on loopback answers without any network.
        networkMode: "always",
        retry: (count, error) =>
          count < 1 && !(error instanceof ApiFailure && error.status >= 400 && error.status < 500),
        retryDelay: 500,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}

export type InboxFilter = Omit<InputOf<Operations["list_faults"]>, "cursor" | "limit">;

export const meQuery = queryOptions({
  queryKey: ["me"],
  async queryFn({ signal }) {
    const me = await call("GET /v1/me", {}, signal);
    noteCommand(me.command);
    return me;
  },
  staleTime: Infinity,
});

/** Nothing is shown of it before somebody signs in but which ways there are. */
export const signInWaysQuery = queryOptions({
  queryKey: ["sign-in-ways"],
  queryFn: ({ signal }) => call("GET /v1/sign-in-ways", {}, signal),
});

export const accountQuery = queryOptions({
  queryKey: ["account"],
  queryFn: ({ signal }) => call("GET /v1/account", {}, signal),
});

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: ({ signal }) => call("GET /v1/sessions", {}, signal),
});

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => call("GET /v1/tokens", {}, signal),
});

export const peopleQuery = queryOptions({
  queryKey: ["people"],
  queryFn: ({ signal }) => call("GET /v1/people", { limit: 500 }, signal),
});

/** The same as long as the server runs. */
export const openApiQuery = queryOptions({
  queryKey: ["openapi"],
  queryFn: ({ signal }) => call("GET /v1/openapi.json", {}, signal),
  staleTime: Infinity,
});

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: ({ signal }) => call("GET /v1/projects", {}, signal),
});

export const retentionQuery = (project: string) =>
  queryOptions({
    queryKey: ["retention", project],
    queryFn: ({ signal }) => call("GET /v1/projects/:project/retention", { project }, signal),
    staleTime: 0,
  });

export const rulesQuery = queryOptions({
  queryKey: ["rules"],
  queryFn: ({ signal }) => call("GET /v1/grouping-rules", {}, signal),
});

/** In the order that is asked for, 50 a page; the next page is fetched when the reader comes near the end. */
export const faultsQuery = (filter: InboxFilter) =>
  infiniteQueryOptions({
    queryKey: ["faults", filter],
    queryFn: ({ pageParam, signal }) =>
      call("GET /v1/faults", { ...filter, limit: 50, cursor: pageParam ?? undefined }, signal),
    initialPageParam: noCursor(),
    getNextPageParam: (page: FaultPage) => page.next,
    placeholderData: keepPreviousData,
  });

/** What may go on where a search ends. */
export const suggestionsQuery = (q: string, project: string | undefined, limit = 8) =>
  queryOptions({
    queryKey: ["suggestions", q, project, limit],
    queryFn: ({ signal }) => call("GET /v1/search-suggestions", { q, project, limit }, signal),
    placeholderData: keepPreviousData,
  });

export const viewsQuery = queryOptions({
  queryKey: ["views"],
  queryFn: ({ signal }) => call("GET /v1/views", {}, signal),
});

/** One page of a list by itself, for going on from a fault to the one after it. */
export const pageOfFaults = (filter: InboxFilter, cursor: string) =>
  queryOptions({
    queryKey: ["faults-page", filter, cursor],
    queryFn: ({ signal }) => call("GET /v1/faults", { ...filter, limit: 50, cursor }, signal),
  });

const noCursor = (): string | null => null;

export const faultQuery = (id: string) =>
  queryOptions({
    queryKey: ["fault", id],
    queryFn: ({ signal }) => call("GET /v1/faults/:id", { id }, signal),
  });

export const promotionQuery = (id: string) =>
  queryOptions({
    queryKey: ["fault", id, "promotion"],
    queryFn: ({ signal }) => call("GET /v1/faults/:id/promotion", { id }, signal),
  });

export const explainQuery = (id: string) =>
  queryOptions({
    queryKey: ["explain", id],
    queryFn: ({ signal }) => call("GET /v1/faults/:id/explain", { id }, signal),
  });

/** A kept body never changes; it can only be pruned. */
export const sampleQuery = (id: string, eventId: string) =>
  queryOptions({
    queryKey: ["sample", id, eventId],
    queryFn: ({ signal }) => call("GET /v1/faults/:id/events/:event", { id, event: eventId }, signal),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });

export const usersQuery = (id: string) =>
  queryOptions({
    queryKey: ["fault", id, "users"],
    queryFn: ({ signal }) => call("GET /v1/faults/:id/users", { id }, signal),
  });

export const releasesQuery = (project: string | undefined) =>
  queryOptions({
    // Its counts are of faults, so a notice about one fetches it again.
    queryKey: ["faults", "releases", project],
    queryFn: ({ signal }) => call("GET /v1/releases", { project, limit: 200 }, signal),
    placeholderData: keepPreviousData,
  });

export const releaseQuery = (project: string, version: string) =>
  queryOptions({
    queryKey: ["faults", "release", project, version],
    queryFn: ({ signal }) => call("GET /v1/projects/:project/releases/:version", { project, version }, signal),
  });

/** `subject`: of one escalation or fault alone. */
export const messagesQuery = (subject: string | undefined) =>
  queryOptions({
    queryKey: ["messages", subject ?? ""],
    queryFn: ({ signal }) => call("GET /v1/messages", subject === undefined ? {} : { subject }, signal),
  });

/** The host is asked while this is waited for. */
export const forgeQuery = queryOptions({
  queryKey: ["forge", "check"],
  queryFn: ({ signal }) => call("GET /v1/forge", {}, signal),
});

export const filingsQuery = queryOptions({
  queryKey: ["forge", "filings"],
  queryFn: ({ signal }) => call("GET /v1/filings", { limit: 50 }, signal),
});

export const escalationsQuery = (status: "open" | "all") =>
  queryOptions({
    queryKey: ["escalations", status],
    queryFn: ({ signal }) => call("GET /v1/escalations", { status }, signal),
    placeholderData: keepPreviousData,
  });

export const triggersQuery = queryOptions({
  queryKey: ["triggers"],
  queryFn: ({ signal }) => call("GET /v1/triggers", {}, signal),
});

export const pausesQuery = queryOptions({
  queryKey: ["triggers", "pauses"],
  queryFn: ({ signal }) => call("GET /v1/pauses", {}, signal),
});

export const overridesQuery = queryOptions({
  queryKey: ["triggers", "overrides"],
  queryFn: ({ signal }) => call("GET /v1/overrides", {}, signal),
});

export const maintenanceQuery = queryOptions({
  queryKey: ["triggers", "maintenance"],
  queryFn: ({ signal }) => call("GET /v1/maintenance", {}, signal),
});

export const approvalsQuery = (status: "waiting" | "all") =>
  queryOptions({
    queryKey: ["escalations", "approvals", status],
    queryFn: ({ signal }) => call("GET /v1/approvals", { status }, signal),
    placeholderData: keepPreviousData,
  });

export const envelopesQuery = queryOptions({
  queryKey: ["triggers", "envelopes"],
  queryFn: ({ signal }) => call("GET /v1/envelopes", {}, signal),
});

/** Since the last review, or of so many milliseconds before the page was opened. */
export const awayQuery = (since: number | undefined, project: string | undefined) =>
  queryOptions({
    queryKey: ["escalations", "away", since, project],
    queryFn: ({ signal }) =>
      call(
        "GET /v1/away",
        { ...(since === undefined ? {} : { since }), ...(project === undefined ? {} : { project }) },
        signal,
      ),
    placeholderData: keepPreviousData,
  });

export const sprintsQuery = (status: "open" | "all") =>
  queryOptions({
    queryKey: ["escalations", "sprints", status],
    queryFn: ({ signal }) => call("GET /v1/sprints", { status }, signal),
    placeholderData: keepPreviousData,
  });

export const sprintQuery = (id: string) =>
  queryOptions({
    queryKey: ["escalations", "sprint", id],
    queryFn: ({ signal }) => call("GET /v1/sprints/:id", { id }, signal),
  });

/** What was heard, tried, found and told, newest first. */
export const timelineQuery = (status: DmStatus | undefined) =>
  infiniteQueryOptions({
    queryKey: ["timeline", "list", status],
    queryFn: ({ pageParam, signal }) =>
      call("GET /v1/timeline", { dm_status: status, limit: 50, cursor: pageParam ?? undefined }, signal),
    initialPageParam: noCursor(),
    getNextPageParam: (page: TimelinePage) => page.next,
    placeholderData: keepPreviousData,
  });

export const storyQuery = (session: string) =>
  queryOptions({
    queryKey: ["timeline", "story", session],
    queryFn: ({ signal }) => call("GET /v1/timeline/:session", { session }, signal),
  });

export const probesQuery = queryOptions({
  queryKey: ["probes"],
  queryFn: ({ signal }) => call("GET /v1/probes", {}, signal),
});

export const pluginsQuery = queryOptions({
  queryKey: ["plugins"],
  queryFn: ({ signal }) => call("GET /v1/plugins", {}, signal),
});

export const pluginQuery = (name: string, project: string) =>
  queryOptions({
    queryKey: ["plugins", name, project],
    queryFn: ({ signal }) => call("GET /v1/plugins/:name", { name, project }, signal),
  });

export const heartbeatsQuery = queryOptions({
  queryKey: ["heartbeats"],
  queryFn: ({ signal }) => call("GET /v1/heartbeats", {}, signal),
});

export const killQuery = queryOptions({
  queryKey: ["kill"],
  queryFn: ({ signal }) => call("GET /v1/kill", {}, signal),
});

export const supervisedQuery = queryOptions({
  queryKey: ["supervised"],
  queryFn: ({ signal }) => call("GET /v1/supervised", {}, signal),
});

/** While somebody looks at it: no notice says that a program wrote a line. */
export const outputQuery = (name: string, project: string) =>
  queryOptions({
    queryKey: ["output", project, name],
    queryFn: ({ signal }) => call("GET /v1/programs/:name/output", { name, project }, signal),
    refetchInterval: 5_000,
  });

export const ledgerQuery = (from: number, limit: number) =>
  queryOptions({
    queryKey: ["ledger", from, limit],
    queryFn: ({ signal }) => call("GET /v1/ledger", { from, limit }, signal),
    placeholderData: keepPreviousData,
  });

export type LedgerFilter = Pick<InputOf<Operations["list_entries"]>, "type" | "actor" | "fault">;

/** The newest that fit, below an index where one is given. */
export const foundEntriesQuery = (filter: LedgerFilter, before: number | undefined, limit: number) =>
  queryOptions({
    queryKey: ["ledger", "found", filter, before, limit],
    queryFn: ({ signal }) => call("GET /v1/ledger", { ...filter, before, limit }, signal),
    placeholderData: keepPreviousData,
  });

export const verifyLedger = () => call("GET /v1/ledger/verify", {});
