import { glob, type Owners } from "./owners.ts";
import type { Check, File, Pull, Review } from "./read.ts";
import { policyOf, type Settings } from "./settings.ts";

/** Everything about one pull request that was read. */
export interface Seen {
  readonly repo: string;
  readonly pull: Pull;
  readonly files: readonly File[];
  readonly reviews: readonly Review[];
  readonly checks: readonly Check[];
  readonly owners: Owners;
  /** Not all of it could be read. */
  readonly isCut: boolean;
}

/** One thing that must be so, and what it means where it is not: something has to change, or to be waited for. */
export interface Condition {
  readonly isMet: boolean;
  readonly unmet: "change" | "wait";
  readonly text: string;
  /** Names that others wrote: of checks, files, people. */
  readonly about: readonly string[];
}

const AREAS: readonly (readonly [area: string, path: RegExp])[] = [
  ["what runs by itself", /^(?:\.github|\.gitea|\.forgejo)\/|(?:^|\/)(?:\.ci|\.circleci|Jenkinsfile|\.gitlab-ci\.yml)/],
  ["who owns what", /(?:^|\/)CODEOWNERS$/],
  [
    "dependencies",
    /(?:^|\/)(?:package(?:-lock)?\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|go\.(?:mod|sum)|Cargo\.(?:toml|lock)|requirements[^/]*\.txt|poetry\.lock|uv\.lock|pyproject\.toml|Gemfile(?:\.lock)?|pom\.xml|build\.gradle(?:\.kts)?|composer\.(?:json|lock))$|(?:^|\/)(?:vendor|node_modules)\//,
  ],
  [
    "sign-in, secrets and rights",
    /(?:auth|login|session|password|secret|token|crypt|permission|\bacl\b|\.pem$|\.key$|\.env)/i,
  ],
  ["the database", /(?:^|\/)(?:migrations?|db)\/|\.sql$|schema\.[a-z]+$/i],
  ["how it is delivered", /(?:^|\/)(?:Dockerfile|docker-compose|compose\.ya?ml|helm|k8s|deploy|terraform)|\.tf$/i],
  ["names that hide something", /(?!\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u],
];
const TEST = /(?:^|\/)(?:tests?|spec|__tests__)\/|[._-](?:test|spec)\.[a-z]+$/i;

/** Areas where a small change does much, with its files. */
function risksOf(files: readonly File[]): { area: string; files: string[] }[] {
  const of = (area: string, fits: (file: File) => boolean) => ({
    area,
    files: files.filter(fits).map(({ path }) => path),
  });
  const found = AREAS.map(([area, path]) => of(area, (file) => pathsOf(file).some((one) => path.test(one))));
  const gone = of("tests that are taken away", ({ path, status }) => status === "removed" && TEST.test(path));
  return [...found, gone].filter((one) => one.files.length > 0);
}

/** The last word of each who may write, but for its author. */
function lastWords({ pull, reviews }: Seen): Review[] {
  const said = reviews.filter((one) => one.mayWrite && one.state !== "commented" && one.author !== pull.author);
  return [...new Map(said.map((review) => [review.author.toLowerCase(), review])).values()];
}
const namesOf = (reviews: readonly Review[]) => reviews.map(({ author }) => author);
/** Of this very commit: what was approved before it is another one. */
const approvalsOf = (seen: Seen) =>
  namesOf(lastWords(seen).filter(({ state, sha }) => state === "approved" && sha === seen.pull.head));
const objectionsOf = (seen: Seen) => namesOf(lastWords(seen).filter(({ state }) => state === "changes_requested"));

/** Who owns what of it, and whether one of them approved this very commit; of a team, whoever the settings name. */
function ownersOf(seen: Seen, { teams }: Settings): { owner: string; files: number; approved: boolean }[] {
  const yes = approvalsOf(seen);
  const counts = new Map<string, number>();
  for (const file of seen.files)
    for (const owner of new Set(pathsOf(file).flatMap((path) => seen.owners.of(path))))
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
  const speaks = (owner: string) => teams.find(({ name }) => isSame(name, owner))?.members ?? [owner];
  const approved = (owner: string) => speaks(owner).some((name) => yes.some((one) => isSame(one, name)));
  return [...counts].map(([owner, files]) => ({ owner, files, approved: approved(owner) }));
}
const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

export type Facts = ReturnType<typeof factsOf>;

/** Everything that is said of one, weighed by a policy; null: by what any team would ask. */
export function factsOf(seen: Seen, settings: Settings, policy: string | null) {
  const { pull, repo, checks } = seen;
  const { url, number, title, author, base, head, requested } = pull;
  return {
    url,
    repo,
    number,
    title,
    author,
    base,
    head,
    size: { files: pull.changedFiles, additions: pull.additions, deletions: pull.deletions },
    checks,
    approvals: approvalsOf(seen),
    objections: objectionsOf(seen),
    requested,
    risks: risksOf(seen.files),
    owners: ownersOf(seen, settings),
    conditions: weigh(seen, settings, policy),
  };
}

/** What a policy asks for, one by one. */
function weigh(seen: Seen, settings: Settings, name: string | null): Condition[] {
  const policy = policyOf(settings, name);
  const { pull, checks, files } = seen;
  const of = (state: string) => checks.filter((check) => check.state === state).map((check) => check.name);
  const paths = (fits: (path: string) => boolean) =>
    files.filter((one) => pathsOf(one).some(fits)).map(({ path }) => path);
  const approved = new Set(ownersOf(seen, settings).flatMap(({ owner, approved: isYes }) => (isYes ? [owner] : [])));
  const waiting = paths((path) => {
    const owners = seen.owners.of(path);
    return owners.length > 0 && !owners.some((owner) => approved.has(owner));
  });
  const never = policy.never.map(glob);
  const touched = paths((path) => never.some((one) => one.test(path)));
  const missing = policy.checks.filter((one) => !isWell(checks.filter((check) => check.name === one)));
  const hasLabel = (label: string) => pull.labels.some((one) => isSame(one, label));
  const unlabelled = policy.labels.filter((one) => !hasLabel(one));
  const yes = approvalsOf(seen);
  const lines = pull.additions + pull.deletions;
  return [
    no("wait", "open", [], pull.state === "open"),
    no("wait", "not one of our own, which a person merges by hand", [], !pull.isOurs),
    no("wait", "no draft", [], !pull.isDraft),
    no("wait", "all of it could be read", [], !seen.isCut),
    no("wait", "its host knows whether it conflicts", [], pull.isMergeable !== null),
    no("change", "without conflicts, and its host would merge it", [], pull.isMergeable !== false),
    ...when(policy.allChecks, [
      no("change", "every check passed", of("failure")),
      no("wait", "every check has ended", of("pending")),
      no("wait", "at least one check passed", [], of("success").length > 0),
    ]),
    ...when(policy.checks.length > 0, [no("wait", "the named checks passed", missing)]),
    no("change", "without objections of people who may write", objectionsOf(seen)),
    no("wait", `${policy.approvals} approved this very commit`, yes, yes.length >= policy.approvals),
    ...when(policy.owners, [
      no("wait", "each owned file was approved by one of its owners", waiting),
      no("wait", "every line of CODEOWNERS could be read", seen.owners.unread),
    ]),
    ...when(policy.maxFiles !== null, [
      no("change", `at most ${policy.maxFiles} files`, [], pull.changedFiles <= (policy.maxFiles ?? 0)),
    ]),
    ...when(policy.maxLines !== null, [
      no("change", `at most ${policy.maxLines} lines`, [], lines <= (policy.maxLines ?? 0)),
    ]),
    ...when(never.length > 0, [no("change", "away from what it may not touch", touched)]),
    ...when(policy.labels.length > 0, [no("wait", "with its labels", unlabelled)]),
    ...when(policy.withoutLabels.length > 0, [
      no("wait", "without a label that holds it", policy.withoutLabels.filter(hasLabel)),
    ]),
    ...when(policy.base !== null, [
      no("change", "into a branch that it may go into", [pull.base], policy.base?.includes(pull.base) === true),
    ]),
  ];
}

/** Met unless somebody or something is against it. */
const no = (
  unmet: Condition["unmet"],
  text: string,
  about: readonly string[],
  isMet = about.length === 0,
): Condition => ({ isMet, unmet, text, about });
const when = (isAsked: boolean, conditions: readonly Condition[]) => (isAsked ? conditions : []);
/** A renamed file is touched at both ends. */
const pathsOf = ({ path, before }: File): string[] => (before === null ? [path] : [path, before]);
/** It ran at least once, and each time with success. */
const isWell = (checks: readonly Check[]): boolean =>
  checks.length > 0 && checks.every(({ state }) => state === "success");

export const recommend = (pull: Pull, conditions: readonly Condition[]): "merge" | "change" | "wait" | "none" => {
  if (pull.state !== "open") return "none";
  const unmet = conditions.filter(({ isMet }) => !isMet).map((one) => one.unmet);
  return unmet.length === 0 ? "merge" : unmet.includes("change") ? "change" : "wait";
};
