import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OPERATIONS } from "@prunella/contract/operations";
import { list, BIN, prunella, startPrunella, text, type Started } from "../../packages/cli/src/cli-fixture.ts";
import { needs } from "../needs.ts";

/** What others wrote on its way to an operator's terminal, and what `up` says where nobody sits at one. */
const root = mkdtempSync(join(tmpdir(), "prunella-terminals-"));
const data = join(root, "data");
const hasPython = needs("python3", spawnSync("python3", ["-c", "import pty"]).status === 0);
let up: Started;
let url = "";
let dsn = "";
beforeAll(async () => {
  up = startPrunella(["up", "--port", "0", "--no-demo", "--data", data], { cwd: root });
  dsn = (await up.until(/DSN +(\S+)/))[1] ?? "";
  url = new URL(dsn).origin;
});
afterAll(async () => {
  up.signal("SIGTERM");
  await up.ended;
  rmSync(root, { recursive: true, force: true });
});

const point = (code: number): string => String.fromCodePoint(code);
const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => point(from + at));
/** Each obeyed by some terminal, or seen by nobody. */
const HOSTILE = [
  ...range(0x01, 0x08),
  "\u000b\u000c\u000e",
  ...range(0x10, 0x1f),
  ...range(0x7f, 0x9f),
  ...[0x00ad, 0x034f, 0x061c, 0x115f, 0x1160, 0x17b4, 0x180e, 0x200b, 0x200e, 0x200f, 0x3164, 0xfeff, 0xffa0].map(
    point,
  ),
  ...range(0x2028, 0x202e),
  ...range(0x2060, 0x2064),
  ...range(0x2066, 0x206f),
  ...range(0xfe00, 0xfe0d),
  ...range(0xfff9, 0xfffb),
  ...range(0xe0020, 0xe007f),
  ...range(0xe0100, 0xe01ef),
];
const STEERING = `\u001b]0;owned\u0007\u001b[2J\u009b31m${HOSTILE.join("a")}\u001b]8;;http://evil.example\u001b\\click\u001b]8;;\u001b\\`;
/** Line breaks are the command's own. */
const OBEYED = new RegExp(`[${HOSTILE.map((each) => `\\u{${each.codePointAt(0)?.toString(16)}}`).join("")}\\r]`, "u");

async function token(): Promise<string> {
  const { readServerFile } = await import("../../packages/cli/src/address.ts");
  return readServerFile(data)?.token ?? "";
}

async function fill(): Promise<void> {
  const { username, pathname } = new URL(dsn);
  const event = {
    message: `boom ${STEERING}`,
    level: "fatal",
    release: `r${STEERING}`,
    environment: `e${STEERING}`,
    server_name: `s${STEERING}`,
    transaction: `t${STEERING}`,
    fingerprint: [`f${STEERING}`],
    tags: { [`k${STEERING}`]: `v${STEERING}`, "prunella.target": "program:shop" },
    extra: { [`x${STEERING}`]: STEERING },
    exception: {
      values: [
        {
          type: `Error${STEERING}`,
          value: STEERING,
          stacktrace: {
            frames: [
              {
                function: `f${STEERING}`,
                filename: `a${STEERING}.js`,
                lineno: 1,
                in_app: true,
                context_line: STEERING,
              },
            ],
          },
        },
      ],
    },
  };
  const sent = await fetch(`${url}/api${pathname}/store/?sentry_key=${username}`, {
    method: "POST",
    body: JSON.stringify(event),
  });
  expect(sent.status).toBe(200);
  const headers = { authorization: `Bearer ${await token()}` };
  const call = (path: string, body: object) =>
    fetch(`${url}/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  expect((await call("/projects", { id: "p", title: `P${STEERING}`.slice(0, 60) })).status).toBe(201);
  const policy = { budget: { max: 0, window_ms: 1_000 } };
  const run = text(await (await call("/supervised", { name: "shop", pid: null, policy })).json(), "run_id");
  const crash = await call(`/supervised/${run}/crash`, {
    event_id: "c".repeat(32),
    at: Date.now(),
    exit_code: 3,
    signal: null,
    stderr_tail: `Error: ${STEERING}\n    at f${STEERING} (/app/a.js:1:1)\n`,
    uptime_ms: 1,
    platform: `l${STEERING}`.slice(0, 32),
  });
  expect(crash.status).toBe(204);
}

const cli = (...args: string[]) => prunella([...args, "--data", data]);

describe("what others wrote", () => {
  it(
    "reaches the terminal without anything that a terminal obeys, or nobody sees, by every command",
    { timeout: 90_000 },
    async () => {
      await fill();
      const faults: unknown = JSON.parse((await cli("faults", "--status", "all", "--json")).stdout || "[]");
      const ids = list(faults, "faults").map((fault) => text(fault, "id"));
      expect(ids.length).toBeGreaterThan(1);
      const commands = [
        ["faults", "--status", "all"],
        ...ids.slice(0, 2).flatMap((id) => [
          ["fault", id],
          ["explain", id],
          ["why", id],
        ]),
        ["attempts"],
        ["escalations"],
        ["triggers"],
        ["rules", "list"],
        ["projects", "list"],
        ["sourcemaps", "list"],
        ["ledger", "show"],
        ["ledger", "verify"],
        ["fault", `nothing${STEERING.replaceAll("\0", "")}`],
      ];
      const asJson = ["faults", "fault", "explain", "projects"];
      const forms = commands.flatMap((words) =>
        asJson.includes(words[0] ?? "") ? [words, [...words, "--json"]] : [words],
      );
      const next = async (): Promise<void> => {
        for (let words = forms.pop(); words !== undefined; words = forms.pop()) {
          const { stdout, stderr } = await cli(...words);
          expect([
            words[0],
            OBEYED.exec(stdout + stderr)?.[0]
              ?.codePointAt(0)
              ?.toString(16),
          ]).toEqual([words[0], undefined]);
          expect(stdout + stderr).not.toBe("");
        }
      };
      await Promise.all([next(), next()]);
      await up.until(/new fault/);
      expect(OBEYED.exec(up.out().stdout + up.out().stderr)).toBeNull();
    },
  );

  it("comes from a server that is not ours just as little", async () => {
    const server = createServer((_request, response) => {
      const error = { code: "PRUNELLA_NOT_FOUND", message: `no ${STEERING}`, hint: `try ${STEERING}` };
      response.writeHead(404, { "content-type": "application/json" }).end(JSON.stringify({ error }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const file = join(root, "token");
    writeFileSync(file, "x".repeat(43), { mode: 0o600 });
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { stderr } = await prunella(["faults", "--url", `http://127.0.0.1:${port}`, "--token-file", file]);
    server.close();
    expect(stderr).toContain("owned");
    expect(OBEYED.exec(stderr)).toBeNull();
  });
});

describe.skipIf(!hasPython)("a log that somebody puts through scrub at a terminal", () => {
  it("steers it no more than what a server keeps, and keeps its secrets to itself", async () => {
    const log = join(root, "crash.log");
    const secret = ["hunter", "2hunter"].join("");
    writeFileSync(log, `first\tline\n${STEERING} password=${secret} last\n`);
    const script = 'import pty, sys; pty.spawn(["sh", "-c", sys.argv[1]])';
    const command = `'${process.execPath}' '${BIN}' scrub < '${log}'`;
    const { stdout } = spawnSync("python3", ["-c", script, command], {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
      input: "",
    });
    expect(stdout).toContain("last");
    expect(stdout).not.toContain(secret);
    // The terminal itself makes CR LF of each line.
    expect(OBEYED.exec(stdout.replaceAll("\r\n", "\n"))).toBeNull();
  });
});

describe("up, where its output is kept", () => {
  it("prints no link that signs in, and no token", async () => {
    const { stdout, stderr } = up.out();
    expect(stdout).toContain("Prunella is up.");
    expect(stdout + stderr).not.toContain("code=");
    expect(stdout + stderr).not.toContain(await token());
    expect(statSync(join(data, "server.json")).mode & 0o777).toBe(0o600);
  });
});

describe("a supervisor's words", () => {
  const asking = async (path: string, body: object) =>
    (
      await fetch(`${url}/v1${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${await token()}` },
        body: JSON.stringify(body),
      })
    ).status;

  it.each([-1, 0, 1.5, "1", -32_768])("name no group of processes: pid %j", async (pid) => {
    expect(await asking("/supervised", { name: "other", pid })).toBe(400);
    expect(await asking("/attempts/x/outcome", { state: "succeeded", fence: 1, pid })).toBe(400);
  });

  it.each(["SIG\u001b[2J", "\u001b[31mSIGSEGV", "SIGSEGV\n", "SIGSEGV\u202e", "sigsegv", ""])(
    "name no signal that is none: %j",
    async (signal) => {
      const body = { event_id: "d".repeat(32), at: 1, exit_code: null, stderr_tail: "", uptime_ms: 1, platform: null };
      expect(await asking("/supervised/x/crash", { ...body, signal })).toBe(400);
      expect(OPERATIONS.report_crash.body.safeParse({ ...body, signal: "SIGSEGV" }).success).toBe(true);
    },
  );
});
