import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Message, NotifyConfig } from "@prunella/contract";
import { SMTPServer } from "smtp-server";
import { afterAll, describe, expect, it } from "vitest";
import { openChannels } from "./channels.ts";

const folder = mkdtempSync(join(tmpdir(), "prunella-notify-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const message = Message.parse({
  v: 1,
  id: "escalation_opened.0190",
  kind: "escalation_opened",
  project: "default",
  level: "fatal",
  fault: null,
  thread: "escalation.0190",
  revision: 1,
  state: "open",
  title: "shop needs a decision: budget exhausted",
  sections: [{ title: "What failed", lines: ['shop: TypeError: Cannot read "x"'] }],
  question: {
    text: "Restart shop once more?",
    choices: [{ name: "restart_once", label: "Restart once", promise: "" }],
    default: "leave_stopped",
    at: Date.UTC(2026, 10, 22, 8),
  },
  links: [{ title: "Decide", url: "/escalations/0190" }],
});

const SECRET = ["a", "shared", "secret", "of", "a", "test"].join("-");

function open(channels: readonly unknown[], environment: Record<string, string> = {}) {
  return openChannels(NotifyConfig.parse({ channels }), {
    environment: { ...process.env, ...environment },
    read: (path) => readFileSync(join(folder, path), "utf8"),
    folder,
    url: () => "https://prunella.example/",
    now: () => Date.UTC(2026, 10, 21, 8),
  });
}

interface Got {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly path: string;
}

/** A real receiver on loopback. */
async function receiver(answer: (response: ServerResponse, times: number) => void) {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString(), path: request.url ?? "" });
      answer(response, got.length);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    got,
    url: `http://127.0.0.1:${port}/hook`,
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

describe("a webhook", () => {
  it("gets the message as JSON, signed over id, time and body, with whole links", async () => {
    await using there = await receiver((response) => response.writeHead(204).end());
    const channels = open([{ name: "hook", kind: "webhook", url: there.url, secret: { env: "HOOK_SECRET" } }], {
      HOOK_SECRET: SECRET,
    });
    expect(await channels.send("hook", message)).toEqual({ kind: "sent" });
    const [only] = there.got;
    const headers: Got["headers"] = only?.headers ?? {};
    const body = only?.body ?? "";
    expect(Message.parse(JSON.parse(body))).toMatchObject({
      id: message.id,
      links: [{ title: "Decide", url: "https://prunella.example/escalations/0190" }],
    });
    // As a receiver of the other side computes it.
    const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
    expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", SECRET).update(signed).digest("base64")}`);
    expect(headers["webhook-timestamp"]).toBe("1795248000");
    expect(channels.secrets).toEqual([SECRET]);
  });

  it("is filled into the form of another receiver, and what is filled in changes nothing of the form", async () => {
    await using there = await receiver((response) => response.end("{}"));
    const template = { chat_id: "-100", text: "{{state}}: {{title}} {{url}} {{nothing}}", silent: false };
    const channels = open([{ name: "hook", kind: "webhook", url: there.url, template }]);
    await channels.send("hook", { ...message, title: 'a","chat_id":"-200 {{url}}' });
    expect(JSON.parse(there.got[0]?.body ?? "")).toEqual({
      chat_id: "-100",
      text: 'open: a","chat_id":"-200 {{url}} https://prunella.example/escalations/0190 {{nothing}}',
      silent: false,
    });
  });

  it.each([
    [503, {}, { kind: "later", error: "it answers with status 503", afterMs: null }],
    [429, { "retry-after": "120" }, { kind: "later", error: "it answers with status 429", afterMs: 120_000 }],
    [410, {}, { kind: "refused", error: "it answers with status 410" }],
    [302, { location: "http://127.0.0.1:1/" }, { kind: "refused", error: "it redirects elsewhere (status 302)" }],
  ] as const)("that answers with status %i is told so", async (status, headers, expected) => {
    await using there = await receiver((response) => response.writeHead(status, headers).end());
    const channels = open([{ name: "hook", kind: "webhook", url: there.url }]);
    expect(await channels.send("hook", message)).toEqual(expected);
    expect(there.got).toHaveLength(1);
  });

  it("that is down, or cuts the connection, is tried again", async () => {
    const tcp = createTcp((socket) => socket.destroy());
    tcp.listen(0, "127.0.0.1");
    await once(tcp, "listening");
    const address = tcp.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const channels = open([{ name: "hook", kind: "webhook", url: `http://127.0.0.1:${port}/` }]);
    expect(await channels.send("hook", message)).toMatchObject({ kind: "later", error: "the connection was cut" });
    tcp.close();
    await once(tcp, "close");
    expect(await channels.send("hook", message)).toMatchObject({ kind: "later", error: "nobody listens there" });
  });

  it("is no neighbour and no cloud's metadata", async () => {
    for (const url of ["https://169.254.169.254/latest", "https://[fe80::1]/", "https://0.0.0.0/"]) {
      const channels = open([{ name: "hook", kind: "webhook", url }]);
      expect(await channels.send("hook", message)).toMatchObject({ error: "its address is one that is not reached" });
    }
  });
});

describe("a chat", () => {
  it("gets one text with the question and a link", async () => {
    await using there = await receiver((response) => response.end("ok"));
    const channels = open([{ name: "chat", kind: "slack", url: there.url }]);
    expect(await channels.send("chat", message)).toEqual({ kind: "sent" });
    const sent: { text: string } = JSON.parse(there.got[0]?.body ?? "");
    expect(sent.text).toContain("Restart shop once more?");
    expect(sent.text).toContain("<https://prunella.example/escalations/0190|Decide>");
  });
});

describe("mail", () => {
  it("arrives at a real server, in a thread, as text and as HTML", async () => {
    const mails: string[] = [];
    const signedIn: string[] = [];
    const server = new SMTPServer({
      authOptional: false,
      allowInsecureAuth: true,
      disabledCommands: ["STARTTLS"],
      onAuth({ username, password }, _session, callback) {
        signedIn.push(`${username ?? ""} ${password === SECRET ? "right" : "wrong"}`);
        callback(password === SECRET ? null : new Error("no"), { user: username });
      },
      onData(stream, _session, callback) {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          mails.push(Buffer.concat(chunks).toString());
          callback();
        });
      },
    });
    server.on("error", () => undefined);
    const listening = server.listen(0, "127.0.0.1");
    await once(listening, "listening");
    const address = listening.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    writeFileSync(join(folder, "password.txt"), `${SECRET}\n`);
    const mail = (password: unknown) => ({
      name: "mail",
      kind: "email",
      host: "127.0.0.1",
      port,
      tls: "none",
      user: "prunella",
      password,
      from: "prunella@example.org",
      to: ["on-call@example.org", "boss@example.org"],
    });
    const hostile = { ...message, title: "a\r\nBcc: victim@example.org" };
    expect(await open([mail({ file: "password.txt" })]).send("mail", hostile)).toEqual({ kind: "sent" });
    const [head = ""] = mails[0]?.split("\r\n\r\n") ?? [];
    expect(head).toMatch(/^Message-ID: <escalation-opened\.0190@example\.org>$/m);
    expect(head).toMatch(/^References: <thread\.escalation\.0190@example\.org>$/m);
    expect(head).toMatch(/^Subject: a Bcc: victim@/m);
    expect(head).not.toMatch(/^Bcc:/m);
    expect(mails[0]).toContain("text/plain");
    expect(mails[0]).toContain("text/html");
    writeFileSync(join(folder, "wrong.txt"), "another password");
    expect(await open([mail({ file: "wrong.txt" })]).send("mail", message)).toMatchObject({
      kind: "refused",
      error: "the mail server refuses it with status 535",
    });
    expect(signedIn).toEqual(["prunella right", "prunella wrong"]);
    await new Promise<void>((resolve) => server.close(resolve));
    expect(await open([mail({ file: "password.txt" })]).send("mail", message)).toMatchObject({ kind: "later" });
  });

  it("is not sent in the clear to another machine", () => {
    const given = {
      name: "mail",
      kind: "email",
      host: "mail.example.org",
      tls: "none",
      from: "a@b.org",
      to: ["a@b.org"],
    };
    expect(() => open([given])).toThrow("only this machine is spoken with in the clear");
  });
});

describe("a command", () => {
  const command = (script: string) => ({ name: "tell", kind: "command", command: [process.execPath, "-e", script] });

  it("gets the message as JSON on its input, and no secret of ours in its environment", async () => {
    const out = join(folder, "told.json");
    const script = `const fs = require("node:fs"); fs.writeFileSync(${JSON.stringify(out)}, JSON.stringify({ env: Object.keys(process.env), message: JSON.parse(fs.readFileSync(0, "utf8")) }))`;
    expect(await open([command(script)], { HOOK_SECRET: SECRET }).send("tell", message)).toEqual({ kind: "sent" });
    const told: { env: string[]; message: unknown } = JSON.parse(readFileSync(out, "utf8"));
    expect(told.message).toMatchObject({ id: message.id });
    expect(told.env).not.toContain("HOOK_SECRET");
  });

  it("that fails or is not there is tried again", async () => {
    expect(await open([command("process.exit(3)")]).send("tell", message)).toMatchObject({
      error: "it ended with code 3",
    });
    const missing = { name: "tell", kind: "command", command: ["/no/such/program"] };
    expect(await open([missing]).send("tell", message)).toMatchObject({
      kind: "later",
      error: "there is no such program",
    });
  });
});

describe("the configuration of channels", () => {
  it("is told at once where a secret is missing or stands in the clear", () => {
    const slack = (url: unknown) => [{ name: "chat", kind: "slack", url }];
    expect(() => open(slack({ env: "NO_SUCH_NAME" }))).toThrow("there is no NO_SUCH_NAME in the environment");
    expect(() => open(slack({ file: "no-such-file" }))).toThrow("no-such-file cannot be read");
    expect(() => open(slack("https://hooks.example.org/services/T000"))).toThrow();
    expect(() => open([{ name: "hook", kind: "webhook", url: "http://example.org/" }])).toThrow();
    expect(() =>
      open([{ name: "hook", kind: "webhook", url: "https://example.org/", secret: { env: "SHORT" } }], {
        SHORT: "abc",
      }),
    ).toThrow("fewer than 16");
    expect(() => NotifyConfig.parse({ rules: [{ channels: ["pager"] }] })).toThrow("there is no channel pager");
  });

  it("reaches nobody at an address that nobody configured", async () => {
    expect(await open([]).send("chat", message)).toEqual({
      kind: "refused",
      error: "there is no such channel any more",
    });
  });
});
