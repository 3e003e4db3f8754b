/**
 * Starts a throw-away PostgreSQL on a free loopback port for the whole test run, from whatever
 * PostgreSQL the machine has; `inject("postgresUrl")` is null where it has none.
 */
import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { needs } from "./needs.ts";

declare module "vitest" {
  export interface ProvidedContext {
    postgresUrl: string | null;
  }
}

export default async function setup(project: TestProject): Promise<(() => void) | undefined> {
  const bin = findBinaries();
  if (!needs("PostgreSQL", bin !== null) || !bin) {
    project.provide("postgresUrl", null);
    return undefined;
  }
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
  run("pg_ctl", [
    "-D",
    data,
    "-w",
    "-l",
    join(folder, "log"),
    "-o",
    `-p ${port} -c listen_addresses=127.0.0.1 -k ${folder} -c fsync=off -c max_connections=200`,
    "start",
  ]);
  project.provide("postgresUrl", `postgres://prunella@127.0.0.1:${port}/postgres`);
  return () => {
    run("pg_ctl", ["-D", data, "-w", "-m", "immediate", "stop"]);
    rmSync(folder, { recursive: true, force: true });
  };
}

function findBinaries(): string | null {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version, "bin")).find((path) => existsSync(join(path, "initdb"))) ?? null;
}

function freePort(): Promise<number> {
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
