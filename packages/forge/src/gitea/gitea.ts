import { z } from "zod";
import type { Forge } from "../forge.ts";
import { as } from "../asked.ts";
import { Contents, isInside } from "../contents.ts";
import { createGiteaAsk, type GiteaSettings } from "./ask.ts";
import { createIssues } from "./issues.ts";
import { createMyLogin } from "./login.ts";
import { createPulls } from "./pulls.ts";
import { repoPath } from "./repo-path.ts";
import { readStanding } from "./standing.ts";

const Repository = z.object({ default_branch: z.string() });
const Visible = z.object({ private: z.boolean() });
const Commit = z.object({ sha: z.string() });

/** Gitea and Forgejo by their REST API (v1), under the name of the token's user. */
export function createGitea(settings: GiteaSettings): Forge {
  const ask = createGiteaAsk(settings);
  const myLogin = createMyLogin(ask, settings.token);
  return {
    kind: "gitea",
    me: myLogin,
    standing: (signal) => readStanding(ask, myLogin, signal),
    deliveries: null,
    ...createIssues(ask, myLogin),
    ...createPulls(ask, myLogin),
    async defaultBranch(repo, signal) {
      return as(await ask({ path: repoPath(repo) }, Repository, signal), (found) => found.default_branch);
    },
    async isPrivate(repo, signal) {
      return as(await ask({ path: repoPath(repo) }, Visible, signal), (found) => found.private);
    },
    async file(repo, path, ref, signal) {
      if (!isInside(path)) return { ok: true, value: null };
      const parts = path.split("/").map(encodeURIComponent).join("/");
      const query = ref === null ? {} : { ref };
      const asked = await ask({ path: `${repoPath(repo)}/contents/${parts}`, query }, Contents, signal);
      return !asked.ok && asked.refusal.reason === "not_found" ? { ok: true, value: null } : asked;
    },
    async commitOf(repo, ref, signal) {
      const path = `${repoPath(repo)}/git/commits/${encodeURIComponent(ref)}`;
      const query = { stat: "false", verification: "false", files: "false" };
      return as(await ask({ path, query }, Commit, signal), ({ sha }) => sha);
    },
  };
}
