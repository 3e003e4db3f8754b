/** Every route of GitHub's REST API that is asked here; the double serves these and no other. */
export const OPERATIONS_USED = [
  { method: "get", path: "/app" },
  { method: "post", path: "/app/installations/{installation_id}/access_tokens" },
  { method: "get", path: "/repos/{owner}/{repo}" },
  { method: "get", path: "/repos/{owner}/{repo}/installation" },
  { method: "get", path: "/repos/{owner}/{repo}/contents/{path}" },
  { method: "get", path: "/repos/{owner}/{repo}/commits/{ref}" },
  { method: "post", path: "/repos/{owner}/{repo}/dispatches" },
  { method: "post", path: "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches" },
  { method: "get", path: "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs" },
  { method: "get", path: "/repos/{owner}/{repo}/actions/runs/{run_id}" },
  { method: "post", path: "/repos/{owner}/{repo}/issues/{issue_number}/comments" },
  { method: "get", path: "/repos/{owner}/{repo}/commits/{commit_sha}/comments" },
  { method: "post", path: "/repos/{owner}/{repo}/commits/{commit_sha}/comments" },
  { method: "patch", path: "/repos/{owner}/{repo}/comments/{comment_id}" },
] as const;
