import { Credential, type Probe } from "@prunella/contract";
import { parseJson } from "@prunella/contract/json";
import { healthy, unhealthy, unknown } from "@prunella/contract/probe-result";
import { z } from "zod";

/**
 * Whether one config can be read with the token that programs have: "Retrieve" of configs of Doppler's API
 * (docs.doppler.com/reference/configs-get). It asks for the config and never for a secret in it. Unproven
 * against Doppler itself. It only looks.
 */
const Settings = z.strictObject({
  project: z
    .string()
    .regex(/^[a-z0-9_-]{1,100}$/, "a project is told by its slug")
    .meta({ description: "The project's slug." }),
  config: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/, "a config is told by its name, such as prd")
    .meta({ description: "The config's name." }),
  token: Credential.default("env:DOPPLER_TOKEN").meta({ description: "Where the host reads the token." }),
  base: z.url().default("https://api.doppler.com").meta({ description: "The API's address." }),
});
type Settings = z.infer<typeof Settings>;

const Answer = z.object({ config: z.object({ name: z.string() }) });

export const doppler: Probe<Settings> = {
  kind: "doppler",
  settings: Settings,
  async check({ project, config, token, base }, { http }, signal) {
    const query = new URLSearchParams({ project, config });
    const url = `${base.replace(/\/$/, "")}/v3/configs/config?${query.toString()}`;
    const answer = await http({ url, credential: token, maxBytes: 1_048_576 }, signal);
    if (!answer.ok) return unknown(answer.category, answer.detail);
    if (answer.status === 401 || answer.status === 403)
      return unhealthy("token_refused", "The token is not taken any more.");
    if (answer.status === 404) return unhealthy("not_found", `${project} has no config ${config}.`);
    if (answer.status !== 200) return unknown("provider", `The API answered ${answer.status}.`);
    if (!Answer.safeParse(parseJson(answer.body)).success)
      return unknown("provider", "The API answered something else than a config.");
    return healthy(`${config} can be read.`);
  },
};
