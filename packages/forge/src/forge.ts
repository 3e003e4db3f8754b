import type { DeliveryLog, ForgeStanding } from "./standing.ts";
import type { Pulls } from "./pull.ts";

/** Where a repository is on its host. */
export interface RepoName {
  readonly owner: string;
  readonly repo: string;
}

/** Why a host did not do what it was asked: a value, because each has an answer of its own. */
export interface ForgeRefusal {
  readonly reason: "not_found" | "forbidden" | "limited" | "invalid" | "conflict" | "gone" | "failed" | "unreachable";
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

export interface ForgeFile {
  readonly text: string;
  readonly sha: string;
}

/** An issue as its host has it. */
export interface ForgeIssue {
  readonly number: number;
  /** For people. */
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly state: "open" | "closed";
  /** What whoever closed it said of it; null while it is open, or where nothing was said. */
  readonly closedAs: "completed" | "not_planned" | null;
  readonly labels: readonly string[];
}

/**
 * What is filed once. `marker` is a comment of HTML that stands in what we write and that the same fault always has:
 * by it, and by its author, an issue is known as ours when nobody remembers whether it was filed.
 */
export interface IssueDraft {
  readonly marker: string;
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  /** Since when it could be there, epoch milliseconds: when it was first tried. */
  readonly since: number;
  /** Nobody tried it before, so that it cannot be there: it is not looked for before it is made. */
  readonly isFirst?: boolean;
}

export interface IssueEdit {
  readonly title?: string;
  readonly body?: string;
  readonly state?: "open" | "closed";
}

/**
 * A host of repositories, with the credentials of this house: callers see no token. Every answer is a value; nothing
 * here is tried twice or slept on: when it may be asked again stands in the refusal, for the caller to write down.
 */
export interface Forge extends Pulls {
  readonly kind: "github" | "gitea";
  /** How we stand there: one look, for people. */
  standing(signal: AbortSignal): Promise<Asked<ForgeStanding>>;
  /** What it told, where it keeps a list of that for us; null: it does not. */
  readonly deliveries: DeliveryLog | null;
  /** The login under which we write. */
  me(signal: AbortSignal): Promise<Asked<string>>;
  defaultBranch(repo: RepoName, signal: AbortSignal): Promise<Asked<string>>;
  /** Whether only those who were let in see it. */
  isPrivate(repo: RepoName, signal: AbortSignal): Promise<Asked<boolean>>;
  /** A text file, at a ref or on the default branch; null where there is none. */
  file(repo: RepoName, path: string, ref: string | null, signal: AbortSignal): Promise<Asked<ForgeFile | null>>;
  /** The commit that a branch, tag or shortened hash names. */
  commitOf(repo: RepoName, ref: string, signal: AbortSignal): Promise<Asked<string>>;
  issue(repo: RepoName, number: number, signal: AbortSignal): Promise<Asked<ForgeIssue>>;
  /** Ours that carries the marker; null where there is none. Strangers who write our marker are not taken for us. */
  findIssue(
    repo: RepoName,
    of: { marker: string; since: number },
    signal: AbortSignal,
  ): Promise<Asked<ForgeIssue | null>>;
  /** Numbers of the hundreds of issues changed last that have this label, whoever filed them. */
  labelled(repo: RepoName, label: string, signal: AbortSignal): Promise<Asked<readonly number[]>>;
  /** Files it, or finds that it was filed: after a lost answer it is looked for before it is made. */
  openIssue(
    repo: RepoName,
    draft: IssueDraft,
    signal: AbortSignal,
  ): Promise<Asked<{ readonly issue: ForgeIssue; readonly isNew: boolean }>>;
  editIssue(repo: RepoName, number: number, edit: IssueEdit, signal: AbortSignal): Promise<Asked<ForgeIssue>>;
  /** One comment an issue and marker: it is put right in place where it is there. */
  commentOnIssue(
    repo: RepoName,
    number: number,
    of: { marker: string; body: string },
    signal: AbortSignal,
  ): Promise<Asked<{ readonly id: number; readonly isNew: boolean }>>;
}
