import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createPlain, request, type RequestListener, type Server } from "node:http";
import { createServer as createTls } from "node:https";
import { tmpdir } from "node:os";
import type { SecureContextOptions } from "node:tls";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { BIN } from "../../packages/cli/src/cli-fixture.ts";
import { openServer } from "../end-to-end/server-fixture.ts";
import { needs } from "../needs.ts";
import { createAuthority, type Authority, type Certified } from "./private-authority.ts";

/** What the server sends by itself, to addresses of its configuration: nobody in between may read or bend it. */
const root = mkdtempSync(join(tmpdir(), "prunella-outbound-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const hasOpenssl = needs("openssl", spawnSync("openssl", ["version"]).status === 0);

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

function serve(handle: RequestListener, certified?: Certified & SecureContextOptions): Promise<number> {
  const server = certified === undefined ? createPlain(handle) : createTls({ ...certified }, handle);
  servers.push(server);
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    }),
  );
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 800 && !(await holds()); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 25));
}

/** Collects bodies. */
function hook(): { readonly bodies: string[]; readonly handle: RequestListener } {
  const bodies: string[] = [];
  return {
    bodies,
    handle(asked, response) {
      let body = "";
      asked.setEncoding("utf8").on("data", (text: string) => (body += text));
      asked.on("end", () => {
        bodies.push(body);
        response.end();
      });
    },
  };
}

interface Up extends AsyncDisposable {
  readonly folder: string;
  said(): string;
}

let folders = 0;
/** The command as people start it, with an environment of its own. */
async function up(config: string, env: Readonly<Record<string, string>>): Promise<Up> {
  const folder = join(root, `up-${(folders += 1)}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "prunella.yaml"), config);
  const child = spawn(process.execPath, [BIN, "up", "--no-demo", "--port", "0", "--data", join(folder, "data")], {
    cwd: folder,
    env: { ...process.env, NODE_EXTRA_CA_CERTS: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => void (said += text));
  const gone = new Promise((resolve) => child.once("close", resolve));
  return {
    folder: join(folder, "data"),
    said: () => said,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await gone;
    },
  };
}

describe.skipIf(!hasOpenssl)("checkpoints over TLS", { timeout: 60_000 }, () => {
  let ours: Authority;
  let theirs: Authority;
  beforeAll(() => {
    ours = createAuthority(root, "ours");
    theirs = createAuthority(root, "theirs");
  });
  const webhook = (port: number) =>
    `ledger: { checkpoints: { webhook: "https://127.0.0.1:${port}/hook", every: 1s } }\n`;

  it("go to a webhook whose certificate a private authority signed that NODE_EXTRA_CA_CERTS names", async () => {
    const { bodies, handle } = hook();
    const port = await serve(handle, ours.certify("IP:127.0.0.1"));
    await using server = await up(webhook(port), { NODE_EXTRA_CA_CERTS: ours.path });
    await until(() => bodies.length > 0);
    expect(JSON.parse(bodies[0] ?? "")).toMatchObject({ size: 2, note: expect.stringContaining("\n\n\u2014 ") });
    expect(server.said()).not.toContain("did not arrive");
  });

  it.each([
    ["an authority that nobody named", () => theirs.certify("IP:127.0.0.1")],
    ["the right authority, for another host", () => ours.certify("DNS:hooks.example")],
  ])("go to no webhook with a certificate of %s, and that is said", async (_whose, certified) => {
    const { bodies, handle } = hook();
    const port = await serve(handle, certified());
    await using server = await up(webhook(port), { NODE_EXTRA_CA_CERTS: ours.path });
    await until(() => server.said().includes("did not arrive"));
    expect(server.said()).toMatch(/a checkpoint did not arrive at 127\.0\.0\.1:\d+ .*(?:certificate|altnames)/i);
    expect(bodies).toEqual([]);
  });

  it("go by no version of TLS before 1.2", async () => {
    const { bodies, handle } = hook();
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    const port = await serve(handle, { ...ours.certify("IP:127.0.0.1"), ...old });
    await using server = await up(webhook(port), { NODE_EXTRA_CA_CERTS: ours.path });
    await until(() => server.said().includes("did not arrive"));
    expect(server.said()).toMatch(/did not arrive .*(?:protocol|version|handshake)/i);
    expect(bodies).toEqual([]);
  });

  it("are cosigned by a witness behind TLS", async () => {
    const folder = join(root, "witnessed");
    mkdirSync(folder);
    await using first = await up("", {});
    await until(() => first.said().includes("DSN"));
    const vkey = readFileSync(join(first.folder, "ledger", "vkey"), "utf8").trim();
    await first[Symbol.asyncDispose]();
    await using other = await openServer({ witness: { origins: [vkey] } });
    const witness = (await (await fetch(`${other.server.url}/witness/vkey`)).text()).trim();
    const port = await serve((asked, response) => {
      const on = request(
        `${other.server.url}${asked.url ?? ""}`,
        { method: asked.method, headers: asked.headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      asked.pipe(on);
    }, ours.certify("DNS:localhost"));
    writeFileSync(
      join(first.folder, "..", "prunella.yaml"),
      `ledger: { witnesses: [{ url: "https://localhost:${port}/witness", vkey: "${witness}" }] }\n`,
    );
    const child = spawn(process.execPath, [BIN, "up", "--no-demo", "--port", "0", "--data", first.folder], {
      cwd: join(first.folder, ".."),
      env: { ...process.env, NODE_EXTRA_CA_CERTS: ours.path },
      stdio: "ignore",
    });
    const gone = new Promise((resolve) => child.once("close", resolve));
    const cosigned = () =>
      readFileSync(join(first.folder, "ledger", "checkpoint"), "utf8").includes(witness.split("+")[0] ?? "none");
    await until(cosigned);
    child.kill("SIGTERM");
    await gone;
    expect(cosigned()).toBe(true);
  });
});

describe("what answers a checkpoint", () => {
  it("leads it to no other address", async () => {
    const { bodies, handle } = hook();
    const elsewhere = await serve(handle);
    let asked = 0;
    const port = await serve((_asked, response) => {
      asked += 1;
      response.writeHead(307, { location: `http://127.0.0.1:${elsewhere}/` }).end();
    });
    const said: string[] = [];
    const { warn } = console;
    console.warn = (text: string) => void said.push(text);
    try {
      await using _server = await openServer({ ledger: { checkpoints: { webhook: `http://127.0.0.1:${port}/` } } });
      await until(() => said.length > 0);
    } finally {
      console.warn = warn;
    }
    expect(asked).toBeGreaterThan(0);
    expect(said.join("\n")).toContain("status 307");
    expect(bodies).toEqual([]);
  });

  it("fills no memory, and the server goes on", async () => {
    let taken = 0;
    const port = await serve((_asked, response) => {
      const more = (): void => {
        for (let going = true; going && !response.destroyed;) {
          taken += 65_536;
          going = response.write(Buffer.alloc(65_536));
        }
        if (taken < 512 * 1024 * 1024) response.once("drain", more);
      };
      more();
    });
    const said: string[] = [];
    const { warn } = console;
    console.warn = (text: string) => void said.push(text);
    try {
      await using fixture = await openServer({ ledger: { checkpoints: { webhook: `http://127.0.0.1:${port}/` } } });
      await until(() => said.length > 0);
      expect((await fixture.api("/me")).status).toBe(200);
    } finally {
      console.warn = warn;
    }
    expect(said.join("\n")).toContain("more than 65536 bytes");
    expect(taken).toBeLessThan(16 * 1024 * 1024);
  });

  it.each([
    "https://169.254.169.254/latest/meta-data",
    "https://[fe80::1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://0.0.0.0/",
    "https://[fd00:ec2::254]/",
    "https://2852039166/",
    "https://0xa9fea9fe/",
  ])("is never an address that answers without a key: %s", async (webhook) => {
    const said: string[] = [];
    const { warn } = console;
    console.warn = (text: string) => void said.push(text);
    try {
      await using _server = await openServer({ ledger: { checkpoints: { webhook } } });
      await until(() => said.length > 0);
      expect(said.join("\n")).toMatch(/not reached|only this machine/);
    } finally {
      console.warn = warn;
    }
  });
});

describe("the door of a witness", () => {
  it("reads no more than a request has, and answers an address so often a minute", async () => {
    await using ledger = await openServer();
    const vkey = readFileSync(join(ledger.folder, "ledger", "vkey"), "utf8").trim();
    await using witness = await openServer({ witness: { origins: [vkey] } });
    const ask = async (body: string): Promise<number> =>
      (await fetch(`${witness.server.url}/witness/add-checkpoint`, { method: "POST", body })).status;
    expect(await ask("x".repeat(32_769))).toBe(413);
    const statuses: number[] = [];
    for (let at = 0; at < 80; at += 1) statuses.push(await ask("old 0\n\nnothing"));
    expect(statuses.filter((status) => status === 400).length).toBeLessThanOrEqual(60);
    expect(statuses.at(-1)).toBe(429);
    expect((await witness.api("/me")).status).toBe(200);
  });
});
