import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/**
 * For tests only: machines as the Machines API tells of them (superfly/docs, machines/api/machines-resource
 * and machines/machine-states): a bearer token or 401, `{"error": …}` with 404, `{"ok": true}` of a restart,
 * a machine by id with its state. It remembers each change that it was asked for.
 */
export async function startFlyDouble(token: string) {
  const apps = new Map<string, Map<string, { state: string; instance: number }>>();
  const mutations: string[] = [];
  let afterRestart = "started";
  /** What a restart waits for, and whether it is then done. */
  let restarting: () => Promise<boolean> = async () => true;
  const server = createServer((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.authorization !== `Bearer ${token}`)
      return json(response, 401, { error: "Authenticate: token validation error" });
    const [, app = "", id = "", act] =
      /^\/v1\/apps\/([^/]+)\/machines(?:\/([^/]+))?(?:\/(restart))?$/.exec(request.url ?? "") ?? [];
    const machines = apps.get(app);
    if (!machines) return json(response, 404, { error: "app not found" });
    if (id === "")
      return json(
        response,
        200,
        [...machines].map(([each, machine]) => tell(each, machine)),
      );
    const machine = machines.get(id);
    if (!machine) return json(response, 404, { error: "machine not found" });
    if (act === undefined && request.method === "GET") return json(response, 200, tell(id, machine));
    if (act !== "restart" || request.method !== "POST") return json(response, 405, { error: "method not allowed" });
    mutations.push(`${app}/${id}`);
    if (!(await restarting())) return json(response, 400, { error: "machine could not be restarted" });
    machine.state = afterRestart;
    machine.instance += 1;
    return json(response, 200, { ok: true });
  }
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  return {
    base: `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`,
    mutations,
    put(app: string, id: string, state: string): void {
      const machines = apps.get(app) ?? new Map<string, { state: string; instance: number }>();
      apps.set(app, machines.set(id, { state, instance: 1 }));
    },
    whileRestarting: (step: () => Promise<boolean>): void => void (restarting = step),
    /** What a machine is once it was restarted. */
    becomes: (state: string): void => void (afterRestart = state),
    close: () => new Promise<void>((closed) => server.close(() => closed())),
  };
}

const tell = (id: string, { state, instance }: { state: string; instance: number }) => ({
  id,
  name: `machine-${id}`,
  state,
  region: "iad",
  instance_id: `01HZ${instance}`,
  version: `01HZ${instance}`,
  private_ip: "fdaa:0:3ec2:a7b:5adc:6068:5b85:2",
  config: { image: "flyio/fastify-functions", guest: { cpu_kind: "shared", cpus: 1, memory_mb: 256 } },
  created_at: "2026-05-23T22:48:21Z",
});

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}
