import { execFileSync, spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createTcpServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createHands } from "../platform/hands/hands.ts";
import { PROBES } from "./kinds.ts";

const folder = mkdtempSync(join(tmpdir(), "prunella-probes-"));
const hands = createHands(folder);
const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing.toReversed()) close();
  rmSync(folder, { recursive: true, force: true });
});

/** One look of a kind with these settings, as they would stand in prunella.yaml. */
async function check(kind: string, settings: object, ms = 5_000) {
  const probe = PROBES.get(kind);
  if (!probe) throw new Error(`there is no kind ${kind}`);
  return probe.check(probe.settings.parse(settings), hands, AbortSignal.timeout(ms));
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

const serve = async (answer: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listen(createServer(answer))}/`;

/** A port that nobody has. */
async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("http", () => {
  it("is well by its status and by what the body holds, and says how long it took", async () => {
    const url = await serve((_, response) => response.end("<h1>all systems go</h1>"));
    expect(await check("http", { url, contains: "systems go" })).toMatchObject({
      status: "healthy",
      measured: { http_status: 200, latency_ms: expect.any(Number) },
    });
    expect(await check("http", { url, contains: "systems stop" })).toMatchObject({
      status: "unhealthy",
      category: "body",
    });
    expect(await check("http", { url, lacks: "all systems" })).toMatchObject({ status: "unhealthy", category: "body" });
    expect(await check("http", { url, status: [204] })).toMatchObject({ status: "unhealthy", category: "status" });
  });

  it("reads no more of a body than it must, however long it is", async () => {
    let sent = 0;
    const url = await serve((_, response) => {
      const more = (): void => {
        for (let room = true; room && !response.destroyed; sent += 65_536) room = response.write("x".repeat(65_536));
      };
      response.on("drain", more);
      more();
    });
    expect(await check("http", { url, contains: "needle" })).toMatchObject({ category: "body" });
    expect(sent).toBeLessThan(64 * 1_048_576);
    expect(await check("http", { url })).toMatchObject({ status: "healthy" });
  });

  it("tells a refused connection, an answer that never comes and one that is no HTTP apart", async () => {
    expect(await check("http", { url: `http://127.0.0.1:${await freePort()}/` })).toMatchObject({
      category: "refused",
    });
    const silent = await serve(() => undefined);
    expect(await check("http", { url: silent }, 100)).toMatchObject({ status: "unhealthy", category: "timeout" });
    const odd = await listen(createTcpServer((socket) => socket.end("220 smtp ready\r\n")));
    expect(await check("http", { url: `http://127.0.0.1:${odd}/` })).toMatchObject({ category: "protocol" });
  });

  it("follows no redirect, and sends a token to the address alone that it is meant for", async () => {
    const asked: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      asked.push(request.headers.authorization);
      response.end();
    });
    const url = await serve((request, response) => {
      asked.push(request.headers.authorization);
      response.writeHead(302, { location: other }).end();
    });
    writeFileSync(join(folder, "token"), "  a-token-of-ours\n");
    expect(await check("http", { url, token: "file:token" })).toMatchObject({ measured: { http_status: 302 } });
    expect(asked).toEqual(["Bearer a-token-of-ours"]);
    expect(await check("http", { url, token: "file:nothing" })).toMatchObject({
      status: "unknown",
      category: "token_unset",
    });
    expect(await check("http", { url: "http://prunella.example/", token: "file:token" })).toMatchObject({
      category: "not_encrypted",
    });
  });

  it("says how many days a certificate has left, and does not take one that nobody vouches for", async () => {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "5",
        "-keyout",
        key,
        "-out",
        cert,
        ...subject,
      ],
      { stdio: "ignore" },
    );
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) =>
      response.end("ok"),
    );
    const url = `https://127.0.0.1:${await listen(server)}/`;
    expect(await check("http", { url })).toMatchObject({ status: "unhealthy", category: "certificate" });
    const trusted = { url, ca_file: cert };
    expect(await check("http", trusted)).toMatchObject({
      status: "degraded",
      category: "certificate_ends",
      measured: { tls_days_left: 4 },
    });
    expect(await check("http", { ...trusted, certificate_days: 2 })).toMatchObject({ status: "healthy" });
    // An authority of one's own stands beside those of the system.
    const own = { url, certificate_days: 2, ca_file: join(folder, "no-authority") };
    writeFileSync(own.ca_file, "");
    expect(await check("http", own)).toMatchObject({ category: "certificate" });
    const before = getCACertificates("default");
    setDefaultCACertificates([...before, readFileSync(cert, "utf8")]);
    closing.push(() => setDefaultCACertificates(before));
    writeFileSync(own.ca_file, getCACertificates("bundled")[0] ?? "");
    expect(await check("http", own)).toMatchObject({ status: "healthy" });
  });
});

describe("tcp", () => {
  it("is well where somebody takes the connection", async () => {
    const port = await listen(createTcpServer((socket) => socket.end()));
    expect(await check("tcp", { host: "127.0.0.1", port })).toMatchObject({ status: "healthy" });
    expect(await check("tcp", { host: "127.0.0.1", port: await freePort() })).toMatchObject({ category: "refused" });
  });
});

/** A server of names that knows one: RFC 1035, sections 4.1 and 3.2. Our double, on loopback. */
async function nameServer(known: string, address: readonly number[]): Promise<string> {
  const socket: Socket = createSocket("udp4");
  socket.on("message", (question, from) => {
    let end = 12;
    const labels: string[] = [];
    for (let length = question[end] ?? 0; length > 0; length = question[end] ?? 0) {
      labels.push(question.toString("latin1", end + 1, end + 1 + length));
      end += length + 1;
    }
    const isKnown = labels.join(".") === known;
    const head = Buffer.from([
      question[0] ?? 0,
      question[1] ?? 0,
      0x81,
      isKnown ? 0x80 : 0x83,
      0,
      1,
      0,
      isKnown ? 1 : 0,
      0,
      0,
      0,
      0,
    ]);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address]);
    const parts = [head, question.subarray(12, end + 5), ...(isKnown ? [record] : [])];
    socket.send(Buffer.concat(parts), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  closing.push(() => socket.close());
  const bound: AddressInfo = socket.address();
  return `127.0.0.1:${bound.port}`;
}

describe("dns", () => {
  it("looks where a name leads, and tells a name that nobody has", async () => {
    const server = await nameServer("shop.example", [192, 0, 2, 7]);
    expect(await check("dns", { name: "shop.example", server, expect: ["192.0.2.7"] })).toMatchObject({
      status: "healthy",
      measured: { answers: 1 },
    });
    expect(await check("dns", { name: "shop.example", server, expect: ["192.0.2.8"] })).toMatchObject({
      category: "answer",
    });
    expect(await check("dns", { name: "gone.example", server })).toMatchObject({
      status: "unhealthy",
      category: "name_unknown",
    });
  });

  it("does not wait longer for a server than it may", async () => {
    const silent = createSocket("udp4");
    await new Promise<void>((resolve) => silent.bind(0, "127.0.0.1", resolve));
    closing.push(() => silent.close());
    expect(
      await check("dns", { name: "shop.example", server: `127.0.0.1:${silent.address().port}` }, 200),
    ).toMatchObject({ category: "timeout" });
  });
});

describe("command", () => {
  const sh = (script: string) => ["sh", "-c", script];
  it("goes by the exit code, and tells the last line", async () => {
    expect(await check("command", { command: sh("echo OK - 3 jobs") })).toMatchObject({
      status: "healthy",
      detail: "OK - 3 jobs",
    });
    const warns = { command: sh("echo WARNING - 9 jobs; exit 1"), degraded: [1], unknown: [3] };
    expect(await check("command", warns)).toMatchObject({ status: "degraded", category: "warning" });
    expect(await check("command", { command: sh("echo no >&2; exit 2") })).toMatchObject({
      status: "unhealthy",
      detail: "no",
      measured: { exit_code: 2 },
    });
    expect(await check("command", { command: ["no-such-program-here"] })).toMatchObject({
      status: "unknown",
      category: "not_found",
    });
  });

  it("ends what takes too long, with all that it started", async () => {
    const mark = `prunella-slow-${process.pid}`;
    const script = `sh -c 'exec -a ${mark} sleep 30' & sleep 30`;
    expect(await check("command", { command: ["bash", "-c", script] }, 300)).toMatchObject({
      status: "unhealthy",
      category: "timeout",
    });
    await expect.poll(async () => (await check("process", { contains: mark })).category).toBe("not_running");
  });

  it("keeps no pipe of a program that left somebody behind, ended in time or not", async () => {
    const pipes = () => process.getActiveResourcesInfo().filter((name) => name === "PipeWrap").length;
    const before = pipes();
    const left = (after: string) => ["bash", "-c", `setsid sleep 3 & ${after}`];
    expect(await check("command", { command: left("sleep 30") }, 200)).toMatchObject({ category: "timeout" });
    expect(await check("command", { command: left("echo well") })).toMatchObject({ detail: "well" });
    await expect.poll(pipes).toBe(before);
  });

  it("begins in the folder of the configuration, as relative paths do", async () => {
    writeFileSync(join(folder, "look.sh"), "#!/bin/sh\ncat said.txt\n", { mode: 0o755 });
    writeFileSync(join(folder, "said.txt"), "from here");
    expect(await check("command", { command: ["./look.sh"] })).toMatchObject({ detail: "from here" });
    expect(await check("disk", { path: "look.sh", degraded_below: 0, unhealthy_below: 0 })).toMatchObject({
      status: "healthy",
    });
    writeFileSync(join(folder, "own.pid"), String(process.pid));
    expect(await check("process", { pid_file: "own.pid" })).toMatchObject({ status: "healthy" });
  });

  it("keeps the end of what a program says without end", async () => {
    const endless = "for i in $(seq 1 20000); do echo line $i of very much text; done; echo the end";
    expect(await check("command", { command: sh(endless) })).toMatchObject({ status: "healthy", detail: "the end" });
  });
});

describe("process", () => {
  it("finds one that runs by its name, its command line and its file, and not when it has ended", async () => {
    const child = spawn("sleep", ["61.7"]);
    await new Promise((resolve) => child.once("spawn", resolve));
    const file = join(folder, "sleep.pid");
    writeFileSync(file, `${child.pid}\n`);
    const settings = { name: "sleep", contains: "61.7", pid_file: file };
    await expect.poll(async () => (await check("process", settings)).status).toBe("healthy");
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    await expect.poll(async () => (await check("process", settings)).category).toBe("not_running");
    expect(await check("process", { pid_file: join(folder, "none.pid") })).toMatchObject({ category: "no_pid_file" });
  });
});

describe("disk", () => {
  it("tells what is free by the file system's own count", async () => {
    const roomy = await check("disk", { path: folder, degraded_below: 0, unhealthy_below: 0 });
    expect(roomy).toMatchObject({ status: "healthy", measured: { free_percent: expect.any(Number) } });
    expect(await check("disk", { path: folder, degraded_below: 100, unhealthy_below: 0 })).toMatchObject({
      category: "nearly_full",
    });
    expect(await check("disk", { path: join(folder, "gone") })).toMatchObject({
      status: "unhealthy",
      category: "not_found",
    });
  });

  const full = join(folder, "full");
  it.skipIf(!mounted(full))("is unhealthy on a disk that was filled", async () => {
    expect(await check("disk", { path: full })).toMatchObject({ status: "healthy" });
    writeFileSync(join(full, "filler"), Buffer.alloc(1_048_576 - 8_192));
    expect(await check("disk", { path: full })).toMatchObject({ status: "unhealthy", category: "full" });
  });

  it("counts no file system as full that counts nothing", async () => {
    expect(await check("disk", { path: "/proc" })).toMatchObject({ status: "healthy" });
  });
});

/** A disk of 1 MiB in memory, where this user may make one. */
function mounted(path: string): boolean {
  try {
    mkdirSync(path);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "prunella-test", path], { stdio: "ignore" });
    closing.push(() => execFileSync("umount", [path], { stdio: "ignore" }));
    return true;
  } catch {
    return false;
  }
}
