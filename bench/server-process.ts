import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { readServerFile } from "@prunella/server";

export interface ServerProcess {
  readonly url: string;
  /** Where envelopes go, with the key in the query as JS SDKs send it. */
  readonly envelopeUrl: URL;
  readonly token: string;
  /** Of the server itself, also when something is wrapped around it. */
  readonly pid: number;
  /** From spawn to the first 200 of /healthz, ms. */
  readonly servingAfterMs: number;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGINT as from Ctrl-C; resolves to the exit code. */
  stop(): Promise<number | null>;
}

const BIN = fileURLToPath(new URL("../packages/cli/bin/prunella.js", import.meta.url));
const START_MS = 120_000;

/** Starts `prunella up --no-demo` on a data folder in a process of its own; `wrap` goes before the command, `config` is a file. */
export async function startServerProcess(given: {
  data: string;
  wrap?: readonly string[];
  config?: string;
}): Promise<ServerProcess> {
  const command = [
    ...(given.wrap ?? []),
    process.execPath,
    BIN,
    "up",
    "--no-demo",
    "--json",
    "--port",
    "0",
    "--data",
    given.data,
    ...(given.config === undefined ? [] : ["--config", given.config]),
  ];
  const startedAt = performance.now();
  const { child, line, exited } = await spawnUntilLine(command);
  const { url, dsn, pid } = readUpLine(line);
  const answer = await fetch(new URL("/healthz", url));
  await answer.arrayBuffer();
  const servingAfterMs = performance.now() - startedAt;
  const file = readServerFile(given.data);
  if (!answer.ok || file === null) throw new Error(`the server on ${given.data} does not serve`);
  const parsed = new URL(dsn);
  return {
    url,
    pid,
    servingAfterMs,
    token: file.token,
    envelopeUrl: new URL(
      `/api${parsed.pathname}/envelope/?sentry_version=7&sentry_key=${parsed.username}&sentry_client=sentry.javascript.node%2F11.12.0`,
      url,
    ),
    async kill() {
      signal(pid, "SIGKILL");
      child.kill("SIGKILL");
      await exited;
    },
    async stop() {
      signal(pid, "SIGINT");
      return exited;
    },
  };
}

/** Spawns a program that says one line once it serves, and that ends with us at the latest. */
export async function spawnUntilLine(
  command: readonly string[],
): Promise<{ child: ChildProcess; line: string; exited: Promise<number | null> }> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const end = () => void child.kill("SIGKILL");
  process.once("exit", end);
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => {
      process.off("exit", end);
      resolve(code);
    });
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-2_000)));
  const line = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${program} did not start within ${START_MS} ms: ${said}`)),
      START_MS,
    );
    createInterface({ input: child.stdout }).once("line", (text) => {
      clearTimeout(timer);
      resolve(text);
    });
    child.once("error", reject);
    void exited.then((code) => reject(new Error(`${program} ended with ${code} before it served: ${said}`)));
  });
  return { child, line, exited };
}

function readUpLine(line: string): { url: string; dsn: string; pid: number } {
  const value: unknown = JSON.parse(line);
  if (typeof value === "object" && value !== null && "url" in value && "dsn" in value && "pid" in value) {
    const { url, dsn, pid } = value;
    if (typeof url === "string" && typeof dsn === "string" && typeof pid === "number") return { url, dsn, pid };
  }
  throw new Error(`up --json printed something else: ${line.slice(0, 200)}`);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already, which is what was wanted.
  }
}
