import { createServer } from "node:http";
import { Config } from "@prunella/contract";
import { openKernel } from "../../supervisor/supervisor-fixture.ts";
import type { Door } from "../door.ts";
import { DOORS } from "../index.ts";
import type { Loss } from "./losses.ts";
import { openDoors, type DoorDeps } from "./open.ts";

export const TOKEN = ["operator", "of", "this", "test"].join("-");

/** The doors of the house, and more, on a real port before a real kernel. */
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
  const take = openDoors([...DOORS, ...more], {
    kernel: {
      report: kernel.report,
      projects: kernel.projects,
      releases: kernel.releases,
      sourceMaps: kernel.sourceMaps,
      pressure: pressure ?? kernel.pressure,
    },
    config: Config.parse({ limits: { in_flight_bytes: inFlight } }),
    now: () => Date.now(),
    losses: { add, addNow: async (...given) => add(...given), close: async () => undefined },
    token: TOKEN,
  });
  const server = createServer((request, response) => {
    if (!take(request, response)) response.writeHead(404).end("nobody's");
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
      await opened[Symbol.asyncDispose]();
    },
  };
}
