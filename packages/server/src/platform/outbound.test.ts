import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { post, send as sendTo } from "./outbound.ts";

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer(handle);
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    }),
  );
}

const send = (url: string, signal = new AbortController().signal) =>
  post(url, { type: "text/plain", body: Buffer.from("hello"), signal });

describe("what the server sends by itself", () => {
  it.each(["127.0.0.1", "localhost"])("arrives whole at %s, and its answer comes back", async (host) => {
    const port = await serve((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () =>
        response.writeHead(201).end(`${request.method} ${request.headers["content-type"]} ${body}`),
      );
    });
    expect(await send(`http://${host}:${port}/hook`)).toEqual({
      status: 201,
      retryAfterMs: null,
      headers: expect.objectContaining({ connection: "close" }),
      body: Buffer.from("POST text/plain hello"),
    });
  });

  it.each([
    "http://example.org/",
    "http://10.0.0.1/",
    "http://169.254.169.254/latest",
    "https://169.254.169.254/latest",
    "https://0.0.0.0/",
    "https://127.0.0.1.nip.invalid/",
    "https://[fe80::1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://224.0.0.1/",
  ])("is not sent to %s", async (url) => {
    await expect(send(url)).rejects.toThrow(/not reached|only this machine|ENOTFOUND|EAI_AGAIN|no address/);
  });

  it("follows no redirect", async () => {
    const port = await serve((_request, response) => response.writeHead(307, { location: "/elsewhere" }).end());
    expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 307 });
  });

  it("takes no more of an answer than it has use for", async () => {
    const port = await serve((_request, response) => {
      response.writeHead(200);
      for (let at = 0; at < 200; at += 1) response.write("x".repeat(1_000));
    });
    await expect(send(`http://127.0.0.1:${port}/`)).rejects.toThrow("more than 65536 bytes");
  });

  it("is given up when the server closes", async () => {
    const port = await serve(() => undefined);
    const aborting = new AbortController();
    const sent = send(`http://127.0.0.1:${port}/`, aborting.signal);
    aborting.abort();
    await expect(sent).rejects.toThrow(/abort/i);
  });
});

describe("what others choose the address of", () => {
  const ask = (url: string, ...addresses: string[]) =>
    sendTo(url, {
      method: "GET",
      headers: {},
      body: Buffer.alloc(0),
      signal: AbortSignal.timeout(2_000),
      reach: "outward",
      resolve: (_name, _options, callback) =>
        callback(
          null,
          addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
        ),
    });

  it.each([
    "127.0.0.1",
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "198.18.0.1",
    "224.0.0.1",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::a00:1",
    "2002:0a00:0001::",
  ])("is not reached when its name leads to %s", async (address) => {
    await expect(ask("https://rebound.example/", address)).rejects.toThrow("leads to no address that is reached");
  });

  it("is connected to by the address that was checked, and by no other of the name", async () => {
    const port = await serve((_request, response) => response.end("here"));
    const answer = await ask(`http://localhost:${port}/`, "10.0.0.1", "0.0.0.0", "127.0.0.1");
    expect(answer.body.toString()).toBe("here");
  });

  it.each([
    "https://169.254.169.254/",
    "https://0.0.0.0/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::]/",
    "https://2852039166/",
  ])("is not reached at %s, whoever writes it", async (url) => {
    await expect(ask(url)).rejects.toThrow(/not reached|leads to no address/);
  });
});
