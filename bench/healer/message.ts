import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { RestartPolicy } from "@prunella/contract";
import { createHttpPort } from "@prunella/server";
import { round, type Bench, type Results } from "../cells/cell.ts";
import { crashNow } from "../cells/decision.ts";
import { temporaryFolder } from "../folder.ts";
import { percentile } from "../percentile.ts";
import { startServerProcess } from "../server-process.ts";

const PROGRAMS = 20;
const LONGEST_MS = 30_000;

/** From the crash of a program that may not be restarted to the question about it at a webhook. */
export async function crashToMessage(bench: Bench): Promise<Results> {
  const arrived = new Map<string, (at: number) => void>();
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const at = performance.now();
      const { kind, title }: { kind: string; title: string } = JSON.parse(Buffer.concat(chunks).toString());
      if (kind === "escalation_opened") arrived.get(title.split(" ")[0] ?? "")?.(at);
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const address = receiver.address();
  const to = typeof address === "object" && address !== null ? address.port : 0;
  using folder = temporaryFolder("bench-message");
  const config = join(folder.path, "prunella.yaml");
  writeFileSync(
    config,
    `notify:\n  channels:\n    - { name: here, kind: webhook, url: "http://127.0.0.1:${to}/", per_hour: 1000 }\n`,
  );
  const data = join(folder.path, "data");
  const server = await startServerProcess({ data, config });
  const port = createHttpPort(
    async () => server,
    async () => readFileSync(join(data, "ledger", "vkey"), "utf8"),
  );
  const policy = RestartPolicy.parse({ budget: { max: 0, window_ms: 600_000 } });
  const times: number[] = [];
  for (let at = 0; at < PROGRAMS; at += 1) {
    const name = `shop-${at}`;
    const { runId } = await port.announce({ name, project: "default", pid: null, policy });
    const { promise, resolve } = Promise.withResolvers<number | null>();
    arrived.set(name, resolve);
    const late = setTimeout(() => resolve(null), LONGEST_MS);
    const crashedAt = performance.now();
    await port.crash(runId, crashNow());
    await port.next(runId, null);
    const toldAt = await promise;
    clearTimeout(late);
    if (toldAt === null) {
      bench.fail(`message: nobody was told of ${name} within ${LONGEST_MS / 1_000} s`);
      break;
    }
    times.push(toldAt - crashedAt);
  }
  await server.stop();
  receiver.close();
  receiver.closeAllConnections();
  return {
    crash_to_message_ms: round(Math.max(...times), 0),
    crash_to_message_p50_ms: round(percentile(times, 0.5), 0),
  };
}
