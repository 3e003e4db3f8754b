import type { DmStatus, FaultSort, Level, Source, TrendRange } from "@prunella/contract";
import type { QueryClient } from "@tanstack/react-query";
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from "@tanstack/react-router";
import { InboxPage } from "./inbox/inbox-page.tsx";
import { Problem } from "./parts/problem.tsx";
import { NotFound, Shell } from "./shell/shell.tsx";

/** Search parameters stay plain text: what a person types into the address is what we read. */
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const whole = (value: unknown): number | undefined =>
  typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : typeof value === "number" ? value : undefined;

const STATUSES = ["active", "open", "regressed", "resolved", "muted", "all"] as const;
export type StatusFilter = (typeof STATUSES)[number];

const SPANS = ["1d", "7d", "30d"] as const;
const RANGES = ["1h", "24h", "7d", "30d"] as const satisfies readonly TrendRange[];
export type FaultSearch = { event?: string | undefined; range?: TrendRange | undefined };
export type ReleaseSearch = { project?: string | undefined };
const SORTS = ["last_seen", "first_seen", "count", "trend", "users"] as const satisfies readonly FaultSort[];
const LEVELS = ["fatal", "error", "warning", "info", "debug"] as const satisfies readonly Level[];
/** Those that faults come in by. */
const SOURCES = [
  "sentry",
  "crash",
  "supervisor",
  "probe",
  "heartbeat",
  "plugin",
  "webhook",
  "otlp",
] as const satisfies readonly Source[];

/** What the Inbox shows: each part of it is a name of the operation that lists faults. */
export type InboxSearch = {
  status?: StatusFilter | undefined;
  project?: string | undefined;
  q?: string | undefined;
  level?: Level | undefined;
  environment?: string | undefined;
  release?: string | undefined;
  source?: Source | undefined;
  target?: string | undefined;
  since?: string | undefined;
  before?: string | undefined;
  sort?: FaultSort | undefined;
};
export type EscalationSearch = { status?: "all" | undefined };
/** `link`: of the message that led here. */
export type EscalationOneSearch = { link?: string | undefined };
const DM_STATUSES = [
  "sent",
  "failed_send",
  "engine_unavailable_fallback",
  "engine_unavailable_failed_send",
] as const satisfies readonly DmStatus[];
/** What the timeline shows of investigations: by how people were told. */
export type TimelineSearch = { status?: DmStatus | undefined };
/** `for`: so far back, such as `7d`; without it since the last review. */
export type AwaySearch = { for?: "1d" | "7d" | "30d" | undefined; project?: string | undefined };
export type SprintsSearch = { status?: "all" | undefined };
export type RehearsalSearch = { trigger?: string | undefined; project?: string | undefined };
export type LedgerSearch = {
  from?: number | undefined;
  /** Of what is filtered, the entries below this one. */
  before?: number | undefined;
  type?: string | undefined;
  actor?: string | undefined;
  fault?: string | undefined;
};
export type SignInSearch = { next?: string | undefined };

const SignInPage = lazyRouteComponent(() => import("./sign-in/sign-in-page.tsx"), "SignInPage");
const FaultPage = lazyRouteComponent(() => import("./fault/fault-page.tsx"), "FaultPage");
const EscalationsPage = lazyRouteComponent(() => import("./escalations/escalations-page.tsx"), "EscalationsPage");
const EscalationPageOne = lazyRouteComponent(() => import("./escalations/escalations-page.tsx"), "EscalationPageOne");
const ProgramsPage = lazyRouteComponent(() => import("./programs/programs-page.tsx"), "ProgramsPage");
const TriggersPage = lazyRouteComponent(() => import("./triggers/triggers-page.tsx"), "TriggersPage");
const EnvelopesPage = lazyRouteComponent(() => import("./triggers/envelopes-page.tsx"), "EnvelopesPage");
const StandingPage = lazyRouteComponent(() => import("./triggers/standing-page.tsx"), "StandingPage");
const ApprovalsPage = lazyRouteComponent(() => import("./triggers/approvals-page.tsx"), "ApprovalsPage");
const RehearsalPage = lazyRouteComponent(() => import("./triggers/rehearsal-page.tsx"), "RehearsalPage");
const PluginsPage = lazyRouteComponent(() => import("./plugins/plugins-page.tsx"), "PluginsPage");
const AwayPage = lazyRouteComponent(() => import("./away/away-page.tsx"), "AwayPage");
const SprintsPage = lazyRouteComponent(() => import("./away/sprints-page.tsx"), "SprintsPage");
const SprintPage = lazyRouteComponent(() => import("./away/sprint-page.tsx"), "SprintPage");
const TimelinePage = lazyRouteComponent(() => import("./timeline/timeline-page.tsx"), "TimelinePage");
const StoryPage = lazyRouteComponent(() => import("./timeline/story-page.tsx"), "StoryPage");
const WatchingPage = lazyRouteComponent(() => import("./watching/watching-page.tsx"), "WatchingPage");
const ReleasesPage = lazyRouteComponent(() => import("./releases/releases-page.tsx"), "ReleasesPage");
const ReleasePage = lazyRouteComponent(() => import("./releases/release-page.tsx"), "ReleasePage");
const LedgerPage = lazyRouteComponent(() => import("./ledger/ledger-page.tsx"), "LedgerPage");
const MessagesPage = lazyRouteComponent(() => import("./settings/messages-page.tsx"), "MessagesPage");
const ForgePage = lazyRouteComponent(() => import("./settings/forge-page.tsx"), "ForgePage");
const SettingsPage = lazyRouteComponent(() => import("./settings/settings-page.tsx"), "SettingsPage");
const ApiPage = lazyRouteComponent(() => import("./api-page/api-page.tsx"), "ApiPage");

const AccountPage = lazyRouteComponent(() => import("./account/account-page.tsx"), "AccountPage");
const InvitationPage = lazyRouteComponent(() => import("./sign-in/invitation-page.tsx"), "InvitationPage");

/**
 * Fetches the code of the pages that are not shown yet. Without it a page that is first opened while
 * the server is away would reload the tab, and the browser's error page would take the console's place.
 */
export async function fetchPages(): Promise<void> {
  const pages = [
    SignInPage,
    FaultPage,
    EscalationsPage,
    EscalationPageOne,
    ProgramsPage,
    TriggersPage,
    EnvelopesPage,
    StandingPage,
    ApprovalsPage,
    RehearsalPage,
    PluginsPage,
    AwayPage,
    SprintsPage,
    SprintPage,
    TimelinePage,
    StoryPage,
    WatchingPage,
    ReleasesPage,
    ReleasePage,
    LedgerPage,
    SettingsPage,
    MessagesPage,
    ForgePage,
    AccountPage,
    ApiPage,
  ];
  await Promise.allSettled(pages.map(async (page) => page.preload?.()));
  performance.mark("every page is fetched");
}

const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: NotFound });
const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  component: SignInPage,
  validateSearch: (search): SignInSearch => ({ next: text(search["next"]) }),
});
const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/invitation",
  component: InvitationPage,
});
const shellRoute = createRoute({ getParentRoute: () => rootRoute, id: "shell", component: Shell });
const accountRoute = createRoute({ getParentRoute: () => shellRoute, path: "/account", component: AccountPage });
const inboxRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  component: InboxPage,
  validateSearch: (search): InboxSearch => ({
    status: STATUSES.find((each) => each === search["status"]),
    project: text(search["project"]),
    q: text(search["q"]),
    level: LEVELS.find((each) => each === search["level"]),
    environment: text(search["environment"]),
    release: text(search["release"]),
    source: SOURCES.find((each) => each === search["source"]),
    target: text(search["target"]),
    since: text(search["since"]),
    before: text(search["before"]),
    sort: SORTS.find((each) => each === search["sort"]),
  }),
});
const faultRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/faults/$id",
  component: FaultPage,
  validateSearch: (search): FaultSearch => ({
    event: text(search["event"]),
    range: RANGES.find((each) => each === search["range"]),
  }),
});
const escalationsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/escalations",
  component: EscalationsPage,
  validateSearch: (search): EscalationSearch => (search["status"] === "all" ? { status: "all" } : {}),
});
// Before the page of one: what lies below a section stands in its rows and not in the rail.
const awayRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/escalations/away",
  component: AwayPage,
  validateSearch: (search): AwaySearch => ({
    for: SPANS.find((each) => each === search["for"]),
    project: text(search["project"]),
  }),
});
const sprintsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/escalations/sprints",
  component: SprintsPage,
  validateSearch: (search): SprintsSearch => (search["status"] === "all" ? { status: "all" } : {}),
});
const sprintRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/escalations/sprints/$id",
  component: SprintPage,
});
const escalationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/escalations/$id",
  component: EscalationPageOne,
  validateSearch: (search): EscalationOneSearch => ({ link: text(search["link"]) }),
});
const programsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/programs",
  component: ProgramsPage,
});
const triggersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/triggers",
  component: TriggersPage,
});
const envelopesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/triggers/envelopes",
  component: EnvelopesPage,
});
const standingRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/triggers/pauses",
  component: StandingPage,
});
const approvalsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/triggers/approvals",
  component: ApprovalsPage,
});
const rehearsalRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/triggers/rehearsal",
  component: RehearsalPage,
  validateSearch: (search): RehearsalSearch => ({ trigger: text(search["trigger"]), project: text(search["project"]) }),
});
const pluginsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/triggers/plugins",
  component: PluginsPage,
});
const timelineRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/timeline",
  component: TimelinePage,
  validateSearch: (search): TimelineSearch => ({ status: DM_STATUSES.find((each) => each === search["status"]) }),
});
const storyRoute = createRoute({ getParentRoute: () => shellRoute, path: "/timeline/$session", component: StoryPage });
const watchingRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/probes",
  component: WatchingPage,
});
const releasesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/releases",
  component: ReleasesPage,
  validateSearch: (search): ReleaseSearch => ({ project: text(search["project"]) }),
});
const releaseRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/releases/$project/$version",
  component: ReleasePage,
});
const ledgerRoute = createRoute({
  getParentRoute: () => shellRoute,
  // Not /ledger: below that stand the tiles that other programs verify.
  path: "/entries",
  component: LedgerPage,
  validateSearch: (search): LedgerSearch => ({
    from: whole(search["from"]),
    before: whole(search["before"]),
    type: text(search["type"]),
    actor: text(search["actor"]),
    fault: text(search["fault"]),
  }),
});
const messagesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings/messages",
  component: MessagesPage,
});
const forgeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings/forge",
  component: ForgePage,
});
const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings",
  component: SettingsPage,
});
const apiRoute = createRoute({ getParentRoute: () => shellRoute, path: "/docs/api", component: ApiPage });

const routeTree = rootRoute.addChildren([
  signInRoute,
  invitationRoute,
  shellRoute.addChildren([
    inboxRoute,
    faultRoute,
    escalationsRoute,
    awayRoute,
    sprintsRoute,
    sprintRoute,
    escalationRoute,
    programsRoute,
    triggersRoute,
    envelopesRoute,
    standingRoute,
    approvalsRoute,
    rehearsalRoute,
    pluginsRoute,
    timelineRoute,
    storyRoute,
    watchingRoute,
    releasesRoute,
    releaseRoute,
    ledgerRoute,
    settingsRoute,
    messagesRoute,
    forgeRoute,
    accountRoute,
    apiRoute,
  ]),
]);

export function createConsoleRouter(client: QueryClient) {
  return createRouter({
    routeTree,
    scrollRestoration: true,
    // For pages that are opened before `fetchPages` is done: code only, fetched on hover.
    defaultPreload: "intent",
    parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
    stringifySearch: (search) => {
      const params = new URLSearchParams();
      for (const [key, value] of Object.entries(search))
        if (value !== undefined && value !== "") params.set(key, String(value));
      const query = params.toString();
      return query === "" ? "" : `?${query}`;
    },
    defaultErrorComponent: ({ error, reset }) => (
      <Problem
        what="This page could not be shown."
        error={error}
        works="The other pages still work."
        onRetry={() => {
          void client.invalidateQueries();
          reset();
        }}
      />
    ),
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
