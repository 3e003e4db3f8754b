import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openDouble } from "../packages/client/src/client-fixture.ts";
import {
  installClient,
  newUser,
  onTerminal,
  program,
  reportsOf,
  runnable,
  terminals,
  until,
} from "./client-program.ts";
import { needs } from "./needs.ts";

installClient();

/** Programs that do to the client what real ones do, and what none should. */
const HOSTS: Readonly<Record<string, string>> = {
  throws: "setTimeout(function fail() { throw new TypeError('x'); });",
  "exits in its own listener":
    "process.on('uncaughtException', () => process.exit(9)); setTimeout(function fail() { throw new TypeError('x'); });",
  "throws in its own listener":
    "process.on('uncaughtException', () => { throw new RangeError('y'); }); setTimeout(function fail() { throw new TypeError('x'); });",
  "takes exceptions by callback":
    "process.setUncaughtExceptionCaptureCallback(() => {}); setTimeout(function fail() { throw new TypeError('x'); });",
  "survives, and exits long after":
    "process.on('uncaughtException', () => { const { now } = Performance.prototype; performance.now = () => now.call(performance) + 11_000; setTimeout(function leave() { process.exit(5); }); }); setTimeout(function fail() { throw new TypeError('x'); });",
  rejects: "setTimeout(async function fail() { throw new TypeError('x'); });",
  "takes rejections itself":
    "process.on('unhandledRejection', () => {}); setTimeout(async function fail() { throw new TypeError('x'); });",
  "waits for nothing": "await new Promise(() => {});",
  "exits with a text": "(function leave() { process.exit('4'); })();",
  "throws an error that fights back":
    "class Odd extends Error { get name() { throw new Error('no name'); } } setTimeout(function fail() { const odd = new Odd(); throw odd; });",
  "throws an error of another realm":
    "const vm = await import('node:vm'); vm.runInNewContext('function far() { throw new TypeError(1) } far()');",
  "gives stacks another form": "Error.prepareStackTrace = (_, sites) => sites; process.exit(6);",
  "waits for one limit twice": "for (const _ of [1, 2]) client?.rateLimited('the api');",
  "waits for one limit three times": "for (const _ of [1, 2, 3]) client?.rateLimited('the api');",
  "waits for one limit three times, and gets on in between":
    "for (const _ of [1, 2, 3]) { client?.rateLimited('the api'); client?.succeeded('the api'); }",
  "is refused by one gate twice": "for (const _ of [1, 2]) client?.gateFailed('tests');",
  "is refused by one gate three times": "for (const _ of [1, 2, 3]) client?.gateFailed('tests');",
  "tries again four times": "for (const _ of [1, 2, 3, 4]) client?.retried('upload');",
  "tries again five times": "for (const _ of [1, 2, 3, 4, 5]) client?.retried('upload');",
  "talks nonsense":
    "const odd = Object.create(null); for (const call of ['capture', 'retried', 'rateLimited', 'gateFailed', 'succeeded', 'enterPhase', 'providerFailed']) for (const each of [odd, Symbol('x'), undefined, null, () => {}, 1n, new Proxy({}, { get() { throw new Error('no'); } })]) client[call](each, each); console.log('well');",
};
/** What is captured of it: class, functions, exit code. */
const CAPTURED: Readonly<Record<string, readonly (readonly [string, readonly string[], number | null])[]>> = {
  throws: [["TypeError", ["fail"], 1]],
  "exits in its own listener": [["TypeError", ["fail"], null]],
  "throws in its own listener": [["TypeError", ["fail"], null]],
  "takes exceptions by callback": [["TypeError", ["fail"], null]],
  "survives, and exits long after": [
    ["ExitCode:5", ["leave"], 5],
    ["TypeError", ["fail"], null],
  ],
  rejects: [["TypeError", ["fail"], 1]],
  "takes rejections itself": [],
  "waits for nothing": [["ExitCode:13", [], 13]],
  "exits with a text": [["ExitCode:4", ["leave"], 4]],
  "throws an error that fights back": [["UnknownError", [], 1]],
  "throws an error of another realm": [["TypeError", ["far"], 1]],
  "waits for one limit twice": [],
  "waits for one limit three times": [["Friction:rate_limit_loop", [], null]],
  "waits for one limit three times, and gets on in between": [],
  "is refused by one gate twice": [],
  "is refused by one gate three times": [["Friction:gate_failure", [], null]],
  "tries again four times": [],
  "tries again five times": [["Friction:retry_loop", [], null]],
  "gives stacks another form": [["ExitCode:6", [], 6]],
};

/** Writes down every connection, every name that is looked up and every process that is started. */
const WATCH = `const { appendFileSync } = require("node:fs");
const note = (what) => appendFileSync(process.env.WATCHED, what + "\\n");
const watch = (holder, name, what) => { const real = holder[name]; holder[name] = function (...given) { note(what); return real.apply(this, given); }; };
watch(require("node:net").Socket.prototype, "connect", "socket");
watch(require("node:dgram").Socket.prototype, "send", "socket");
for (const name of ["lookup", "resolve"]) watch(require("node:dns"), name, "name");
watch(require("node:child_process"), "spawn", "process");
`;

const file = (name: string): string => `${name.replaceAll(/\W+/g, "-")}.mjs`;

function writeHost(name: string, body: string): string {
  const code = `import { install } from "@prunella/client";
const client = process.env.WITHOUT === "1" ? null : install({ app: "orders", version: "1.4.0", endpoint: process.env.ENDPOINT, mode: process.env.MODE, airGap: process.env.GAP === "1" || undefined });
${body}
`;
  writeFileSync(join(program, file(name)), code);
  return file(name);
}

/** Runs it under watch; what it reached out for is the answer's `reached`. */
async function watched(node: string, args: string, env: Record<string, string>) {
  const log = join(env["HOME"] ?? "", "watched");
  writeFileSync(log, "");
  writeFileSync(join(program, "watch.cjs"), WATCH);
  const ran = await onTerminal(`${node} -r ./watch.cjs`, args, { ...env, WATCHED: log });
  return { ...ran, reached: readFileSync(log, "utf8").split("\n").filter(Boolean) };
}

describe.skipIf(!needs("script (util-linux)", terminals !== undefined)).each(runnable)(
  "on Node $version, a program that",
  ({ path: node }) => {
    it.each(Object.keys(CAPTURED))("%s is captured as what it is, and runs as without the client", async (name) => {
      const host = writeHost(name, HOSTS[name] ?? "");
      const env = newUser();
      const without = await onTerminal(node, host, { ...env, WITHOUT: "1" });
      const ran = await watched(node, host, env);
      expect({ output: ran.output, code: ran.code }).toEqual(without);
      const captured = reportsOf(env)
        .map((text) => JSON.parse(text))
        .map(({ error_class: is, stack_signature: functions, exit_code: code }) => [
          is,
          functions.map((each: string) => each.replace(/^(?:Timeout|Object)\.(?:_onTimeout \[as )?/, "")),
          code,
        ]);
      expect(captured.toSorted()).toEqual(CAPTURED[name]);
      expect(ran.reached).toEqual([]);
    });

    it("talks nonsense gets no exception back", async () => {
      const host = writeHost("nonsense", HOSTS["talks nonsense"] ?? "");
      expect((await onTerminal(node, host, newUser())).output).toContain("well");
    });

    it("fails where its working folder is gone is captured all the same", async () => {
      const host = writeHost(
        "homeless",
        "const fs = await import('node:fs'); fs.mkdirSync('gone'); process.chdir('gone'); fs.rmdirSync('../gone'); setTimeout(function fail() { throw new TypeError('x'); });",
      );
      const env = newUser();
      await onTerminal(node, host, env);
      expect(reportsOf(env)).toHaveLength(1);
    });

    describe("names a server", () => {
      const FLUSH =
        "const from = performance.now(); await client.flush(); console.log('flushed', Math.round(performance.now() - from)); process.exit(3);";
      const informed = async (url: string) => {
        const env: Record<string, string> = { ...newUser(), ENDPOINT: url };
        const first = await onTerminal(node, writeHost("throws", HOSTS["throws"] ?? ""), env);
        expect(first.output).toContain("All that is sent:");
        return env;
      };

      it("opens no connection itself: a process of its own sends, and none is waited for", async () => {
        await using double = await openDouble(() => "hang");
        const env = await informed(double.url);
        const { output, code, reached } = await watched(node, writeHost("flush", FLUSH), env);
        expect(code).toBe(3);
        expect(new Set(reached)).toEqual(new Set(["process"]));
        // 100 ms and what a busy machine adds; the server never answers, and its patience is 10 s.
        expect(Number(/flushed (\d+)/.exec(output)?.[1])).toBeLessThan(2000);
        await until(() => double.bodies.length > 0);
      });

      it("sends nothing in the run in which it was shown, even when that was before the crash", async () => {
        await using double = await openDouble();
        const env = { ...newUser(), ENDPOINT: double.url };
        const host = writeHost(
          "disclose",
          "client.disclose(); await client.flush(); setTimeout(function fail() { throw new TypeError('x'); });",
        );
        const first = await watched(node, host, env);
        expect(first.output).toContain("All that is sent:");
        expect(first.reached).toEqual([]);
        const second = await watched(node, host, env);
        expect(second.output).not.toContain("All that is sent:");
        await until(() => double.bodies.length === 2);
      });

      it.each([
        { DO_NOT_TRACK: "1" },
        { PRUNELLA_TELEMETRY: "off" },
        { PRUNELLA_TELEMETRY: "0" },
        { PRUNELLA_AIR_GAP: "1" },
        { CI: "1" },
        { GAP: "1" },
        { MODE: "ask" },
        { settings: '{"telemetry":"off"}' },
        { settings: '{"programs_off":["orders"]}' },
        { settings: "garbage" },
      ])("reaches out for nothing with %o", async ({ settings, ...off }: Record<string, string>) => {
        await using double = await openDouble();
        const env = await informed(double.url);
        if (settings !== undefined) {
          mkdirSync(join(env["XDG_CONFIG_HOME"] ?? "", "prunella"), { recursive: true });
          writeFileSync(join(env["XDG_CONFIG_HOME"] ?? "", "prunella/telemetry.json"), settings);
        }
        for (const body of [HOSTS["throws"] ?? "", FLUSH, HOSTS["exits with a text"] ?? ""])
          expect((await watched(node, writeHost("off", body), { ...env, ...off })).reached).toEqual([]);
        expect(double.connections()).toBe(0);
        expect(existsSync(join(env["XDG_STATE_HOME"] ?? "", "prunella/programs/orders/sending.lock"))).toBe(false);
      });
    });
  },
);
