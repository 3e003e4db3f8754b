import type { Asked, RepoName } from "./forge.ts";

/** A pull request as a list of its host has it. Titles, bodies, names and labels are what anybody wrote. */
export interface ForgePull {
  readonly number: number;
  /** For people. */
  readonly url: string;
  readonly title: string;
  readonly body: string;
  /** null: whoever opened it is gone. */
  readonly author: string | null;
  /** Opened under the name under which we write. */
  readonly isOurs: boolean;
  readonly state: "open" | "closed";
  readonly isMerged: boolean;
  readonly isDraft: boolean;
  readonly labels: readonly string[];
  readonly base: { readonly ref: string; readonly sha: string };
  /** `repo` is `owner/name`; null: the repository that it came from is gone, or not to be seen. */
  readonly head: { readonly ref: string; readonly sha: string; readonly repo: string | null };
  /** Who was asked to review it and has not answered; teams as `@organization/team` or by their name. */
  readonly requested: readonly string[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The same, looked at alone: what a list does not say. */
export interface ForgePullFacts extends ForgePull {
  /** false: it conflicts, or may not be merged as it is; null: the host does not say, or not yet. */
  readonly isMergeable: boolean | null;
  readonly additions: number;
  readonly deletions: number;
  readonly changedFiles: number;
  /** The commit that it was merged as; null until then. */
  readonly mergedAs: string | null;
}

export interface PullFile {
  readonly path: string;
  /** What it was called before; null: the same. */
  readonly before: string | null;
  readonly status: "added" | "removed" | "modified" | "renamed" | "other";
  readonly additions: number;
  readonly deletions: number;
}

export interface PullReview {
  readonly author: string | null;
  readonly state: "approved" | "changes_requested" | "commented" | "dismissed";
  /** Of which commit it speaks; null where the host does not say. */
  readonly sha: string | null;
  /** Whether its author may write into the repository: anybody may review, and only theirs weigh. */
  readonly mayWrite: boolean;
  readonly at: number;
}

export interface Check {
  readonly name: string;
  readonly state: "success" | "failure" | "pending" | "neutral";
  readonly url: string | null;
}

/** As much of a list as is read; what was left out is said, because a part is no whole. */
export interface Part<T> {
  readonly items: readonly T[];
  readonly isCut: boolean;
}

export type MergeMethod = "merge" | "squash" | "rebase";

/** What a host of repositories says of pull requests. Those that are open come with the latest change first. */
export interface Pulls {
  openPulls(repo: RepoName, signal: AbortSignal): Promise<Asked<Part<ForgePull>>>;
  pull(repo: RepoName, number: number, signal: AbortSignal): Promise<Asked<ForgePullFacts>>;
  pullFiles(repo: RepoName, number: number, signal: AbortSignal): Promise<Asked<Part<PullFile>>>;
  pullReviews(repo: RepoName, number: number, signal: AbortSignal): Promise<Asked<Part<PullReview>>>;
  /** What ran on a commit, the latest of each name. */
  checks(repo: RepoName, sha: string, signal: AbortSignal): Promise<Asked<Part<Check>>>;
  /**
   * Merges that very head, or nothing: where the branch has moved on, the host refuses. Asked once; after a lost
   * answer it is looked whether it was done.
   */
  mergePull(
    repo: RepoName,
    number: number,
    of: { readonly head: string; readonly method: MergeMethod },
    signal: AbortSignal,
  ): Promise<Asked<{ readonly sha: string | null }>>;
}
