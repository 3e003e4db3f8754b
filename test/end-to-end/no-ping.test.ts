import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

const bin = join(import.meta.dirname, "../../packages/cli/bin/prunella.js");
const folder = mkdtempSync(join(tmpdir(), "prunella-no-ping-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes down where each connection leads and each name that is looked up, in every Node process below this one. */
writeFileSync(
  join(folder, "watch.cjs"),
  `const { appendFileSync } = require("node:fs");
const note = (what) => appendFileSync(process.env.WATCHED, what + "\\n");
const watch = (holder, name, say) => { const real = holder[name]; holder[name] = function (...given) { note(say(given)); return real.apply(this, given); }; };
const to = ([first]) => { const options = Array.isArray(first) ? first[0] : first; return "to " + String(options?.host ?? options?.path ?? options); };
watch(require("node:net").Socket.prototype, "connect", to);
watch(require("node:dgram").Socket.prototype, "send", () => "datagram");
for (const dns of [require("node:dns"), require("node:dns").promises]) for (const name of ["lookup", "resolve", "resolve4", "resolveTxt"]) watch(dns, name, ([host]) => "name " + host);
`,
);

let runs = 0;
function start(args: readonly string[]) {
  const log = join(folder, `watched-${runs++}`);
  writeFileSync(log, "");
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: "/usr/bin:/bin",
      HOME: folder,
      WATCHED: log,
      NODE_OPTIONS: `--require ${join(folder, "watch.cjs")}`,
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return { child, ended, output: () => output, reached: () => readFileSync(log, "utf8").split("\n").filter(Boolean) };
}

it("the control: the watch sees a command that does reach out", async () => {
  writeFileSync(join(folder, "token"), "a".repeat(43), { mode: 0o600 });
  const command = start(["faults", "--url", "http://127.0.0.1:45999", "--token-file", join(folder, "token")]);
  await command.ended;
  expect(command.reached()).toEqual(["to 127.0.0.1"]);
});

it.each([
  [["--version"]],
  [["--help"]],
  [["telemetry", "status"]],
  [["telemetry", "on", "--endpoint", "https://crashes.example.org"]],
  [["crash", "capture", "--app=shop", "--exit-code=3", "--terminal"]],
  [["crash", "list"]],
  [["hook", "bash"]],
  [["explode"]],
])("prunella %j reaches out for nothing", async (args) => {
  const command = start(args);
  await command.ended;
  expect(command.reached()).toEqual([]);
  expect(command.output()).not.toMatch(/\bupdate\b/i);
});

it("a server counts nobody, announces itself to nobody and looks for no update: from its start to its end nothing but loopback", async () => {
  const server = start(["up", "--port", "0", "--no-demo", "--json", "--data", "data"]);
  let url = "";
  for (let tries = 0; tries < 400 && url === ""; tries++) {
    url = /"url":"([^"]+)"/.exec(server.output())?.[1] ?? "";
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect((await fetch(`${url}/v1/crash`, { method: "POST", body: "{}" })).status).toBe(202);
  const listed = start(["faults", "--project", "anonymous", "--data", "data"]);
  await listed.ended;
  expect(new Set(listed.reached())).toEqual(new Set(["to 127.0.0.1"]));
  server.child.kill("SIGTERM");
  await server.ended;
  expect(server.reached().filter((each) => !each.endsWith(" 127.0.0.1"))).toEqual([]);
});
