import type { Config, ForgeCheck } from "@prunella/contract";
import type { Forge } from "@prunella/forge";
import type { Kernel } from "@prunella/kernel";
import type { OpenedForge } from "./open.ts";
import { backlogOf, type RepositoriesView } from "./shown.ts";

interface CheckDeps {
  readonly opened: OpenedForge;
  readonly config: NonNullable<Config["forge"]>;
  /** Others' plugins are dispatched with the same identity, which needs more for it. */
  readonly dispatches: boolean;
  readonly filings: Kernel["filings"];
  readonly url: () => string;
  readonly now: () => number;
  readonly lastDelivery: () => number | null;
}

const ASK_MS = 10_000;

type Role = "triage" | "publisher";
type Wanted = Readonly<Record<string, "read" | "write">>;
type Identity = ForgeCheck["identities"][number];

/** Needed by each, by the names of its host. */
export const NEEDED: Readonly<Record<Forge["kind"], Readonly<Record<Role, Wanted>>>> = {
  github: {
    triage: { metadata: "read", contents: "read", issues: "write" },
    publisher: { metadata: "read", contents: "write", pull_requests: "write" },
  },
  gitea: {
    triage: { issue: "write", repository: "read", user: "read" },
    publisher: { repository: "write", user: "read" },
  },
};
/** Not needed to file, and right to have: what plugins read, and what the host must let an App hear of. */
const ALLOWED: Readonly<Record<string, "read" | "write">> = {
  pull_requests: "read",
  checks: "read",
  statuses: "read",
  actions: "read",
};
const OF_DISPATCHES: Wanted = { contents: "write", actions: "write", pull_requests: "write" };

export const viewOf = (deps: CheckDeps): RepositoriesView => ({
  kind: deps.opened.forge.kind,
  place: deps.opened.place,
  check: () => checkForge(deps),
});

/** Looks at the host once, for people. */
async function checkForge(deps: CheckDeps): Promise<ForgeCheck> {
  const { opened, config, url, now } = deps;
  const { kind, base_url } = config;
  const identities = [["triage", opened.forge] as const, ...opened.publisher.map((one) => ["publisher", one] as const)];
  const seen = await Promise.all(
    identities.map(async ([role, forge]) => look(role, forge, deps, await forge.standing(AbortSignal.timeout(ASK_MS)))),
  );
  const [first] = seen;
  const triage = await lookAtTriage(opened.forge, config.triage, first?.identity.standing === "known");
  const expected = `${url().replace(/\/$/, "")}/forge/${kind}`;
  const configured = first?.hook ?? null;
  const lastAt = deps.lastDelivery();
  const backlog = await backlogOf(deps.filings, {
    view: { kind, place: opened.place },
    projects: null,
    now: now(),
  });
  const limits = opened.limits();
  return {
    kind,
    double: opened.isDouble(),
    base_url,
    version: first?.version ?? null,
    identities: seen.map(({ identity }) => identity),
    webhook: { expected, configured, last_at: lastAt },
    limits: limits && { limit: limits.limit, remaining: limits.remaining, resets_at: limits.resetsAt },
    watched: [...config.watched.repos],
    triage: triage.triage,
    backlog,
    problems: [
      ...seen.flatMap(({ problems }) => problems),
      ...triage.problems,
      ...hookProblems({ kind, expected, configured, lastAt, isWatched: config.watched.repos.length > 0 }),
    ],
  };
}

/** Whether the private repository is one, asked of a host that is there. */
async function lookAtTriage(
  forge: Forge,
  config: NonNullable<Config["forge"]>["triage"],
  isThere: boolean,
): Promise<{ readonly triage: ForgeCheck["triage"]; readonly problems: readonly string[] }> {
  if (config === null) return { triage: null, problems: [] };
  const { repo, public_repo } = config;
  if (!isThere) return { triage: { repo, is_private: null, public_repo }, problems: [] };
  const [owner = "", name = ""] = repo.split("/");
  const asked = await forge.isPrivate({ owner, repo: name }, AbortSignal.timeout(ASK_MS));
  if (!asked.ok)
    return {
      triage: { repo, is_private: null, public_repo },
      problems: [
        `Nobody knows whether ${repo} is private, so nothing is filed there: ${asked.refusal.message.slice(0, 300)}`,
      ],
    };
  return {
    triage: { repo, is_private: asked.value, public_repo },
    problems: asked.value ? [] : [`${repo} is public, so nothing is filed there. Make it private at the host.`],
  };
}

interface Looked {
  readonly identity: Identity;
  readonly version: string | null;
  readonly hook: string | null;
  readonly problems: readonly string[];
}

function look(
  role: Role,
  { kind }: Forge,
  { dispatches }: CheckDeps,
  asked: Awaited<ReturnType<Forge["standing"]>>,
): Looked {
  if (!asked.ok) {
    const standing = asked.refusal.reason === "unreachable" ? "unreachable" : "refused";
    const identity = { role, standing, login: null, permissions: null } as const;
    return {
      identity,
      version: null,
      hook: null,
      problems: [
        standing === "unreachable"
          ? `The host was not reached as ${role}: ${asked.refusal.message.slice(0, 300)}`
          : `The host does not say who ${role} is: ${asked.refusal.message.slice(0, 300)}`,
      ],
    };
  }
  const { version, login, hook } = asked.value;
  const allowed = role === "publisher" ? {} : dispatches ? { ...ALLOWED, ...OF_DISPATCHES } : ALLOWED;
  const permissions =
    asked.value.permissions === null ? null : compare(asked.value.permissions, NEEDED[kind][role], allowed);
  return {
    identity: { role, standing: "known", login, permissions },
    version,
    hook,
    problems: permissionProblems(role, permissions),
  };
}

/** Pure: what is there beside what is needed, exactly. */
export function compare(
  has: Readonly<Record<string, string>>,
  needed: Wanted,
  allowed: Wanted,
): NonNullable<Identity["permissions"]> {
  const names = [...new Set([...Object.keys(needed), ...Object.keys(has)])].toSorted();
  return names.map((name) => {
    const [held, wanted, most] = [has[name] ?? null, needed[name] ?? null, allowed[name] ?? null];
    const isEnough = wanted === null || held === wanted || (wanted === "read" && held !== null);
    const isMore = rank(held) > Math.max(rank(wanted), rank(most));
    return { name, has: held, wanted, verdict: !isEnough ? "missing" : isMore ? "broader" : "right" } as const;
  });
}

/** What is neither known is more than anything. */
const rank = (access: string | null): number =>
  access === null ? 0 : access === "read" ? 1 : access === "write" ? 2 : 3;

function permissionProblems(role: Role, permissions: Identity["permissions"]): string[] {
  if (permissions === null)
    return [
      `The host does not say what the token of ${role} may do: make sure by hand that it may no more than docs/forge.md names.`,
    ];
  return permissions.flatMap(({ name, has, wanted, verdict }) =>
    verdict === "right"
      ? []
      : verdict === "missing"
        ? [`${role} lacks ${name}: ${wanted ?? ""}. Grant it at the host.`]
        : [
            `${role} may ${name}: ${has ?? ""}, which is more than ${wanted === null ? "nothing" : wanted}. Take it away at the host.`,
          ],
  );
}

function hookProblems(of: {
  readonly kind: Forge["kind"];
  readonly expected: string;
  readonly configured: string | null;
  readonly lastAt: number | null;
  readonly isWatched: boolean;
}): string[] {
  if (of.configured !== null && of.configured !== of.expected)
    return [`The host sends what happens to ${of.configured}, and not to ${of.expected}.`];
  if (!of.isWatched || of.lastAt !== null || of.configured !== null) return [];
  return [
    `Nothing was delivered since the server started: the webhook of each watched repository goes to ${of.expected}.`,
  ];
}
