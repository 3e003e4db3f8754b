import { useIsFetching, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouter, useRouterState } from "@tanstack/react-router";
import { type ComponentProps, lazy, Suspense, useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { call } from "../api/client.ts";
import { forgetPageKey } from "../api/page-key.ts";
import { forgetSent } from "../api/sent.ts";
import { forgetTrail } from "../inbox/trail.ts";
import { currentConnection, followNotices, watchConnection } from "../api/live.ts";
import { escalationsQuery, killQuery, meQuery } from "../api/queries.ts";
import flower from "../flower.svg";
import { Icon, type IconName } from "../parts/icon.tsx";
import { plainClick } from "../parts/plain-link.ts";
import { Ago, Exact, switchZone, useZone, zoneName } from "../parts/time.tsx";
import { actionsHere, useKeys, type NamedAction } from "./keys.ts";
import { switchTheme, useTheme } from "./theme.ts";
import { forgetToasts, Toasts } from "./toasts.tsx";

const KillBanner = lazy(() => import("./kill-banner.tsx").then((module) => ({ default: module.KillBanner })));
const HelpDialog = lazy(() => import("./help.tsx").then((module) => ({ default: module.HelpDialog })));

const Palette = lazy(() => import("./palette.tsx").then((module) => ({ default: module.Palette })));

/** What asks for you, what is watched, what the healer may and did, the rest: `first` begins a group. */
const PAGES = [
  { to: "/", icon: "inbox", title: "Inbox", first: false },
  { to: "/escalations", icon: "escalations", title: "Escalations", first: false },
  { to: "/programs", icon: "programs", title: "Programs", first: true },
  { to: "/probes", icon: "probes", title: "Probes", first: false },
  { to: "/releases", icon: "releases", title: "Releases", first: false },
  { to: "/triggers", icon: "triggers", title: "Triggers", first: true },
  { to: "/timeline", icon: "timeline", title: "Timeline", first: false },
  { to: "/entries", icon: "ledger", title: "Ledger", first: false },
  { to: "/settings", icon: "settings", title: "Settings", first: true },
] as const satisfies { to: string; icon: IconName; title: string; first: boolean }[];

/** All that has an address of its own, by two keys: the palette and the phone's "More" list them in this order. */
const KEYS = [
  ["g i", "Inbox", "/"],
  ["g e", "Escalations", "/escalations"],
  ["g a", "Away", "/escalations/away"],
  ["g n", "Sprints", "/escalations/sprints"],
  ["g p", "Programs", "/programs"],
  ["g b", "Probes", "/probes"],
  ["g r", "Releases", "/releases"],
  ["g t", "Triggers", "/triggers"],
  ["g v", "Envelopes", "/triggers/envelopes"],
  ["g w", "Pauses and windows", "/triggers/pauses"],
  ["g h", "Rehearsal", "/triggers/rehearsal"],
  ["g u", "Plugins", "/triggers/plugins"],
  ["g m", "Timeline", "/timeline"],
  ["g l", "Ledger", "/entries"],
  ["g s", "Settings", "/settings"],
] as const;

const ON_PHONES: readonly string[] = ["/", "/escalations", "/programs", "/triggers"];

/** What stands around every page: the rail (a bar below on phones), banners, toasts, help. */
export function Shell() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [help, setHelp] = useState(false);
  const [palette, setPalette] = useState<readonly NamedAction[] | null>(null);
  const me = useQuery(meQuery);
  const kill = useQuery(killQuery);
  const isWaiting = [me, kill].some((query) => query.isPending && query.failureCount === 0);
  useEffect(() => followNotices(client), [client]);
  useKeys([
    ...KEYS.map(([keys, title, to]) => ({ keys, title, run: () => void navigate({ to }) })),
    { keys: "?", title: "List of all keys", run: () => setHelp(true) },
  ]);
  const openPalette = useCallback((first: "here" | "pages" = "here") => {
    const actions = actionsHere();
    const isPage = ({ keys }: NamedAction) => keys.startsWith("g ");
    setPalette(
      first === "here" ? actions : [...actions.filter(isPage), ...actions.filter((action) => !isPage(action))],
    );
  }, []);
  useEffect(() => {
    // Not a single key: it works in fields too, and for those who turned single keys off.
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      if (document.querySelector("[role=dialog],[role=alertdialog]") === null) openPalette();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [openPalette]);
  return (
    <div className="flex min-h-dvh flex-col md:flex-row">
      <a href="#main" className="button absolute left-2 top-2 z-50 -translate-y-24 focus:translate-y-0">
        Skip to the page
      </a>
      <Rail onHelp={() => setHelp(true)} onPalette={openPalette} />
      <div className="flex min-w-0 flex-1 flex-col pb-16 md:pb-0">
        <FetchingLine />
        <section aria-label="About this server">
          {me.data?.demo === true && (
            <p className="border-b border-line bg-sunk px-4 py-1 text-sm md:px-6">
              <strong className="mr-1 rounded-sm bg-ink px-1.5 py-px font-semibold text-ground">demo</strong> The
              failures here come from an example service that crashes on purpose.
            </p>
          )}
          {kill.data?.on === true && (
            <Suspense>
              <KillBanner />
            </Suspense>
          )}
          <OfflineBanner />
        </section>
        {/* The page waits unseen for the labels above it, so that nothing jumps. */}
        <main
          id="main"
          tabIndex={-1}
          className={`min-w-0 flex-1 px-4 outline-none md:px-6 ${isWaiting ? "invisible" : ""}`}
        >
          <Outlet />
        </main>
      </div>
      <Toasts />
      {help && (
        <Suspense>
          <HelpDialog onClose={() => setHelp(false)} />
        </Suspense>
      )}
      {palette !== null && (
        <Suspense>
          <Palette actions={palette} onClose={() => setPalette(null)} />
        </Suspense>
      )}
    </div>
  );
}

/** One of the few that stand on every page, and are drawn with the first of them. */
function RailLink({ to, ...rest }: { to: (typeof PAGES)[number]["to"] | "/account" } & ComponentProps<"a">) {
  const router = useRouter();
  const here = useRouterState({ select: ({ location }) => location.pathname });
  const isHere = here === to || (to !== "/" && here.startsWith(`${to}/`));
  return (
    <a
      {...rest}
      href={to}
      aria-current={isHere ? "page" : undefined}
      data-status={isHere ? "active" : undefined}
      onClick={plainClick(() => router.navigate({ to }))}
    />
  );
}

function Rail({ onHelp, onPalette }: { onHelp: () => void; onPalette: (first: "here" | "pages") => void }) {
  const open = useQuery(escalationsQuery("open")).data?.open ?? 0;
  return (
    <header className="flex shrink-0 items-center justify-between border-line px-4 max-md:border-b md:sticky md:top-0 md:h-dvh md:w-22 md:flex-col md:overflow-y-auto md:border-r md:px-1 md:py-3">
      <RailLink
        to="/"
        className="flex items-center gap-2 rounded-md p-2 max-md:-ml-2"
        aria-label="Prunella, to the Inbox"
      >
        <img src={flower} alt="" width="26" height="26" />
        <span className="font-semibold max-[359px]:hidden md:hidden" aria-hidden="true">
          Prunella
        </span>
      </RailLink>
      <nav
        aria-label="Pages"
        className="max-md:fixed max-md:inset-x-0 max-md:bottom-0 max-md:z-20 max-md:border-t max-md:border-line max-md:bg-ground md:mt-2 md:w-full md:flex-1"
      >
        <ul className="flex justify-around md:flex-col md:gap-1">
          {PAGES.map(({ to, icon, title, first }) => (
            // Nine do not fit under a thumb; the others stand behind "More".
            <li
              key={to}
              className={`max-md:flex-1 ${first ? "md:border-t md:border-line md:pt-1" : ""} ${ON_PHONES.includes(to) ? "" : "max-md:hidden"}`}
            >
              <RailLink
                to={to}
                className="group relative flex flex-col items-center gap-0.5 rounded-md px-1 py-2 text-xs text-quiet hover:bg-sunk hover:text-ink data-[status=active]:text-accent max-md:min-h-14 max-md:justify-center"
              >
                <span className="relative rounded-full px-3 py-0.5 group-data-[status=active]:bg-accent-wash">
                  <Icon name={icon} />
                </span>
                {title}
                {to === "/escalations" && open > 0 && (
                  <span className="absolute left-1/2 top-1 ml-2 min-w-4.5 rounded-full bg-bad px-1 text-center font-semibold text-ground">
                    {open}
                    <span className="sr-only"> open</span>
                  </span>
                )}
              </RailLink>
            </li>
          ))}
          <li className="flex-1 md:hidden">
            <button
              type="button"
              className="flex min-h-14 w-full flex-col items-center justify-center gap-0.5 rounded-md px-1 py-2 text-xs text-quiet"
              aria-haspopup="dialog"
              onClick={() => onPalette("pages")}
            >
              <span className="px-3 py-0.5">
                <Icon name="more" />
              </span>
              More<span className="sr-only"> pages</span>
            </button>
          </li>
        </ul>
      </nav>
      <div className="flex items-center md:flex-col">
        <span className="max-md:hidden">
          <RailButton icon="search" title="Go to or do (Ctrl K)" onPress={() => onPalette("here")} />
        </span>
        {/* A phone has no keys, and the narrowest no room for a fifth button. */}
        <span className="max-md:hidden">
          <RailButton icon="keyboard" title="Keyboard" onPress={onHelp} />
        </span>
        <ZoneButton />
        <ThemeButton />
        <AccountLink />
        <SignOutButton />
      </div>
    </header>
  );
}

function RailButton({ icon, title, onPress }: { icon: IconName; title: string; onPress: () => void }) {
  return (
    <button
      type="button"
      onClick={onPress}
      title={title}
      aria-label={title}
      className="flex size-10 items-center justify-center rounded-md text-quiet hover:bg-sunk hover:text-ink max-md:size-11"
    >
      <Icon name={icon} />
    </button>
  );
}

function ThemeButton() {
  const theme = useTheme();
  const words = { system: "follows the system", light: "light", dark: "dark" }[theme];
  return <RailButton icon="theme" title={`Colours: ${words}. Switch`} onPress={switchTheme} />;
}

function AccountLink() {
  const person = useQuery(meQuery).data?.person ?? null;
  const title = person === null ? "My account" : `My account: ${person.name}`;
  return (
    <RailLink
      to="/account"
      title={title}
      aria-label={title}
      className="flex size-10 items-center justify-center rounded-md text-quiet hover:bg-sunk hover:text-ink data-[status=active]:text-accent max-md:size-11"
    >
      <Icon name="person" />
    </RailLink>
  );
}

/** UTC, as servers and logs say it, or the reader's own clock: for every exact time of every page. */
function ZoneButton() {
  const zone = useZone();
  const words = zone === "utc" ? "UTC" : `this browser’s, ${zoneName(Date.now(), zone)} now`;
  return <RailButton icon="clock" title={`Times: ${words}. Switch`} onPress={switchZone} />;
}

function SignOutButton() {
  return <RailButton icon="leave" title="Sign out" onPress={useSignOut()} />;
}

/** Ends the session and forgets everything that was fetched in it. */
export function useSignOut(): () => void {
  const client = useQueryClient();
  const navigate = useNavigate();
  const signOut = async () => {
    await call("DELETE /v1/session", {}).catch(() => undefined);
    forgetPageKey();
    forgetTrail();
    forgetSent();
    forgetToasts();
    client.clear();
    await navigate({ to: "/sign-in" });
  };
  return () => void signOut();
}

function FetchingLine() {
  const fetching = useIsFetching() > 0;
  return (
    <div
      aria-hidden="true"
      className={`fixed inset-x-0 top-0 z-30 h-0.5 overflow-hidden ${fetching ? "progress-line" : "hidden"}`}
    />
  );
}

function OfflineBanner() {
  const { state, since } = useSyncExternalStore(watchConnection, currentConnection);
  // A server that restarts is back within a second; a banner for that would only flicker.
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (state !== "offline") {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), 700);
    return () => clearTimeout(timer);
  }, [state]);
  return (
    <div role="status">
      {shown && (
        // Over the page instead of above it: a state that comes and goes must not push rows about.
        <p className="fixed inset-x-0 bottom-14 z-30 border-t border-line bg-bad-wash px-4 py-1.5 text-sm md:bottom-0 md:left-22 md:px-6">
          <strong className="font-semibold text-bad">Offline</strong> since <Exact at={since} /> (<Ago at={since} />
          ). What you see is the last picture; you can still read and filter what is loaded. Programs under{" "}
          <code>prunella run</code> keep running. The page returns by itself.
        </p>
      )}
    </div>
  );
}

export function NotFound() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <main className="p-6">
      <h1 className="text-lg font-semibold">There is no such page</h1>
      <p className="mt-1 text-quiet">
        Nothing is at <code>{path}</code>.
      </p>
      <p className="mt-3">
        <Link to="/" className="link">
          To the Inbox
        </Link>
      </p>
    </main>
  );
}

/** Says which page this is, in the tab and to a screen reader, and how many questions wait. */
export function useTitle(title: string): void {
  // The rail fetches it; the sign-in page has no rail and must not ask.
  const open = useQuery({ ...escalationsQuery("open"), enabled: false }).data?.open ?? 0;
  useEffect(() => {
    // Titles of faults are an outsider's text; controls and bidirectional marks stay out of the tab.
    const clean = title.replaceAll(/[\p{Cc}\p{Cf}]/gu, " ");
    document.title = `${open > 0 ? `(${open}) ` : ""}${clean} · Prunella`;
  }, [title, open]);
}
