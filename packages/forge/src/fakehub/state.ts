import type { KeyObject } from "node:crypto";
import type { Bare } from "./bare.ts";

export interface FakeRun {
  readonly id: number;
  readonly workflowId: string;
  readonly ref: string;
  readonly headSha: string;
  readonly createdAt: number;
  readonly inputs: Readonly<Record<string, string>>;
  status: "queued" | "in_progress" | "completed";
  conclusion: string | null;
}

export interface FakeComment {
  readonly id: number;
  /** `issue:7` or `commit:<sha>`. */
  readonly on: string;
  readonly author: string;
  body: string;
}

export interface FakeIssue {
  readonly number: number;
  readonly author: string;
  readonly createdAt: number;
  updatedAt: number;
  title: string;
  body: string;
  state: "open" | "closed";
  stateReason: string | null;
  labels: string[];
}

export interface FakeReview {
  readonly author: string;
  readonly state: "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED" | "PENDING";
  /** The commit that it speaks of. */
  readonly sha: string;
  readonly body: string;
  readonly createdAt: number;
}

export interface FakePull {
  readonly number: number;
  readonly author: string;
  readonly title: string;
  readonly body: string;
  /** Branches of the same repository. */
  readonly head: string;
  readonly base: string;
  readonly labels: string[];
  readonly requested: string[];
  readonly reviews: FakeReview[];
  readonly createdAt: number;
  updatedAt: number;
  isDraft: boolean;
  state: "open" | "closed";
  mergedAs: string | null;
  /** What its base was at when it was last looked at while open. */
  baseSha: string;
}

/** What ran on a commit: a run of a check, or the older status. */
export interface FakeCheck {
  readonly kind: "run" | "status";
  readonly sha: string;
  readonly name: string;
  readonly status: string;
  readonly conclusion: string | null;
}

export interface FakeRepo {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly defaultBranch: string;
  isPrivate: boolean;
  /** Its code: a bare repository, whose branches and commits are git's own. */
  readonly git: Bare;
  readonly runs: FakeRun[];
  readonly comments: FakeComment[];
  readonly issues: FakeIssue[];
  readonly pulls: FakePull[];
  readonly checks: FakeCheck[];
  /** Who may write. */
  readonly writers: Set<string>;
  /** What `repository_dispatch` told. */
  readonly told: { readonly type: string; readonly payload: unknown }[];
  /** Workflows that exist and that nobody can start yet, as in a repository that is new: how many times 404 comes. */
  notIndexed: number;
}

export interface FakeApp {
  readonly id: string;
  readonly slug: string;
  readonly publicKey: KeyObject;
  readonly installationId: number;
  /** What the App may do where it is installed. */
  readonly permissions: Readonly<Record<string, string>>;
  readonly repos: ReadonlySet<string>;
  /** Where it tells what happens; null: nowhere. */
  readonly hookUrl?: string;
}

/** What was told to an App's hook, whether it came there or not. */
export interface FakeDelivery {
  readonly id: number;
  readonly guid: string;
  readonly event: string;
  readonly at: number;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface FakeToken {
  /** Under whose name it writes. */
  readonly login: string;
  readonly repos: ReadonlySet<string>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly expiresAt: number;
}

export interface FakeState {
  readonly repos: Map<string, FakeRepo>;
  readonly apps: FakeApp[];
  readonly tokens: Map<string, FakeToken>;
  /** What whoever says yes to an App adds to what its manifest asks for. */
  morePermissions: Readonly<Record<string, string>>;
  /** The oldest first. */
  readonly deliveries: FakeDelivery[];
  nextId: number;
}

export const createState = (): FakeState => ({
  repos: new Map(),
  apps: [],
  tokens: new Map(),
  deliveries: [],
  morePermissions: {},
  nextId: 1_000,
});

export const nameOf = (owner: string, repo: string) => `${owner}/${repo}`.toLowerCase();

/** The ref under which git keeps what a pull request is at, also after its branch is gone. */
export const headRef = ({ number }: FakePull) => `refs/pull/${number}/head`;

/** Issues and pull requests are counted together. */
export const nextNumber = ({ issues, pulls }: FakeRepo): number => issues.length + pulls.length + 1;
