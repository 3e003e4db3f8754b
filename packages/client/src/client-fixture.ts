import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { Environment } from "./places.ts";
import { type Options, type Program, toProgram } from "./program.ts";
import type { Crash, Machine, Scrubber } from "./report.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A user of its own: settings and state in a fresh folder, and no word about CI. */
export function freshUser(): { folder: string; env: Environment } {
  const folder = mkdtempSync(join(tmpdir(), "prunella-client-"));
  folders.push(folder);
  return {
    folder,
    env: { HOME: folder, XDG_CONFIG_HOME: join(folder, "config"), XDG_STATE_HOME: join(folder, "state") },
  };
}

export function programOf(options: Partial<Options> = {}): Program {
  const program = toProgram({ app: "shop", ...options });
  if (program === null) throw new Error("not a program");
  return program;
}

export const CRASH: Crash = {
  errorClass: "TypeError",
  functions: ["f", "g"],
  exitCode: null,
  phase: null,
  friction: null,
  at: Date.UTC(2026, 10, 21, 8, 30, 12, 345),
};
export const MACHINE: Machine = {
  platform: "linux",
  arch: "x64",
  node: "20.20.2",
  bun: undefined,
  appVersion: "1.4.0",
  remote: null,
};
export const PLAIN: Scrubber = { version: 1, scrub: (text) => ({ text, redactions: 0 }) };

/** A double of the server's door: takes anything, answers as told, and counts connections before any byte of them. */
export async function openDouble(answer: (request: number) => number | "hang" = () => 202) {
  const bodies: string[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      bodies.push(body);
      const status = answer(bodies.length);
      if (status !== "hang") response.writeHead(status, { location: "/elsewhere" }).end('{"status":"accepted"}');
    });
  });
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    bodies,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
