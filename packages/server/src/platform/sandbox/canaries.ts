import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Rule } from "./engine.ts";

/** Where the hostile plugin looks. It is never told what it would find. */
export interface Canary {
  readonly folder: string;
  readonly file: string;
  readonly link: string;
  readonly writable: string;
  readonly module: string;
  readonly workerModule: string;
  readonly cjs: string;
  readonly fork: string;
  readonly json: string;
  readonly rootName: string;
  readonly port: number;
  readonly udp: number;
  readonly socket: string;
  readonly variable: string;
  readonly pid: number;
}

export interface Canaries extends Disposable {
  readonly canary: Canary;
  /** A mark for what a run may leave. */
  readonly mark: string;
  /** Rules that something got around without saying so. */
  sideEffects(): Map<Rule, string>;
  /** Whether what an attempt got is worth anything. */
  isLeak(name: string, got: string): boolean;
}

/** Files, listeners and a variable that nothing in a sandbox may find, and how to know that it did. */
export async function openCanaries(folder: string): Promise<Canaries> {
  const secret = randomBytes(12).toString("hex");
  const at = (name: string): string => join(folder, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(at("canary.txt"), secret);
  writeFileSync(at("canary.json"), JSON.stringify({ secret }));
  writeFileSync(at("canary.mjs"), `export default ${JSON.stringify(secret)};`);
  writeFileSync(at("canary.cjs"), `module.exports = ${JSON.stringify(secret)};`);
  writeFileSync(at("worker.mjs"), `postMessage(${JSON.stringify(secret)});`);
  writeFileSync(
    at("fork.mjs"),
    `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(at("written"))}, "forked");`,
  );
  symlinkSync(at("canary.txt"), at("link.txt"));
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on("error", () => undefined);
    socket.end(`HTTP/1.1 200 OK\r\ncontent-type: text/javascript\r\nconnection: close\r\n\r\nexport default 1`);
  });
  const local = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  const udp = createSocket("udp4", () => (connections += 1));
  udp.on("error", () => undefined);
  await Promise.all([
    listening(server, 0),
    listening(local, at("canary.sock")),
    new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve)),
  ]);
  const variable = `CANARY_${secret.slice(0, 8).toUpperCase()}`;
  process.env[variable] = secret;
  const names = [hostname(), userInfo().username];
  return {
    mark: `mark-${secret}`,
    canary: {
      folder,
      file: at("canary.txt"),
      link: at("link.txt"),
      writable: at("written"),
      module: pathToFileURL(at("canary.mjs")).href,
      workerModule: pathToFileURL(at("worker.mjs")).href,
      cjs: at("canary.cjs"),
      fork: at("fork.mjs"),
      json: pathToFileURL(at("canary.json")).href,
      rootName: folder.split("/")[1] ?? "",
      port: portOf(server),
      udp: udp.address().port,
      socket: at("canary.sock"),
      variable,
      pid: process.pid,
    },
    sideEffects() {
      const found = new Map<Rule, string>();
      if (connections > 0) found.set("network", `${connections} connections came to the host`);
      if (existsSync(at("written"))) found.set("files", "a file was written on the host");
      if (readFileSync(at("canary.txt"), "utf8") !== secret) found.set("files", "a file of the host was changed");
      return found;
    },
    // A name of its own is no secret: what counts is whether it is the host's.
    isLeak: (name, got) => (/hostname|user/.test(name) ? names.includes(got) : true),
    [Symbol.dispose]() {
      delete process.env[variable];
      server.close();
      local.close();
      udp.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const listening = (server: Server, where: number | string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    if (typeof where === "number") server.listen(where, "127.0.0.1", resolve);
    else server.listen(where, resolve);
  });

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return address === null || typeof address === "string" ? 0 : address.port;
}
