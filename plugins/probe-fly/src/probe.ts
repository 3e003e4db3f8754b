import { Credential, type Probe, type ProbeResult } from "@prunella/contract";
import { parseJson } from "@prunella/contract/json";
import { degraded, healthy, unhealthy, unknown } from "@prunella/contract/probe-result";
import { z } from "zod";
import { BASE } from "./base.ts";

/**
 * Machines of one app, by the Machines API as its publisher describes it: superfly/docs,
 * machines-api/openapi.json (`GET /v1/apps/{app_name}/machines`, a bearer token). Unproven against the
 * provider itself: the tests hold it against a double of ours that answers by that description.
 */
const Settings = z.strictObject({
  app: z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/, "an app's name is 1 to 63 of a-z, 0-9 and -")
    .meta({ description: "The app." }),
  machine: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "a machine's id is 1 to 64 of A-Z, a-z, 0-9, _ and -")
    .nullable()
    .default(null)
    .meta({ description: "One machine of it; null looks at all of them." }),
  min_started: z
    .int()
    .min(0)
    .default(1)
    .meta({ description: "So many machines must be started; the others may sleep.", "x-unit": "machines" }),
  token: Credential.default("env:FLY_API_TOKEN").meta({ description: "Where the host reads the token." }),
  base: z.url().default(BASE).meta({ description: "The API's address." }),
});
type Settings = z.infer<typeof Settings>;

/** Of a machine, what is looked at; more comes and is left alone. */
const Machine = z.object({
  id: z.string(),
  state: z.string(),
  host_status: z.string().optional(),
  checks: z.array(z.object({ name: z.string().optional(), status: z.string().optional() })).nullish(),
});
type Machine = z.infer<typeof Machine>;

export const fly: Probe<Settings> = {
  kind: "fly",
  settings: Settings,
  async check({ app, machine, min_started, token, base }, { http }, signal) {
    const url = `${base.replace(/\/$/, "")}/v1/apps/${app}/machines`;
    const answer = await http({ url, credential: token, maxBytes: 4_194_304 }, signal);
    if (!answer.ok) return unknown(answer.category, answer.detail);
    if (answer.status === 404) return unhealthy("not_found", `There is no app ${app}.`);
    if (answer.status !== 200) return unknown("provider", `The API answered ${answer.status}.`);
    const parsed = z.array(Machine).safeParse(parseJson(answer.body));
    if (!parsed.success || answer.isCut) return unknown("provider", "The API answered something else than machines.");
    const looked = parsed.data.filter(({ id, state }) => (machine === null ? state !== "destroyed" : id === machine));
    if (machine !== null && looked.length === 0) return unhealthy("not_found", `${app} has no machine ${machine}.`);
    return judge(looked, machine === null ? min_started : 1);
  },
};

function judge(machines: readonly Machine[], minStarted: number): ProbeResult {
  const started = machines.filter(({ state }) => state === "started");
  const measured = { machines: machines.length, started: started.length };
  const lost = machines.filter(({ host_status }) => host_status === "unreachable");
  if (lost.length > 0) return unhealthy("host_unreachable", `The host of ${ids(lost)} cannot be reached.`, measured);
  const having = (status: string) => started.filter(({ checks }) => checks?.some((one) => one.status === status));
  const critical = having("critical");
  if (critical.length > 0) return unhealthy("check_failed", `Checks of ${ids(critical)} fail.`, measured);
  if (started.length < minStarted)
    return unhealthy("not_started", `${started.length} of ${minStarted} machines are started.`, measured);
  const warned = having("warning");
  if (warned.length > 0) return degraded("check_warning", `Checks of ${ids(warned)} warn.`, measured);
  return healthy(`${started.length} machines are started.`, measured);
}

const ids = (machines: readonly Machine[]): string =>
  machines
    .slice(0, 5)
    .map(({ id }) => id)
    .join(", ");
