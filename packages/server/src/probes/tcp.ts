import { duration, type Probe } from "@prunella/contract";
import { z } from "zod";
import { degraded, healthy, unhealthy } from "@prunella/contract/probe-result";

const Settings = z.strictObject({
  host: z.string().min(1).max(253).meta({ description: "Name or address." }),
  port: z.int().min(1).max(65_535).meta({ description: "Port." }),
  slow: duration({ least: "1ms" })
    .nullable()
    .prefault(null)
    .meta({ description: "A connection that takes longer to open is degraded." }),
});

/** Whether somebody takes a connection. */
export const tcp: Probe<z.infer<typeof Settings>> = {
  kind: "tcp",
  settings: Settings,
  async check({ host, port, slow }, hands, signal) {
    const answer = await hands.tcp({ host, port }, signal);
    if (!answer.ok) return unhealthy(answer.category, answer.detail);
    const measured = { latency_ms: answer.tookMs };
    if (slow !== null && answer.tookMs > slow)
      return degraded("slow", `It took ${Math.round(answer.tookMs)} ms to connect.`, measured);
    return healthy("It takes connections.", measured);
  },
};
