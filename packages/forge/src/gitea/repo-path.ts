import type { RepoName } from "../forge.ts";

/** Where a repository is below `/api/v1`. */
export const repoPath = ({ owner, repo }: RepoName) =>
  `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(repo)}`;
