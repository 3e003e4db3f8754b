import { infiniteQueryOptions, keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";
import type {
  EscalationPage,
  EventSample,
  Explanation,
  FaultDetail,
  FaultPage,
  GroupingRule,
  LedgerPage,
  LedgerReport,
  Me,
  Project,
  SupervisedRow,
  TriggerPage,
} from "@prunella/contract";
import { ApiFailure, call } from "./client.ts";

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

export type InboxFilter = { status: string; project: string | undefined; q: string | undefined };

const get = <T>(path: string, signal: AbortSignal) => call<T>("GET", path, undefined, signal);

function withParams(path: string, params: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(params))
    if (value !== undefined && value !== "") search.set(key, String(value));
  const text = search.toString();
  return text === "" ? path : `${path}?${text}`;
}

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => get<Me>("/v1/me", signal),
  staleTime: Infinity,
});

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: ({ signal }) => get<{ projects: Project[] }>("/v1/projects", signal),
});

export const rulesQuery = queryOptions({
  queryKey: ["rules"],
  queryFn: ({ signal }) => get<{ rules: GroupingRule[] }>("/v1/grouping-rules", signal),
});

/** Newest activity first, 50 a page; the next page is fetched when the reader comes near the end. */
export const faultsQuery = (filter: InboxFilter) =>
  infiniteQueryOptions({
    queryKey: ["faults", filter],
    queryFn: ({ pageParam, signal }) =>
      get<FaultPage>(withParams("/v1/faults", { ...filter, limit: 50, cursor: pageParam ?? undefined }), signal),
    initialPageParam: noCursor(),
    getNextPageParam: (page: FaultPage) => page.next,
    placeholderData: keepPreviousData,
  });

const noCursor = (): string | null => null;

export const faultQuery = (id: string) =>
  queryOptions({
    queryKey: ["fault", id],
    queryFn: ({ signal }) => get<FaultDetail>(`/v1/faults/${encodeURIComponent(id)}`, signal),
  });

export const explainQuery = (id: string) =>
  queryOptions({
    queryKey: ["explain", id],
    queryFn: ({ signal }) => get<Explanation>(`/v1/faults/${encodeURIComponent(id)}/explain`, signal),
  });

/** A kept body never changes; it can only be pruned. */
export const sampleQuery = (id: string, eventId: string) =>
  queryOptions({
    queryKey: ["sample", id, eventId],
    queryFn: ({ signal }) =>
      get<EventSample>(`/v1/faults/${encodeURIComponent(id)}/events/${encodeURIComponent(eventId)}`, signal),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });

export const escalationsQuery = (status: "open" | "all") =>
  queryOptions({
    queryKey: ["escalations", status],
    queryFn: ({ signal }) => get<EscalationPage>(withParams("/v1/escalations", { status }), signal),
    placeholderData: keepPreviousData,
  });

export const triggersQuery = queryOptions({
  queryKey: ["triggers"],
  queryFn: ({ signal }) => get<TriggerPage>("/v1/triggers", signal),
});

export const supervisedQuery = queryOptions({
  queryKey: ["supervised"],
  queryFn: ({ signal }) => get<{ supervised: SupervisedRow[] }>("/v1/supervised", signal),
});

export const ledgerQuery = (from: number, limit: number) =>
  queryOptions({
    queryKey: ["ledger", from, limit],
    queryFn: ({ signal }) => get<LedgerPage>(withParams("/v1/ledger", { from, limit }), signal),
    placeholderData: keepPreviousData,
  });

export const verifyLedger = () => call<LedgerReport>("GET", "/v1/ledger/verify");
