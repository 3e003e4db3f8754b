/** Where a repository is on its host. */
export interface RepoName {
  readonly owner: string;
  readonly repo: string;
}

/** Why a host did not do what it was asked: a value, because each has an answer of its own. */
export interface ForgeRefusal {
  readonly reason: "not_found" | "forbidden" | "limited" | "invalid" | "gone" | "failed" | "unreachable";
  /** The HTTP status; null where none came back, so that it is unknown whether it was done. */
  readonly status: number | null;
  /** The host's words, or those of the failure. */
  readonly message: string;
  /** When it may be asked again, where the host said so. Milliseconds from now. */
  readonly retryAfterMs: number | null;
}

export type Asked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: ForgeRefusal };

/** A token for one repository and what was asked for, and for nothing else. */
export interface NarrowToken {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly permissions: Readonly<Record<string, string>>;
  readonly installationId: number | null;
}

export interface ForgeFile {
  readonly text: string;
  readonly sha: string;
}

export interface WorkflowRun {
  readonly id: number;
  readonly url: string;
  readonly status: string | null;
  /** Null while it goes on. */
  readonly conclusion: string | null;
  readonly headSha: string;
}

export interface WorkflowCall {
  readonly workflowId: string;
  /** Null: the default branch. */
  readonly ref: string | null;
  readonly inputs: Readonly<Record<string, string>>;
}

/** A host of repositories, with the credentials of this house: callers see no token but those they ask for by name. */
export interface Forge {
  readonly kind: "github";
  /** The branch that workflows must stand on to be started. */
  defaultBranch(repo: RepoName, signal: AbortSignal): Promise<Asked<string>>;
  /** A text file, at a ref or on the default branch; null where there is none. */
  file(repo: RepoName, path: string, ref: string | null, signal: AbortSignal): Promise<Asked<ForgeFile | null>>;
  /** The commit that a branch, tag or shortened hash names. */
  commitOf(repo: RepoName, ref: string, signal: AbortSignal): Promise<Asked<string>>;
  /** A new one for each call: what is handed on is nobody else's. */
  narrowToken(
    repo: RepoName,
    permissions: Readonly<Record<string, "read" | "write">>,
    signal: AbortSignal,
  ): Promise<Asked<NarrowToken>>;
  /** Starts a workflow; the run where the host tells at once which one it became. Never asked twice. */
  startWorkflow(repo: RepoName, call: WorkflowCall, signal: AbortSignal): Promise<Asked<WorkflowRun | null>>;
  /** The newest run that was started by hand on a ref since a time. */
  findRun(
    repo: RepoName,
    of: { workflowId: string; ref: string; since: number },
    signal: AbortSignal,
  ): Promise<Asked<WorkflowRun | null>>;
  run(repo: RepoName, id: number, signal: AbortSignal): Promise<Asked<WorkflowRun>>;
  commentOnIssue(repo: RepoName, issue: number, body: string, signal: AbortSignal): Promise<Asked<{ id: number }>>;
  /** One comment a commit and marker: it is put right in place where it is there. */
  commentOnCommit(
    repo: RepoName,
    of: { sha: string; marker: string; body: string },
    signal: AbortSignal,
  ): Promise<Asked<{ id: number }>>;
  /** Tells the workflows of a repository that something happened (`repository_dispatch`). */
  tell(
    repo: RepoName,
    of: { type: string; payload: Readonly<Record<string, unknown>> },
    signal: AbortSignal,
  ): Promise<Asked<null>>;
}
