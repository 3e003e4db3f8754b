import { Credential, type Probe } from "@prunella/contract";
import { parseJson } from "@prunella/contract/json";
import { degraded, healthy, unhealthy, unknown } from "@prunella/contract/probe-result";
import { z } from "zod";

/**
 * Services of one project: `GET /v1/projects/{ref}/health` of Supabase's Management API
 * (supabase.com/docs/reference/api). Unproven against Supabase itself. It only looks.
 */
const Settings = z.strictObject({
  project: z
    .string()
    .regex(/^[a-z0-9]{1,40}$/, "a project's reference is letters and digits")
    .meta({ description: "The project's reference." }),
  services: z
    .array(z.enum(["auth", "db", "pooler", "realtime", "rest", "storage"]))
    .min(1)
    .default(["auth", "db", "rest"])
    .meta({ description: "Which services." }),
  token: Credential.default("env:SUPABASE_ACCESS_TOKEN").meta({ description: "Where the host reads the token." }),
  base: z.url().default("https://api.supabase.com").meta({ description: "The API's address." }),
});
type Settings = z.infer<typeof Settings>;

const Services = z.array(z.object({ name: z.string(), status: z.string() }));

export const supabase: Probe<Settings> = {
  kind: "supabase",
  settings: Settings,
  async check({ project, services, token, base }, { http }, signal) {
    const url = `${base.replace(/\/$/, "")}/v1/projects/${project}/health?services=${services.join(",")}`;
    const answer = await http({ url, credential: token, maxBytes: 1_048_576 }, signal);
    if (!answer.ok) return unknown(answer.category, answer.detail);
    if (answer.status === 404) return unhealthy("not_found", `There is no project ${project}.`);
    if (answer.status !== 200) return unknown("provider", `The API answered ${answer.status}.`);
    const found = Services.safeParse(parseJson(answer.body));
    if (!found.success) return unknown("provider", "The API answered something else than services.");
    const named = (status: string) => found.data.filter((one) => one.status === status).map(({ name }) => name);
    const ill = named("UNHEALTHY");
    const measured = { services: found.data.length, unhealthy: ill.length };
    if (ill.length > 0) return unhealthy("service", `Unhealthy: ${ill.join(", ")}.`, measured);
    const starting = named("COMING_UP");
    if (starting.length > 0) return degraded("starting", `Coming up: ${starting.join(", ")}.`, measured);
    return healthy(`${found.data.length} services are healthy.`, measured);
  },
};
