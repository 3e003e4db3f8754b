import { Credential, type Probe } from "@prunella/contract";
import { parseJson } from "@prunella/contract/json";
import { healthy, unhealthy, unknown } from "@prunella/contract/probe-result";
import { z } from "zod";

/**
 * The last deployment to production: "List deployments" of Vercel's REST API
 * (vercel.com/docs/rest-api/deployments). Unproven against Vercel itself. It only looks.
 */
const Settings = z.strictObject({
  project: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,100}$/, "a project is told by its id or name")
    .meta({ description: "The project's id or name." }),
  team: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/, "a team is told by its id")
    .nullable()
    .default(null)
    .meta({ description: "The team's id, where it has one." }),
  target: z.enum(["production", "preview"]).default("production").meta({ description: "Which deployments." }),
  token: Credential.default("env:VERCEL_TOKEN").meta({ description: "Where the host reads the token." }),
  base: z.url().default("https://api.vercel.com").meta({ description: "The API's address." }),
});
type Settings = z.infer<typeof Settings>;

const Deployments = z.object({
  deployments: z.array(z.object({ uid: z.string(), state: z.string().optional(), readyState: z.string().optional() })),
});

export const vercel: Probe<Settings> = {
  kind: "vercel",
  settings: Settings,
  async check({ project, team, target, token, base }, { http }, signal) {
    const query = new URLSearchParams({ projectId: project, target, limit: "10", ...(team ? { teamId: team } : {}) });
    const url = `${base.replace(/\/$/, "")}/v6/deployments?${query.toString()}`;
    const answer = await http({ url, credential: token, maxBytes: 4_194_304 }, signal);
    if (!answer.ok) return unknown(answer.category, answer.detail);
    if (answer.status === 404) return unhealthy("not_found", `There is no project ${project}.`);
    if (answer.status !== 200) return unknown("provider", `The API answered ${answer.status}.`);
    const found = Deployments.safeParse(parseJson(answer.body));
    if (!found.success) return unknown("provider", "The API answered something else than deployments.");
    const ended = found.data.deployments
      .map(({ uid, state, readyState }) => ({ uid, state: readyState ?? state ?? "" }))
      .find(({ state }) => state === "READY" || state === "ERROR");
    if (!ended) return unknown("no_deployment", `No deployment of ${project} has ended.`);
    if (ended.state === "ERROR") return unhealthy("deployment_failed", `Deployment ${ended.uid} failed.`);
    return healthy(`Deployment ${ended.uid} is ready.`);
  },
};
