import type { Asked, Forge, RepoName } from "../forge.ts";

/** A token for one repository and what was asked for, and for nothing else. */
export interface NarrowToken {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly permissions: Readonly<Record<string, string>>;
  readonly installationId: number | null;
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

/** What GitHub alone has, beside what every host has: tokens for others, and workflows. */
export interface Github extends Forge {
  readonly kind: "github";
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
  /** One comment a commit and marker: it is put right in place where it is there. */
  commentOnCommit(
    repo: RepoName,
    of: { sha: string; marker: string; body: string },
    signal: AbortSignal,
  ): Promise<Asked<{ id: number }>>;
  /** Another comment, whatever stands there. */
  addComment(repo: RepoName, issue: number, body: string, signal: AbortSignal): Promise<Asked<{ id: number }>>;
  /** Tells the workflows of a repository that something happened (`repository_dispatch`). */
  tell(
    repo: RepoName,
    of: { type: string; payload: Readonly<Record<string, unknown>> },
    signal: AbortSignal,
  ): Promise<Asked<null>>;
}
