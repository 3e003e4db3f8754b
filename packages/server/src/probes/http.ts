import { Credential, duration, type HttpAnswer, type Probe, type ProbeResult } from "@prunella/contract";
import { z } from "zod";
import { degraded, healthy, unhealthy, unknown } from "@prunella/contract/probe-result";

const DAY_MS = 86_400_000;

const Settings = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: "a url begins with http:// or https://" })
    .meta({ description: "What is asked. A redirect is an answer like others." }),
  method: z.enum(["GET", "HEAD", "POST"]).default("GET").meta({ description: "How." }),
  headers: z.record(z.string(), z.string()).default({}).meta({ description: "Sent with it; no secrets." }),
  token: Credential.optional().meta({ description: "Where the host reads a secret that is sent as a bearer token." }),
  status: z
    .array(z.int().min(100).max(599))
    .min(1)
    .nullable()
    .default(null)
    .meta({ description: "Answers that are well; null: 200 to 399." }),
  contains: z
    .string()
    .min(1)
    .max(1_000)
    .nullable()
    .default(null)
    .meta({ description: "Text that the first 1 MiB of the body must hold, letter by letter." }),
  lacks: z.string().min(1).max(1_000).nullable().default(null).meta({ description: "Text that it must not hold." }),
  slow: duration({ least: "1ms" })
    .nullable()
    .prefault(null)
    .meta({ description: "An answer that takes longer is degraded." }),
  certificate_days: z.int().min(0).max(3_650).default(14).meta({
    description: "With fewer days left a certificate is degraded.",
    "x-unit": "days",
  }),
  ca_file: z.string().min(1).optional().meta({ description: "PEM of an authority that is trusted here as well." }),
});
type Settings = z.infer<typeof Settings>;

const MAX_BODY = 1_048_576;

/** A page or an API: whether it answers, what, how fast, and how long its certificate lasts. */
export const http: Probe<Settings> = {
  kind: "http",
  settings: Settings,
  async check(settings, hands, signal) {
    const { contains, lacks } = settings;
    const answer = await hands.http(
      {
        url: settings.url,
        method: settings.method,
        headers: settings.headers,
        maxBytes: contains === null && lacks === null ? 0 : MAX_BODY,
        ...(settings.token === undefined ? {} : { credential: settings.token }),
        ...(settings.ca_file === undefined ? {} : { caFile: settings.ca_file }),
      },
      signal,
    );
    // What was not asked says nothing about who would have answered.
    if (!answer.ok)
      return answer.category === "token_unset" || answer.category === "busy"
        ? unknown(answer.category, answer.detail)
        : unhealthy(answer.category, answer.detail);
    return judge(settings, answer, hands.now());
  },
};

function judge(settings: Settings, answer: HttpAnswer, now: number): ProbeResult {
  const { status, body, isCut, tlsValidTo, tookMs } = answer;
  const daysLeft = tlsValidTo === null ? null : Math.floor((tlsValidTo - now) / DAY_MS);
  const measured = {
    http_status: status,
    latency_ms: tookMs,
    ...(daysLeft === null ? {} : { tls_days_left: daysLeft }),
  };
  const isWell = settings.status === null ? status >= 200 && status < 400 : settings.status.includes(status);
  if (!isWell) return unhealthy("status", `It answered ${status}.`, measured);
  const within = isCut ? " in its first 1 MiB" : "";
  if (settings.contains !== null && !body.includes(settings.contains))
    return unhealthy("body", `The answer does not hold the text that it should${within}.`, measured);
  if (settings.lacks !== null && body.includes(settings.lacks))
    return unhealthy("body", "The answer holds the text that it must not.", measured);
  if (daysLeft !== null && daysLeft < 0) return unhealthy("certificate", "Its certificate has ended.", measured);
  if (daysLeft !== null && daysLeft < settings.certificate_days)
    return degraded("certificate_ends", `Its certificate ends in ${daysLeft} days.`, measured);
  if (settings.slow !== null && tookMs > settings.slow)
    return degraded("slow", `It took ${Math.round(tookMs)} ms to answer.`, measured);
  return healthy(`It answered ${status}.`, measured);
}
