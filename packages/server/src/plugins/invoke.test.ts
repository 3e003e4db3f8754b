import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BROKER_METHODS } from "@prunella/contract/plugins";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { needs } from "../../../../test/needs.ts";
import { denoBinary } from "../platform/sandbox/binaries.ts";
import { probeBubblewrap } from "../platform/sandbox/bubblewrap.ts";
import { openInvoker } from "./invoke-fixture.ts";

const hasDeno = needs("deno", denoBinary() !== null);
const hasLayer = needs("bubblewrap", (await probeBubblewrap(AbortSignal.timeout(10_000))) === null);

const [sqlite] = ENGINES;

describe.runIf(hasDeno)("a command of a plugin", () => {
  let all: Awaited<ReturnType<typeof openInvoker>>;
  beforeAll(async () => {
    if (sqlite === undefined) throw new Error("there is no store");
    all = await openInvoker(sqlite, hasLayer ? "deno+bwrap" : "deno");
  });
  afterAll(() => all[Symbol.asyncDispose]());
  const attempt = async (method: string, params: object) => {
    const ran = await all.run("try", { name: JSON.stringify({ method, params }) });
    return ran.status === "success" ? ran.output : ran;
  };

  it("is refused before anybody granted it anything, and nothing of it runs", async () => {
    expect(await all.run("hi")).toMatchObject({
      status: "blocked",
      refusal: "not_granted",
      mend: "prunella plugin trust all-sorts --required",
    });
    expect(all.invoker.size()).toBe(0);
    await all.trust();
  });

  it("answers, and the next one finds the same process", async () => {
    expect(await all.run("hi", { name: "Bo" })).toMatchObject({
      status: "success",
      output: { text: "hi Bo" },
      engine: expect.stringContaining("deno"),
    });
    expect(await all.run("count")).toMatchObject({ output: { runs: 1 } });
    const both = await Promise.all([all.run("count"), all.run("count")]);
    expect(both.map((one) => (one.status === "success" ? one.output : one))).toEqual([{ runs: 2 }, { runs: 3 }]);
    expect(all.invoker.size()).toBe(1);
  });

  it("is told what it was given wrong, with the place and what was expected", async () => {
    await expect(all.run("hi", { name: 1, more: 2 })).rejects.toThrow(
      "name: expected text; more: expected nothing: there is no such field",
    );
    await expect(all.run("hello")).rejects.toThrow("no command hello");
  });

  it("is given what an operator set, with its defaults, and does not begin with what its manifest does not know", async () => {
    expect(await all.run("set")).toMatchObject({ status: "success", output: { greeting: "hello" } });
    all.set({ greeting: "ahoy", names: ["Ada"] });
    expect(await all.run("set")).toMatchObject({ output: { greeting: "ahoy", names: ["Ada"] } });
    for (const [given, said] of [
      [{ greeting: "hullo" }, "plugins.settings.all-sorts.greeting: expected one of hello, ahoy"],
      [{ greting: "ahoy" }, "plugins.settings.all-sorts.greting: expected nothing"],
    ] as const) {
      all.set(given);
      expect(await all.run("set")).toMatchObject({ status: "blocked", detail: expect.stringContaining(said) });
    }
    all.set({});
  });

  it("keeps what it was granted to keep, scrubbed, and shows what it said", async () => {
    const token = "ghp_" + "aB3".repeat(12);
    const ran = await all.run("keep", { name: `Ada ${token}` });
    expect(JSON.stringify(ran)).not.toContain(token);
    expect(ran).toMatchObject({
      status: "success",
      output: { keys: ["name"] },
      log: [expect.stringContaining("keeping Ada [REDACTED")],
    });
  });

  it("is refused each thing by its own reason, and told what would allow it", async () => {
    expect(await attempt("fs.write", { root: "workspace", path: "x", body: "" })).toMatchObject({
      code: -32001,
      data: { reason: "not_declared", mend: null },
    });
    expect(await attempt("faults.list", {})).toMatchObject({ code: -32001, data: { reason: "not_declared" } });
    expect(await attempt("seed.read", {})).toMatchObject({
      code: -32001,
      data: { reason: "unknown_capability_subject" },
    });
    expect(await attempt("state.put", { key: "secret", value: 1 })).toMatchObject({
      code: -32001,
      message: "Its hook before_tool_call said no: not that.",
      data: { reason: "hook" },
    });
    expect(await attempt("constructor", {})).toMatchObject({ code: -32601 });
    expect(await attempt("state.put", { key: "" })).toMatchObject({ code: -32602 });
    expect(await attempt("fs.read", { root: "workspace", path: "../bundles" })).toMatchObject({
      code: -32000,
      message: expect.stringContaining("does not lie below"),
    });
  });

  it("asks its hook of each of the calls that it makes at once, and of none that the hook makes", async () => {
    const put = (key: string) => ({ method: "state.put", params: { key, value: 1 } });
    const ran = await all.run("at-once", { name: JSON.stringify([put("secret"), put("open"), put("secret")]) });
    expect(ran).toMatchObject({ output: [{ data: { reason: "hook" } }, { got: {} }, { data: { reason: "hook" } }] });
    expect(await attempt("state.get", { key: "secret" })).toEqual({ got: { value: null } });
  });

  it("leaves who had it done, by which artifact, held by what, what it used and whom it reached, and what came of it", async () => {
    const plugin = await all.kernel.plugins.find("all-sorts");
    await all.run("fetch", { name: `http://localhost:${all.port}/open/a` });
    await all.run("fetch", { name: `http://localhost:${all.port}/shut/a` });
    const [refused, done] = await all.kernel.plugins.history("default", "all-sorts", 2);
    const of = {
      by: { kind: "person", id: "operator" },
      digest: plugin.digest,
      command: "fetch",
      engine: expect.stringMatching(/^(?:deno|node)/),
    };
    expect(done).toMatchObject({
      ...of,
      state: "completed",
      // Beside what its hooks look up.
      calls: expect.arrayContaining([
        { scope: "net:read", allowed: 1, refused: 0, systems: [`localhost:${all.port}`] },
      ]),
    });
    expect(refused).toMatchObject({
      ...of,
      state: "failed",
      calls: expect.arrayContaining([{ scope: "net:read", allowed: 0, refused: 1, systems: [] }]),
    });
    const [begun] = await all.kernel.ledger.find({ limit: 1, before: (done?.audit_log_id ?? -1) + 1 });
    expect(JSON.parse(begun?.entry ?? "null")).toMatchObject({
      type: "plugin_invoked",
      plugin: plugin.plugin_id,
      artifact_sha256: plugin.digest.slice("sha256:".length),
      command: "fetch",
      engine: done?.engine,
      by: of.by,
    });
  });

  it("fetches where that was granted, without anything of the host, and every redirect is asked anew", async () => {
    const at = `http://localhost:${all.port}`;
    expect(await all.run("fetch", { name: `${at}/open/a` })).toMatchObject({
      output: { status: 200, text: "answer of /open/a" },
    });
    expect(Object.keys(all.asked.at(-1)?.headers ?? {}).toSorted()).toEqual([
      "connection",
      "content-length",
      "host",
      "user-agent",
    ]);
    expect(await all.run("fetch", { name: `${at}/open/moved` })).toMatchObject({
      output: { text: "answer of /open/there" },
    });
    for (const path of ["/shut/a", "/open/../shut/a", "/open/%2e%2e/shut", "/open/away"])
      expect(await all.run("fetch", { name: at + path })).toMatchObject({
        status: "failed",
        detail: expect.stringMatching(/declares net:read of GET localhost/),
      });
    expect(all.asked.filter(({ url }) => url?.includes("shut"))).toEqual([]);
    expect(await all.run("fetch", { name: `http://127.0.0.1:${all.port}/open/a` })).toMatchObject({ status: "failed" });
  });

  it("reads files below its root, and runs its template over them", async () => {
    expect(await attempt("fs.read", { root: "workspace", path: "a.txt" })).toEqual({
      got: { body: Buffer.from("text").toString("base64") },
    });
    expect(await attempt("fs.list", { root: "workspace" })).toMatchObject({
      got: { entries: [{ name: "a.txt", type: "file" }] },
    });
    if (!hasLayer) return;
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@example.org", ...args], { cwd: all.workspace });
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "first");
    const template = ["git", "log", "--oneline", "-n", "{n:int}"];
    expect(await attempt("process.exec", { template, args: { n: 1 } })).toMatchObject({
      got: { code: 0, stdout: expect.stringContaining("first") },
    });
    expect(await attempt("process.exec", { template, args: { n: "--output=x" } })).toMatchObject({ code: -32602 });
    expect(await attempt("process.exec", { template: ["git", "push"] })).toMatchObject({ code: -32001 });
  });

  it("that throws has failed, with its words scrubbed, and its process goes on", async () => {
    expect(await all.run("fail")).toMatchObject({
      status: "failed",
      reason: "failed",
      detail: expect.stringMatching(/^no such name: \[REDACTED/),
    });
    expect(await attempt("state.get", { key: "on_error" })).toEqual({ got: { value: true } });
    expect(await all.run("hi")).toMatchObject({ status: "success" });
  });

  it.each([
    ["slow", "timeout", /longer than its 0.4 s/],
    ["spin", "timeout", /longer than its 0.6 s/],
    ["exit", "failed", /its process ended \(code 3\)/],
    ["garbage", "failed", /no JSON/],
    ["answers", "failed", /answered what nobody asked/],
  ])("that does %s ends as %s, and the next one is well", async (name, reason, detail) => {
    expect(await all.run(name)).toMatchObject({ status: "failed", reason, detail: expect.stringMatching(detail) });
    expect(await all.run("hi")).toMatchObject({ status: "success" });
  });

  it("is stopped by its hook before it is invoked", async () => {
    expect(await all.run("wrong")).toMatchObject({
      status: "blocked",
      detail: "Its hook before_invocation said no: not today.",
    });
  });

  it("is cancelled by whoever asked for it", async () => {
    const stop = new AbortController();
    const running = all.run("spin", {}, { signal: stop.signal });
    setTimeout(() => stop.abort(), 150);
    expect(await running).toMatchObject({
      status: expect.stringMatching(/failed|blocked/),
      detail: expect.stringContaining("cancelled"),
    });
    // Its hook takes a second and a half: whoever goes meanwhile is not told that the hook failed.
    expect(await all.run("ponder", {}, { signal: AbortSignal.timeout(700) })).toMatchObject({
      status: "blocked",
      detail: "It was cancelled before it began.",
    });
    expect(await all.run("hi", {}, { signal: AbortSignal.abort() })).toMatchObject({
      status: "blocked",
      detail: "It was cancelled before it began.",
    });
  });

  it("shows how far it is, by its newest word, however many it says", async () => {
    await all.run("progress");
    const [last] = await all.kernel.plugins.history("default", "all-sorts", 1);
    expect(last).toMatchObject({ state: "completed", progress: "499 of 499" });
    expect(last?.calls.find(({ scope }) => scope === "capability:progress:write")?.allowed).toBeLessThan(10);
  });

  it("that may destroy asks once, shows what it was given scrubbed, and shares its process with nobody", async () => {
    const token = "ghp_" + "aB3".repeat(12);
    const asked = await all.run("tidy", { name: token });
    expect(asked).toMatchObject({ status: "needs_confirmation", risk: "destructive" });
    expect(JSON.stringify(asked)).not.toContain(token);
    for (const _round of [1, 2])
      expect(await all.run("tidy", {}, { isConfirmed: true })).toMatchObject({ output: { runs: 1 } });
  });

  it("waits for a person where nobody said yes, and begins or ends by what they say", async () => {
    const token = "ghp_" + "aB3".repeat(12);
    const bo = { kind: "person", id: "bo" } as const;
    const parked = async (decision: string) => {
      const { promise: asked, resolve } = Promise.withResolvers<string>();
      const running = all.run("tidy", { name: token }, { onParked: (_invocation, escalation) => resolve(escalation) });
      const escalation = await asked;
      const [question] = (await all.kernel.escalations.list("open")).escalations;
      expect(question).toMatchObject({ id: escalation, args: { command: "tidy" } });
      expect(JSON.stringify(question)).not.toContain(token);
      await all.kernel.escalations.decide(escalation, decision, bo);
      return running;
    };
    expect(await parked("allow_once")).toMatchObject({ status: "success", output: { runs: 1 } });
    expect(await parked("refuse")).toMatchObject({
      status: "blocked",
      detail: "A person was asked, and said no.",
    });
  });

  it("hears of events in batches", async () => {
    await all.run("event:kernel.plugin_error", { events: [{}, {}, {}] }, { via: "event" });
    expect(await attempt("state.get", { key: "events" })).toEqual({ got: { value: 3 } });
  });

  it("runs in a new process when what it was granted has changed", async () => {
    const before = await all.run("count");
    await all.kernel.plugins.revoke("default", "all-sorts", ["capability:seed:read"], {
      kind: "person",
      id: "operator",
    });
    expect(before).toMatchObject({ output: { runs: expect.any(Number) } });
    expect(await all.run("count")).toMatchObject({ status: "blocked" });
    await all.trust();
    expect(await attempt("state.get", { key: "events" })).toEqual({ got: { value: 3 } });
  });

  it("is kept from starting by one byte, and says so; disabled beats trusted", async () => {
    const start = () => all.run("tidy", {}, { isConfirmed: true });
    const bytes = readFileSync(all.bundle, "utf8");
    writeFileSync(all.bundle, `${bytes} `);
    expect(await start()).toMatchObject({
      status: "blocked",
      refusal: "artifact_changed",
      mend: "prunella plugin verify all-sorts",
    });
    writeFileSync(all.bundle, bytes);
    expect(await start()).toMatchObject({ status: "success" });
    await all.kernel.plugins.switch("all-sorts", false, "for now", "default", { kind: "person", id: "operator" });
    expect(await all.run("hi")).toMatchObject({ status: "blocked", refusal: "plugin_disabled" });
    await all.kernel.plugins.switch("all-sorts", true, "again", "default", { kind: "person", id: "operator" });
  });

  it("that was disabled, or lost what it was granted, while its hook was asked does not begin", async () => {
    const operator = { kind: "person", id: "operator" } as const;
    const meanwhile = async (change: () => Promise<unknown>) => {
      const running = all.run("ponder");
      await expect
        .poll(async () => (await all.kernel.plugins.history("default", "all-sorts", 1))[0]?.state)
        .toBe("admitted");
      await change();
      const ran = await running;
      const [last] = await all.kernel.plugins.history("default", "all-sorts", 1);
      expect(last).toMatchObject({ state: "blocked", audit_log_id: null });
      return ran;
    };
    const off = () => all.kernel.plugins.switch("all-sorts", false, "for now", "default", operator);
    expect(await meanwhile(off)).toMatchObject({ status: "blocked", refusal: "plugin_disabled" });
    await all.kernel.plugins.switch("all-sorts", true, "again", "default", operator);
    const revoke = () => all.kernel.plugins.revoke("default", "all-sorts", ["capability:state:write"], operator);
    expect(await meanwhile(revoke)).toMatchObject({ status: "blocked", refusal: "not_granted" });
    await all.trust();
  });

  it("that calls all that there is without a grant for it changes no row but those of its own runs", async () => {
    await all.kernel.plugins.revoke("default", "all-sorts", null, { kind: "person", id: "operator" });
    await all.trust();
    await all.kernel.plugins.state.put({ projectId: "default", pluginId: "another", quota: 1_000 }, "name", '"theirs"');
    const before = await all.rows();
    const hostile = [
      ...Object.keys(BROKER_METHODS).filter((method) => !/^(?:state|progress|net|fs|seed|process)\./.test(method)),
      "forge.issue.write",
      "github.branch.delete",
      "__proto__",
      "state.__proto__",
      "kernel.stop",
    ];
    for (const method of hostile)
      for (const params of [
        {},
        {
          project: "other",
          repo: "a/b",
          fault: "x",
          note: "y",
          sha256: "0".repeat(64),
          of: "a",
          from: [],
          to: "b",
          what: 1,
          tool: "t",
          template: ["sh"],
        },
      ])
        expect(await attempt(method, params), method).toMatchObject({
          code: expect.toSatisfy((code: number) => [-32001, -32601, -32602].includes(code)),
        });
    for (const key of ["../another/name", "another/name", "%", "__proto__"])
      await attempt("state.put", { key, value: "mine" });
    const after = await all.rows();
    expect(Object.keys(after).filter((table) => table !== "node" && after[table] !== before[table])).toEqual([
      "ledger",
      "ledger_head",
      "plugin_invocation",
      "plugin_state",
      "plugin_use",
    ]);
    expect(await all.kernel.plugins.state.export("another")).toEqual([
      { project: "default", name: "name", value: '"theirs"' },
    ]);
  });

  it("leaves no process and no file when the host ends", async () => {
    await all.invoker.close();
    expect(all.invoker.size()).toBe(0);
    const work = join(all.folder, "work");
    const left = existsSync(work) ? readdirSync(work, { recursive: true }).map(String) : [];
    expect(left.filter((path) => path.includes("run-"))).toEqual([]);
  });
});
