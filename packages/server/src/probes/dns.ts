import { DnsType, type Probe } from "@prunella/contract";
import { z } from "zod";
import { healthy, unhealthy } from "@prunella/contract/probe-result";

const Settings = z.strictObject({
  name: z.string().min(1).max(253).meta({ description: "What is looked up." }),
  type: DnsType.default("A").meta({ description: "Which records." }),
  server: z
    .string()
    .min(1)
    .max(300)
    .nullable()
    .default(null)
    .meta({ description: "`address` or `address:port` of who is asked; null: the servers of this machine." }),
  expect: z
    .array(z.string().min(1).max(1_000))
    .default([])
    .meta({ description: "Records that must be among the answers." }),
});

/** Whether a name leads where it should. */
export const dns: Probe<z.infer<typeof Settings>> = {
  kind: "dns",
  settings: Settings,
  async check({ name, type, server, expect }, hands, signal) {
    const answer = await hands.dns({ name, type, server }, signal);
    if (!answer.ok) return unhealthy(answer.category, answer.detail);
    const measured = { answers: answer.answers.length, latency_ms: answer.tookMs };
    const missing = expect.filter((one) => !answer.answers.includes(one));
    if (missing.length > 0)
      return unhealthy("answer", `${name} does not lead to ${missing.slice(0, 3).join(", ")}.`, measured);
    return healthy(`${name} has ${answer.answers.length} records of type ${type}.`, measured);
  },
};
