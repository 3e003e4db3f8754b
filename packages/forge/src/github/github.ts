import { z } from "zod";
import { Contents, isInside } from "../contents.ts";
import { at, createAsk, type GithubSettings } from "./ask.ts";
import { createIssues } from "./issues.ts";
import { createPulls } from "./pulls.ts";
import { createDeliveryLog, readStanding } from "./standing.ts";
import type { Github, WorkflowRun } from "./types.ts";

const Repository = z.object({ default_branch: z.string() });
const Visible = z.object({ private: z.boolean() });
const Commit = z.object({ sha: z.string() });
const Run = z.object({
  id: z.int(),
  html_url: z.string(),
  status: z.string().nullable(),
  conclusion: z.string().nullable(),
  head_sha: z.string(),
});
const Runs = z.object({
  workflow_runs: z.array(Run.extend({ created_at: z.string(), head_branch: z.string().nullable() })),
});
const Started = z.object({ workflow_run_id: z.int(), html_url: z.string() });
const Comment = z.object({ id: z.int() });
const Comments = z.array(Comment.extend({ body: z.string(), user: z.object({ login: z.string() }).nullable() }));

/** GitHub by its REST API: each route once, with a token that reaches the one repository it is about. */
export function createGithub(settings: GithubSettings): Github {
  const asking = createAsk(settings);
  const { ask, myLogin, tokenFor } = asking;

  const forge: Github = {
    kind: "github",
    me: myLogin,
    standing: (signal) => readStanding(asking, signal),
    deliveries: asking.isApp() ? createDeliveryLog(asking) : null,
    ...createIssues(asking),
    ...createPulls(asking),
    async defaultBranch(repo, signal) {
      const asked = await ask("GET /repos/{owner}/{repo}", at(repo), { metadata: "read" }, Repository, signal);
      return asked.ok ? { ok: true, value: asked.value.default_branch } : asked;
    },
    async isPrivate(repo, signal) {
      const asked = await ask("GET /repos/{owner}/{repo}", at(repo), { metadata: "read" }, Visible, signal);
      return asked.ok ? { ok: true, value: asked.value.private } : asked;
    },
    async file(repo, path, ref, signal) {
      if (!isInside(path)) return { ok: true, value: null };
      const of = { ...at(repo), path, ...(ref === null ? {} : { ref }) };
      const route = "GET /repos/{owner}/{repo}/contents/{+path}";
      const asked = await ask(route, of, { contents: "read" }, Contents, signal);
      return !asked.ok && asked.refusal.reason === "not_found" ? { ok: true, value: null } : asked;
    },
    async commitOf(repo, ref, signal) {
      const asked = await ask(
        "GET /repos/{owner}/{repo}/commits/{ref}",
        { ...at(repo), ref },
        { contents: "read" },
        Commit,
        signal,
      );
      return asked.ok ? { ok: true, value: asked.value.sha } : asked;
    },
    narrowToken: tokenFor,
    async startWorkflow(repo, call, signal) {
      const branch =
        call.ref === null ? await forge.defaultBranch(repo, signal) : { ok: true as const, value: call.ref };
      if (!branch.ok) return branch;
      const route = "POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches";
      const of = {
        ...at(repo),
        workflow_id: call.workflowId,
        ref: branch.value,
        inputs: call.inputs,
        return_run_details: true,
      };
      const asked = await ask(route, of, { actions: "write" }, Started.nullable().catch(null), signal);
      if (!asked.ok || asked.value === null) return asked.ok ? { ok: true, value: null } : asked;
      const { workflow_run_id: id, html_url: url } = asked.value;
      return { ok: true, value: { id, url, status: "queued", conclusion: null, headSha: "" } };
    },
    async findRun(repo, { workflowId, ref, since }, signal) {
      const route = "GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs";
      const of = { ...at(repo), workflow_id: workflowId, event: "workflow_dispatch", per_page: 10 };
      const asked = await ask(route, of, { actions: "read" }, Runs, signal);
      if (!asked.ok) return asked;
      const found = asked.value.workflow_runs.find(
        (run) => Date.parse(run.created_at) >= since && (run.head_branch === ref || run.head_sha === ref),
      );
      return { ok: true, value: found === undefined ? null : runOf(found) };
    },
    async run(repo, id, signal) {
      const asked = await ask(
        "GET /repos/{owner}/{repo}/actions/runs/{run_id}",
        { ...at(repo), run_id: id },
        { actions: "read" },
        Run,
        signal,
      );
      return asked.ok ? { ok: true, value: runOf(asked.value) } : asked;
    },
    addComment: (repo, issue, body, signal) =>
      ask(
        "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
        { ...at(repo), issue_number: issue, body },
        { issues: "write" },
        Comment,
        signal,
      ),
    async commentOnCommit(repo, { sha, marker, body }, signal) {
      const text = body.includes(marker) ? body : `${marker}\n${body}`;
      const there = await ask(
        "GET /repos/{owner}/{repo}/commits/{commit_sha}/comments",
        { ...at(repo), commit_sha: sha, per_page: 100 },
        { contents: "write" },
        Comments,
        signal,
      );
      if (!there.ok) return there;
      // Anybody can write our marker: a comment is ours by its author.
      const me = await myLogin(signal);
      if (!me.ok) return me;
      const ours = there.value.find(({ body: said, user }) => said.includes(marker) && user?.login === me.value);
      return ours === undefined
        ? ask(
            "POST /repos/{owner}/{repo}/commits/{commit_sha}/comments",
            { ...at(repo), commit_sha: sha, body: text },
            { contents: "write" },
            Comment,
            signal,
          )
        : ask(
            "PATCH /repos/{owner}/{repo}/comments/{comment_id}",
            { ...at(repo), comment_id: ours.id, body: text },
            { contents: "write" },
            Comment,
            signal,
          );
    },
    async tell(repo, { type, payload }, signal) {
      const of = { ...at(repo), event_type: type, client_payload: payload };
      const asked = await ask("POST /repos/{owner}/{repo}/dispatches", of, { contents: "write" }, z.unknown(), signal);
      return asked.ok ? { ok: true, value: null } : asked;
    },
  };
  return forge;
}

const runOf = (run: z.infer<typeof Run>): WorkflowRun => ({
  id: run.id,
  url: run.html_url,
  status: run.status,
  conclusion: run.conclusion,
  headSha: run.head_sha,
});
