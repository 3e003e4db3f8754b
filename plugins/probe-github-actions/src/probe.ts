import { Credential, type Probe } from "@prunella/contract";
import { parseJson } from "@prunella/contract/json";
import { healthy, unhealthy, unknown } from "@prunella/contract/probe-result";
import { z } from "zod";

/**
 * The last finished run of a workflow on one branch: "List workflow runs for a workflow" of GitHub's REST API
 * (docs.github.com/rest/actions/workflow-runs). Unproven against GitHub itself: the tests hold it against a
 * double of ours that answers by that description.
 */
const Settings = z.strictObject({
  repository: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/, "a repository is owner/name")
    .meta({ description: "`owner/name`." }),
  workflow: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,200}$/, "a workflow is a file name such as ci.yml, or its number")
    .meta({ description: "Its file name, such as `ci.yml`." }),
  branch: z.string().min(1).max(200).default("main").meta({ description: "Of which branch." }),
  token: Credential.default("env:GITHUB_TOKEN").meta({ description: "Where the host reads the token." }),
  base: z.url().default("https://api.github.com").meta({ description: "The API's address." }),
});
type Settings = z.infer<typeof Settings>;

const Runs = z.object({
  workflow_runs: z.array(
    z.object({ run_number: z.int(), status: z.string().nullable(), conclusion: z.string().nullable() }),
  ),
});

/** Endings that say nothing about whether the branch is well. */
const UNTOLD = new Set(["cancelled", "skipped", "neutral", "stale"]);

export const githubActions: Probe<Settings> = {
  kind: "github-actions",
  settings: Settings,
  async check({ repository, workflow, branch, token, base }, { http }, signal) {
    const query = new URLSearchParams({ branch, per_page: "20", exclude_pull_requests: "true" });
    const url = `${base.replace(/\/$/, "")}/repos/${repository}/actions/workflows/${workflow}/runs?${query.toString()}`;
    const headers = { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" };
    const answer = await http({ url, headers, credential: token, maxBytes: 4_194_304 }, signal);
    if (!answer.ok) return unknown(answer.category, answer.detail);
    if (answer.status === 404) return unhealthy("not_found", `${repository} has no workflow ${workflow}.`);
    if (answer.status !== 200) return unknown("provider", `The API answered ${answer.status}.`);
    const runs = Runs.safeParse(parseJson(answer.body));
    if (!runs.success) return unknown("provider", "The API answered something else than runs.");
    const last = runs.data.workflow_runs.find(
      ({ status, conclusion }) => status === "completed" && conclusion !== null && !UNTOLD.has(conclusion),
    );
    if (!last) return unknown("no_run", `No run of ${workflow} on ${branch} has ended.`);
    const measured = { run_number: last.run_number };
    if (last.conclusion === "success") return healthy(`Run ${last.run_number} succeeded.`, measured);
    return unhealthy("run_failed", `Run ${last.run_number} ended with ${last.conclusion}.`, measured);
  },
};
