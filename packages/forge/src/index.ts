export * from "./forge.ts";
export { createGithub, type GithubCredentials, type GithubSettings } from "./github/github.ts";
