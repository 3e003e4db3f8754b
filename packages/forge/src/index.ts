export * from "./forge.ts";
export type { GiteaSettings } from "./gitea/ask.ts";
export { createGitea } from "./gitea/gitea.ts";
export { hearFailure, type FailedRun } from "./failed-run.ts";
export type { GithubCredentials, GithubSettings } from "./github/ask.ts";
export { createGithub } from "./github/github.ts";
export type { Github, NarrowToken, WorkflowCall, WorkflowRun } from "./github/types.ts";
export { createPatientFetch, type Limits, type Waits } from "./patient-fetch.ts";
export type * from "./pull.ts";
