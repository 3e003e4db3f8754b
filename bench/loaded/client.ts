import { createConnection, type Connection } from "../connection.ts";
import { field } from "../operator.ts";

/** Long polls take a connection each; more than these wait, and their waiting counts. */
const CONNECTIONS = 256;
const EMPTY = Buffer.alloc(0);

export interface Supervisors {
  announce(name: string, policy: object): Promise<string>;
  crash(run: string, body: object): Promise<void>;
  /** Resolves with what may be redeemed; throws for any other instruction. */
  next(run: string, seen: string | null): Promise<Told>;
  redeem(told: Told): Promise<void>;
  succeeded(told: Told): Promise<void>;
  close(): void;
}

export interface Told {
  readonly attempt: string;
  readonly permit: string;
  readonly fence: number;
}

/** The operator API as supervisors call it, over bare sockets: a thousand real ones would need the whole machine. */
export function createSupervisors({ url, token }: { readonly url: string; readonly token: string }): Supervisors {
  const base = new URL(url);
  const all = Array.from({ length: CONNECTIONS }, () => createConnection(base));
  const idle = [...all];
  const waiting: ((connection: Connection) => void)[] = [];
  const headers = `Authorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;

  const take = (): Promise<Connection> => {
    const connection = idle.pop();
    return connection ? Promise.resolve(connection) : new Promise((resolve) => waiting.push(resolve));
  };
  const giveBack = (connection: Connection): void => {
    const next = waiting.shift();
    if (next) next(connection);
    else idle.push(connection);
  };

  async function call(method: "GET" | "POST", path: string, body: object | null, status: number): Promise<unknown> {
    const connection = await take();
    try {
      const bytes = body === null ? EMPTY : Buffer.from(JSON.stringify(body));
      const answer = await connection.send(`${method} ${path} HTTP/1.1\r\n${headers}`, bytes);
      if (answer.status !== status)
        throw new Error(`${path} was answered ${answer.status}: ${answer.body.slice(0, 200)}`);
      return answer.body === "" ? null : JSON.parse(answer.body);
    } finally {
      giveBack(connection);
    }
  }

  return {
    announce: async (name, policy) =>
      String(
        field(await call("POST", "/v1/supervised", { name, project: "default", pid: null, policy }, 201), "run_id"),
      ),
    async crash(run, body) {
      await call("POST", `/v1/supervised/${run}/crash`, body, 204);
    },
    async next(run, seen) {
      const told = await call("GET", `/v1/supervised/${run}/next${seen === null ? "" : `?seen=${seen}`}`, null, 200);
      if (field(told, "kind") !== "restart")
        throw new Error(`a crash was answered ${JSON.stringify(told).slice(0, 200)}`);
      return {
        attempt: String(field(told, "attempt_id")),
        permit: String(field(told, "permit_id")),
        fence: Number(field(told, "fence")),
      };
    },
    async redeem({ permit, fence }) {
      await call("POST", `/v1/permits/${permit}/redeem`, { fence }, 200);
    },
    async succeeded({ attempt, fence }) {
      await call("POST", `/v1/attempts/${attempt}/outcome`, { state: "succeeded", fence, pid: null }, 204);
    },
    close: () => all.forEach((connection) => connection.close()),
  };
}
