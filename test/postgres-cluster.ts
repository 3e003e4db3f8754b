import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Cluster {
  /** Of its database `postgres`. */
  readonly url: string;
  stop(): void;
}

/** Whether this machine has a PostgreSQL that can be started. */
export const hasPostgres = (): boolean => findBinaries() !== null;

/** Starts a throw-away PostgreSQL on a free loopback port, from whatever PostgreSQL the machine has. */
export async function startCluster(settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  const bin = findBinaries();
  if (bin === null) throw new Error("there is no PostgreSQL on this machine");
  const folder = mkdtempSync(join(tmpdir(), "prunella-pg-"));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    const [uid, gid] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" })));
    chownSync(folder, uid ?? 0, gid ?? 0);
  }
  // PostgreSQL refuses to run as root.
  const run = (program: string, args: string[]) =>
    isRoot
      ? execFileSync("runuser", ["-u", "postgres", "--", join(bin, program), ...args], { stdio: "ignore", cwd: folder })
      : execFileSync(join(bin, program), args, { stdio: "ignore", cwd: folder });
  const port = await freePort();
  const data = join(folder, "data");
  run("initdb", ["-D", data, "-U", "prunella", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]);
  const all = { listen_addresses: "127.0.0.1", max_connections: "200", ...settings };
  const options = Object.entries(all).map(([name, value]) => `-c ${name}=${value}`);
  run("pg_ctl", [
    "-D",
    data,
    "-w",
    "-l",
    join(folder, "log"),
    "-o",
    `-p ${port} -k ${folder} ${options.join(" ")}`,
    "start",
  ]);
  return {
    url: `postgres://prunella@127.0.0.1:${port}/postgres`,
    stop() {
      run("pg_ctl", ["-D", data, "-w", "-m", "immediate", "stop"]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function findBinaries(): string | null {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version, "bin")).find((path) => existsSync(join(path, "initdb"))) ?? null;
}

/** One of loopback that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
