import { createServer } from "node:http";
import { MessageChannel } from "node:worker_threads";
import { Config } from "@prunella/contract";
import { portOf } from "../../platform/threads.ts";
import { openKernel } from "../../supervisor/supervisor-fixture.ts";
import type { Door } from "../door.ts";
import { DOORS } from "../index.ts";
import { openLine } from "../thread/line.ts";
import { isFromDoors, isToDoors, type FromDoors, type ToDoors } from "../thread/messages.ts";
import { createReception } from "../thread/reception.ts";
import { serve } from "../thread/serve.ts";
import { newWhose, openWhose } from "../thread/whose.ts";
import { createInFlight, newByteCount, openByteCount } from "./in-flight.ts";
import type { Loss } from "./losses.ts";
import { openDoors, type DoorDeps } from "./open.ts";

export const TOKEN = ["operator", "of", "this", "test"].join("-");

/** The doors of the house, and more, on a real port before a real kernel; both sides in one thread. */
export async function openHouse({
  more = [],
  pressure,
  inFlight = 64_000_000,
}: { more?: readonly Door[]; pressure?: DoorDeps["kernel"]["pressure"]; inFlight?: number } = {}) {
  const opened = await openKernel();
  const { kernel } = opened;
  const lost: (Loss & { projectId: string })[] = [];
  const add = (projectId: string, losses: readonly Loss[]) =>
    void lost.push(...losses.map((loss) => ({ projectId, ...loss })));
  const doors = [...DOORS, ...more];
  const bytes = newByteCount();
  const answer = openDoors(doors, {
    kernel: {
      report: kernel.report,
      heartbeats: kernel.heartbeats,
      projects: kernel.projects,
      releases: kernel.releases,
      sourceMaps: kernel.sourceMaps,
      pressure: pressure ?? kernel.pressure,
    },
    config: Config.parse({ limits: { in_flight: `${inFlight} B` } }),
    now: () => Date.now(),
    losses: { add, addNow: async (...given) => add(...given), close: async () => undefined },
    inFlight: createInFlight(inFlight, openByteCount(bytes, 1)),
    token: TOKEN,
  });
  const { port1, port2 } = new MessageChannel();
  const reception = createReception(doors, createInFlight(inFlight, openByteCount(bytes, 0)));
  reception.attach(
    openLine<ToDoors, FromDoors>(portOf(port1), isFromDoors, (message) => {
      if (message.kind === "want_body" || message.kind === "answer") reception.hear(message);
    }),
  );
  const hear = serve({
    answer,
    whose: openWhose(newWhose()),
    line: openLine<FromDoors, ToDoors>(portOf(port2), isToDoors, (message) => hear(message)),
    look: () => undefined,
    flush: async () => undefined,
    onBacklog: () => undefined,
    measured: () => null,
    close: () => undefined,
  });
  const server = createServer((request, response) => {
    if (!reception.take(request, response)) response.writeHead(404).end("nobody's");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const [project] = await kernel.projects.list();
  return {
    url,
    kernel,
    lost,
    number: project?.dsn_id ?? "",
    key: project?.public_key ?? "",
    post: (path: string, body: RequestInit["body"], headers: Record<string, string> = {}) =>
      fetch(`${url}${path}`, { method: "POST", body: body ?? null, headers }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      port1.close();
      await opened[Symbol.asyncDispose]();
    },
  };
}
