import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needs } from "../needs.ts";
import { openServer, type ServerFixture } from "./server-fixture.ts";

const NGINX = "/usr/sbin/nginx";
const HOST = "prunella.example.com";
const hasNginx = needs("nginx", existsSync(NGINX)) && needs("openssl", existsSync("/usr/bin/openssl"));

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });

describe.skipIf(!hasNginx)("behind the proxy of the guide", () => {
  const folder = mkdtempSync(join(tmpdir(), "prunella-proxy-"));
  let house: ServerFixture;
  let nginx: ChildProcess;
  let port = 0;

  /** As a client on the network: the public name, over TLS, to the proxy. */
  function ask(
    path: string,
    {
      method = "GET",
      headers = {},
      body = "",
      host = HOST,
    }: { method?: string; headers?: object; body?: string; host?: string } = {},
    onChunk?: (text: string) => boolean,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const ca = readFileSync(join(folder, "cert.pem"));
      const sent = httpsRequest(
        { host: "127.0.0.1", port, path, method, servername: HOST, ca, headers: { host, ...headers } },
        (response) => {
          let text = "";
          const done = () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
          response.setEncoding("utf8").on("data", (chunk: string) => {
            text += chunk;
            if (onChunk?.(text)) {
              response.destroy();
              done();
            }
          });
          response.on("end", done);
        },
      );
      sent.on("error", reject).end(body);
    });
  }

  beforeAll(async () => {
    house = await openServer({ server: { public_url: `https://${HOST}` } });
    port = await freePort();
    const certificate = join(folder, "cert.pem");
    const key = join(folder, "key.pem");
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        `/CN=${HOST}`,
        "-addext",
        `subjectAltName=DNS:${HOST}`,
        "-keyout",
        key,
        "-out",
        certificate,
      ],
      { stdio: "ignore" },
    );
    const guide = readFileSync(join(import.meta.dirname, "../../docs/guides/behind-a-proxy.md"), "utf8");
    const block = /```nginx\n([^]*?)```/.exec(guide)?.[1] ?? "";
    const inner = readFileSync(join(house.folder, "server.json"), "utf8");
    const { url }: { url: string } = JSON.parse(inner);
    const server = block
      .replace("listen 443 ssl", `listen 127.0.0.1:${port} ssl`)
      .replace("http://127.0.0.1:4500", url)
      .replace("/etc/ssl/prunella.pem", certificate)
      .replace("/etc/ssl/prunella.key", key);
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    );
    writeFileSync(
      join(folder, "nginx.conf"),
      `pid ${folder}/pid; error_log ${folder}/error.log; daemon off; master_process off;\nevents {}\nhttp { access_log off; ${paths.join(" ")}\n${server}}\n`,
    );
    nginx = spawn(NGINX, ["-c", join(folder, "nginx.conf"), "-p", folder, "-e", join(folder, "error.log")], {
      stdio: "ignore",
    });
    for (let tries = 0; tries < 200; tries += 1) {
      if (
        await ask("/healthz").then(
          ({ status }) => status === 200,
          () => false,
        )
      )
        return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`nginx does not answer: ${readFileSync(join(folder, "error.log"), "utf8")}`);
  });
  afterAll(async () => {
    nginx?.kill("SIGTERM");
    await house?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it("links and DSNs have the public address, and what an SDK sends there is taken in", async () => {
    expect(await house.server.signInLink()).toMatch(`https://${HOST}/sign-in#code=`);
    const dsn = new URL(house.server.dsn);
    expect(dsn.origin).toBe(`https://${HOST}`);
    const body = `{}\n{"type":"event"}\n{"message":"from outside"}\n`;
    const path = `/api${dsn.pathname}/envelope/?sentry_key=${dsn.username}`;
    expect((await ask(path, { method: "POST", body })).status).toBe(200);
    await house.server.kernel.settle();
    const { faults } = await house.server.kernel.faults.list({ status: "all", limit: 5 });
    expect(faults).toMatchObject([{ title: "from outside" }]);
  });

  it("a browser signs in once, with a cookie that only TLS and this host get", async () => {
    const code = (await house.server.signInLink()).split("#code=")[1] ?? "";
    const headers = { "content-type": "application/json", origin: `https://${HOST}`, "sec-fetch-site": "same-origin" };
    const answer = await ask("/v1/session", { method: "POST", headers, body: JSON.stringify({ code }) });
    expect(answer.status).toBeLessThan(300);
    const cookie = String(answer.headers["set-cookie"]);
    expect(cookie).toMatch(/^__Host-[^;]+;.*Secure/i);
    expect(cookie).toMatch(/HttpOnly/i);
    expect(answer.headers["strict-transport-security"]).toContain("max-age=");
  });

  it("another name than the public one is refused, and pages come compressed or not, whole", async () => {
    expect((await ask("/", { host: "evil.example.com" })).status).toBe(421);
    expect((await ask("/")).text).toContain("<!doctype html>");
  });

  it("notices pass as they come", async () => {
    const headers = { authorization: `Bearer ${house.server.token}` };
    const heard = ask("/v1/stream", { headers }, (text) => text.includes("event: notice"));
    const again = setInterval(
      () =>
        void house.server.kernel.projects
          .add({ id: `p-${Date.now()}`, title: "P", by: { kind: "system", id: null } })
          .catch(() => undefined),
      200,
    );
    const { text } = await heard.finally(() => clearInterval(again));
    expect(text).toContain("event: notice");
  });
});
