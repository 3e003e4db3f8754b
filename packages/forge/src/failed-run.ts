import { z } from "zod";

/** A workflow, check or suite of checks that ended and failed, as its host told. All of it is somebody else's text. */
export interface FailedRun {
  /** What listens to it: `workflow_run.completed` and so on. */
  readonly event: "workflow_run.completed" | "check_run.completed" | "check_suite.completed";
  readonly kind: "workflow" | "check" | "suite of checks";
  /** `owner/name` */
  readonly repo: string;
  readonly name: string;
  readonly conclusion: string;
  readonly branch: string;
  readonly commit: string;
  readonly url: string;
}

/** Who we are at the host, so that nothing of our own doing sets us off. */
interface Ourselves {
  /** Logins under which we write. */
  readonly logins: readonly string[];
}

/** What begins so is a branch of ours, and no person's. */
const OUR_BRANCHES = "prunella/";
/** Stands in all that we write. */
const OUR_MARKER = "<!-- prunella:";

type Heard =
  | { readonly kind: "failed"; readonly run: FailedRun }
  /** Nothing that is done anything about, and why. */
  | { readonly kind: "nothing"; readonly why: "no_failure" | "ours" | "of_a_fork" | "told_as_workflow" };

const text = z.string().nullish();
const Who = z.object({ login: z.string() }).nullish();
const Repository = z.object({ full_name: z.string().max(201) });
const App = z.object({ slug: text, name: text }).nullish();
const Commit = z.object({ message: text }).nullish();

const WorkflowRun = z.object({
  repository: Repository,
  sender: Who,
  workflow: z.object({ name: text }).nullish(),
  workflow_run: z.object({
    name: text,
    path: text,
    display_title: text,
    conclusion: text,
    head_branch: text,
    head_sha: text,
    html_url: text,
    head_commit: Commit,
    actor: Who,
    triggering_actor: Who,
    // As Gitea calls whoever set it off.
    trigger_actor: Who,
    head_repository: Repository.nullish(),
  }),
});
const CheckRun = z.object({
  repository: Repository,
  sender: Who,
  check_run: z.object({
    name: text,
    conclusion: text,
    head_sha: text,
    html_url: text,
    app: App,
    check_suite: z.object({ head_branch: text }).nullish(),
  }),
});
const CheckSuite = z.object({
  repository: Repository,
  sender: Who,
  check_suite: z.object({
    conclusion: text,
    head_branch: text,
    head_sha: text,
    url: text,
    app: App,
    head_commit: Commit,
  }),
});

/** As GitHub documents "conclusion"; the others are neither good nor bad by themselves, or a person's doing. */
const FAILED = new Set(["failure", "timed_out", "startup_failure"]);
const NOTHING = { kind: "nothing", why: "no_failure" } as const satisfies Heard;

interface Read extends Omit<FailedRun, "branch" | "name" | "conclusion" | "commit" | "url"> {
  readonly name: string | null | undefined;
  readonly conclusion: string | null | undefined;
  readonly branch: string | null | undefined;
  readonly commit: string | null | undefined;
  readonly url: string | null | undefined;
  /** Whoever had a hand in it. */
  readonly by: readonly (string | null | undefined)[];
  /** What could carry our marker. */
  readonly texts: readonly (string | null | undefined)[];
  readonly isOfFork: boolean;
  /** GitHub tells each workflow as a suite and as a check for each job too. */
  readonly isOfWorkflow: boolean;
}

/**
 * Pure: what a delivery says of something that failed. What came out of a fork is a stranger's to name and to repeat,
 * and what we did ourselves would go round for ever: both are nothing.
 */
export function hearFailure(event: string, payload: unknown, { logins }: Ourselves): Heard {
  const read = READERS[event]?.(payload) ?? null;
  if (read === null || !FAILED.has(read.conclusion ?? "")) return NOTHING;
  const ours = new Set(logins.map((login) => login.toLowerCase()));
  const isOurs =
    read.by.some((login) => login != null && ours.has(login.toLowerCase())) ||
    read.branch?.startsWith(OUR_BRANCHES) === true ||
    read.texts.some((said) => said?.includes(OUR_MARKER) === true);
  if (isOurs) return { kind: "nothing", why: "ours" };
  if (read.isOfFork) return { kind: "nothing", why: "of_a_fork" };
  if (read.isOfWorkflow) return { kind: "nothing", why: "told_as_workflow" };
  const { kind, repo } = read;
  return {
    kind: "failed",
    run: {
      event: read.event,
      kind,
      repo,
      name: (read.name ?? kind).slice(0, 200),
      conclusion: read.conclusion ?? "",
      branch: (read.branch ?? "").slice(0, 250),
      commit: (read.commit ?? "").slice(0, 64),
      url: (read.url ?? "").slice(0, 500),
    },
  };
}

const READERS: Readonly<Record<string, (payload: unknown) => Read | null>> = {
  "workflow_run.completed": (payload) => {
    const read = WorkflowRun.safeParse(payload);
    if (!read.success) return null;
    const { workflow_run: run, workflow, repository, sender } = read.data;
    const from = run.head_repository?.full_name.toLowerCase();
    return {
      event: "workflow_run.completed",
      kind: "workflow",
      repo: repository.full_name,
      // Gitea gives a run no name of its own; its path ends with the branch.
      name: run.name ?? workflow?.name ?? run.path?.split("@", 1)[0],
      conclusion: run.conclusion,
      branch: run.head_branch,
      commit: run.head_sha,
      url: run.html_url,
      by: [sender?.login, run.actor?.login, run.triggering_actor?.login, run.trigger_actor?.login],
      texts: [run.display_title, run.head_commit?.message],
      isOfFork: from !== undefined && from !== repository.full_name.toLowerCase(),
      isOfWorkflow: false,
    };
  },
  "check_run.completed": (payload) => {
    const read = CheckRun.safeParse(payload);
    if (!read.success) return null;
    const { check_run: run, repository, sender } = read.data;
    const branch = run.check_suite?.head_branch;
    return {
      event: "check_run.completed",
      kind: "check",
      repo: repository.full_name,
      name: run.name,
      conclusion: run.conclusion,
      branch,
      commit: run.head_sha,
      url: run.html_url,
      by: [sender?.login, botOf(run.app)],
      texts: [],
      // Of a fork GitHub says no branch.
      isOfFork: branch == null,
      isOfWorkflow: run.app?.slug === ACTIONS,
    };
  },
  "check_suite.completed": (payload) => {
    const read = CheckSuite.safeParse(payload);
    if (!read.success) return null;
    const { check_suite: suite, repository, sender } = read.data;
    return {
      event: "check_suite.completed",
      kind: "suite of checks",
      repo: repository.full_name,
      name: suite.app?.name,
      conclusion: suite.conclusion,
      branch: suite.head_branch,
      commit: suite.head_sha,
      url: suite.url,
      by: [sender?.login, botOf(suite.app)],
      texts: [suite.head_commit?.message],
      isOfFork: suite.head_branch == null,
      isOfWorkflow: suite.app?.slug === ACTIONS,
    };
  },
};

const ACTIONS = "github-actions";
const botOf = (app: z.infer<typeof App>) => (app?.slug == null ? null : `${app.slug}[bot]`);
