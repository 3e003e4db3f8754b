import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createHttpPort } from "@prunella/server";
import { RestartPolicy, type CrashBody } from "@prunella/contract";
import { temporaryFolder } from "../folder.ts";
import { freshId } from "../loader.ts";
import { percentile } from "../percentile.ts";
import { startServerProcess } from "../server-process.ts";
import { round, type Cell } from "./cell.ts";

/** From "the crash is durable" to "the remedy may start", over HTTP as `prunella run` asks. */
export const decision: Cell = {
  name: "decision",
  what: "crash committed → permit redeemed",
  async run(bench) {
    using data = temporaryFolder("bench");
    const server = await startServerProcess({ data: data.path });
    const port = createHttpPort(
      async () => server,
      async () => readFileSync(join(data.path, "ledger", "vkey"), "utf8"),
    );
    const policy = RestartPolicy.parse({
      budget: { max: 1_000_000, window_ms: 600_000 },
      backoff: { base_ms: 0, max_ms: 0 },
    });
    const { runId } = await port.announce({ name: "bench", project: "default", pid: null, policy });
    const latencies: number[] = [];
    let seen: string | null = null;
    const rounds = bench.isQuick ? 50 : 200;
    for (let at = 0; at < rounds; at += 1) {
      await port.crash(runId, crashNow());
      const committedAt = performance.now();
      const instruction = await port.next(runId, seen);
      if (instruction.kind !== "restart") {
        bench.fail(`decision: round ${at} was answered ${instruction.kind}`);
        break;
      }
      await port.redeem(instruction.permit_id, instruction.fence);
      latencies.push(performance.now() - committedAt);
      seen = instruction.attempt_id;
      await port.outcome(instruction.attempt_id, instruction.fence, "succeeded", null);
    }
    await server.stop();
    return {
      decision_p50_ms: round(percentile(latencies, 0.5), 2),
      decision_p99_ms: round(percentile(latencies, 0.99), 2),
    };
  },
};

export function crashNow(): CrashBody {
  return {
    event_id: freshId(),
    at: Date.now(),
    exit_code: 1,
    signal: null,
    uptime_ms: 1_000,
    platform: "linux",
    stderr_tail:
      "/srv/shop/src/cart/load.js:12\n  throw new TypeError('nothing in the cart');\n        ^\n\nTypeError: nothing in the cart\n    at loadCart (/srv/shop/src/cart/load.js:12:9)\n    at checkout (/srv/shop/src/checkout.js:40:3)\n",
  };
}
