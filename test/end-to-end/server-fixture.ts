import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Config } from "@prunella/contract";
import { startServer, type RunningServer, type ServerOptions } from "@prunella/server";

export interface ServerFixture extends AsyncDisposable {
  readonly server: RunningServer;
  readonly folder: string;
  /** The 32 hex digits of the default project's DSN. */
  readonly key: string;
  /** The operator API with the data folder's token. */
  api(path: string, init?: RequestInit): Promise<Response>;
  /** Everything that was written, as bytes. */
  written(): Buffer;
}

/** A real server on a free loopback port and a fresh data folder. */
export async function openServer(config: unknown = {}, given: Partial<ServerOptions> = {}): Promise<ServerFixture> {
  const folder = mkdtempSync(join(tmpdir(), "prunella-e2e-"));
  const parsed = Config.parse(config);
  const server = await startServer({
    config: { ...parsed, server: { ...parsed.server, port: 0 } },
    dataFolder: folder,
    isDemo: false,
    checksAnswers: true,
    log: { info() {}, warn: (message) => console.warn(message) },
    ...given,
  });
  const key = /:\/\/([0-9a-f]{32})@/.exec(server.dsn)?.[1] ?? "";
  return {
    server,
    folder,
    key,
    api: (path, init = {}) =>
      fetch(`${server.url}/v1${path}`, {
        ...init,
        headers: { authorization: `Bearer ${server.token}`, ...init.headers },
      }),
    written() {
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      return Buffer.concat(files.map((entry) => readFileSync(join(entry.parentPath, entry.name))));
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
