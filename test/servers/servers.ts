import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createHttpPort, importLedgerKey, type SupervisorPort } from "@prunella/server";
import { temporaryFolder } from "../../bench/folder.ts";
import { startServerProcess, type ServerProcess } from "../../bench/server-process.ts";

export type MemberName = "a" | "b";

/** One server with its data folder; the process may come and go. */
export interface Member {
  readonly name: MemberName;
  readonly data: string;
  /** Null while it is down. */
  readonly server: ServerProcess | null;
  readonly port: SupervisorPort;
  start(): Promise<ServerProcess>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export interface Servers extends AsyncDisposable {
  readonly members: Readonly<Record<MemberName, Member>>;
  readonly folder: string;
}

/** Two real server processes on one database, the second with the key of the first. `supervise` stands in their configuration. */
export async function startServers(given: {
  databaseUrl: string;
  supervise?: (name: MemberName, folder: string) => readonly unknown[];
}): Promise<Servers> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder("servers"));
  const member = (name: MemberName): Member => {
    const made = createMember(name, folder.path, {
      store: { url: given.databaseUrl },
      supervise: given.supervise?.(name, folder.path) ?? [],
    });
    stack.defer(() => made.kill());
    return made;
  };
  const [a, b] = [member("a"), member("b")];
  await a.start();
  await importLedgerKey(b.data, join(a.data, "ledger-key.json"));
  await b.start();
  const open = stack.move();
  return { members: { a, b }, folder: folder.path, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

function createMember(name: MemberName, folder: string, config: unknown): Member {
  const data = join(folder, name);
  mkdirSync(data, { mode: 0o700 });
  const path = join(folder, `${name}.yaml`);
  // YAML takes JSON as it is.
  writeFileSync(path, JSON.stringify(config));
  let server: ServerProcess | null = null;
  return {
    name,
    data,
    get server() {
      return server;
    },
    port: createHttpPort(
      async () => server,
      async () => readFileSync(join(data, "ledger", "vkey"), "utf8"),
    ),
    async start() {
      server = await startServerProcess({ data, config: path });
      return server;
    },
    async kill() {
      const killed = server;
      server = null;
      await killed?.kill();
    },
  };
}
