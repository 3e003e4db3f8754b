import { Credential, type Probe } from "@prunella/contract";
import { parseJson } from "@prunella/contract/json";
import { healthy, unhealthy, unknown } from "@prunella/contract/probe-result";
import { z } from "zod";

/**
 * Unresolved issues of one project: "List an Organization's Issues" of Sentry's API
 * (docs.sentry.io/api/events/list-an-organizations-issues). Unproven against Sentry itself. It only looks, and
 * what it finds is a warning: somebody else watches those issues already.
 */
const Settings = z.strictObject({
  organization: z
    .string()
    .regex(/^[a-z0-9_-]{1,100}$/, "an organization is told by its slug")
    .meta({ description: "The organization's slug." }),
  project: z
    .string()
    .regex(/^[0-9]{1,20}$/, "a project is told by its number here")
    .meta({ description: "The project's number." }),
  query: z.string().max(500).default("is:unresolved level:fatal").meta({ description: "Sentry's own search." }),
  period: z
    .string()
    .regex(/^\d{1,3}[smhdw]$/, "a period is a number and one of s m h d w")
    .default("1h")
    .meta({ description: "Of how long ago until now." }),
  most: z.int().min(0).max(99).default(0).meta({
    description: "With more than so many it is unhealthy.",
    "x-unit": "issues",
  }),
  token: Credential.default("env:SENTRY_AUTH_TOKEN").meta({ description: "Where the host reads the token." }),
  base: z.url().default("https://sentry.io").meta({ description: "The API's address." }),
});
type Settings = z.infer<typeof Settings>;

const Issues = z.array(z.object({ id: z.string() }));

export const sentry: Probe<Settings> = {
  kind: "sentry",
  settings: Settings,
  severity: "warning",
  async check({ organization, project, query, period, most, token, base }, { http }, signal) {
    const asked = new URLSearchParams({ project, query, statsPeriod: period, limit: "100" });
    const url = `${base.replace(/\/$/, "")}/api/0/organizations/${organization}/issues/?${asked.toString()}`;
    const answer = await http({ url, credential: token, maxBytes: 8_388_608 }, signal);
    if (!answer.ok) return unknown(answer.category, answer.detail);
    if (answer.status === 404) return unhealthy("not_found", `There is no organization ${organization}.`);
    if (answer.status !== 200) return unknown("provider", `The API answered ${answer.status}.`);
    const found = Issues.safeParse(parseJson(answer.body));
    if (!found.success) return unknown("provider", "The API answered something else than issues.");
    const measured = { issues: found.data.length };
    if (found.data.length > most) return unhealthy("issues", `${found.data.length} issues fit the search.`, measured);
    return healthy(`${found.data.length} issues fit the search.`, measured);
  },
};
