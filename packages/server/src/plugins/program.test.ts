import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Kernel } from "@prunella/kernel";
import { scrubJson, scrubText } from "@prunella/scrub";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel } from "../../../../test/kernel-fixture.ts";
import { needs } from "../../../../test/needs.ts";
import { systemClock } from "../platform/clock.ts";
import { probeBubblewrap } from "../platform/sandbox/bubblewrap.ts";
import { runProgram } from "../platform/sandbox/program.ts";
import { createBroker } from "./broker/broker.ts";
import type { Invoke } from "./invocation.ts";
import { createInvoker } from "./invoke.ts";
import { triedSandbox } from "./invoke-fixture.ts";
import { createPluginManager } from "./manager/manager.ts";
import type { Programs } from "./program.ts";

const BY = { kind: "person", id: "operator" } as const;
const canRun = needs("bubblewrap", (await probeBubblewrap(AbortSignal.timeout(10_000))) === null);
const hook = (name: string, command: string, more: object = {}): object => ({
  name,
  entrypoint: { type: "command", command },
  failure_policy: "fail_open",
  ...more,
});
const MANIFEST = {
  schema_version: "0.6",
  name: "shell",
  version: "0.1.0",
  source: { type: "local_path", path: "shell" },
  commands: ["say", "sleep", "fail"].map((name) => ({
    namespace: "shell",
    name,
    summary: name,
    usage: name,
    risk: "read_only",
    timeout_seconds: 1,
  })),
  capabilities: [],
  permissions: [
    { scope: "text:read", risk: "read_only", required: true },
    { scope: "text:watch", risk: "read_only", required: false },
  ],
  entrypoint: { type: "command", command: "sh main.sh" },
  hooks: [
    hook("before_invocation", "sh -c 'sleep 0.3; echo before'"),
    hook("before_invocation", "false"),
    hook("after_invocation", "sh -c 'echo after'"),
    hook("after_tool_call", "printenv OUROBOROS_PLUGIN_TOOL_CALL_PAYLOAD"),
    hook("on_error", "sh -c 'echo an error'"),
    hook("on_cancel", "sh -c 'echo a cancel'"),
    hook("after_invocation", "sh -c 'echo never'", { permissions: ["text:watch"] }),
    hook("on_rewind", "sh -c 'echo never'"),
  ],
};
const MAIN =
  'command=$1; shift\ncase $command in say) echo "$@";; sleep) sleep 20;; fail) echo no >&2; exit 4;; esac\n';

const [sqlite] = ENGINES;

describe("a program that a plugin is", () => {
  let store: Awaited<ReturnType<NonNullable<typeof sqlite>["open"]>>;
  let kernel: Kernel;
  let root = "";
  beforeAll(async () => {
    if (!sqlite) throw new Error("no engine");
    root = mkdtempSync(join(tmpdir(), "prunella-programs-"));
    store = await sqlite.open();
    kernel = await openKernel(store.engine, systemClock);
  });
  afterAll(async () => {
    await kernel.close();
    await store[Symbol.asyncDispose]();
    rmSync(root, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const { id } of await kernel.plugins.list("default")) await kernel.plugins.remove(id, BY);
  });

  /** Installed and trusted with what it requires. */
  async function open(given: Partial<Programs> = {}, manifest: object = {}) {
    const folder = join(root, "source");
    rmSync(folder, { recursive: true, force: true });
    for (const [path, text] of [
      ["ouroboros.plugin.json", JSON.stringify({ ...MANIFEST, ...manifest })],
      ["main.sh", MAIN],
    ] as const) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
      chmodSync(join(folder, path), 0o644);
    }
    const shortfall = given.shortfall ?? probeBubblewrap;
    const manager = createPluginManager({ kernel, dataFolder: root, ours: null, shortfall });
    const added = await manager.add({ kind: "path", path: folder }, undefined, "default", BY);
    const wanted = [{ scope: "program:text:read", resources: ["*"] }];
    await kernel.plugins.grant({ projectId: "default", name: "shell", wanted, reason: null, expiresAt: null }, BY);
    const invoker = createInvoker({
      kernel,
      settings: () => ({}),
      broker: createBroker({ authorize: kernel.plugins.authorize, methods: new Map(), scrubText, scrubJson }),
      sandbox: triedSandbox("deno"),
      bundles: join(root, "plugins/bundles"),
      work: join(root, "work"),
      scrubText,
      scrubJson,
      now: () => Date.now(),
      programs: {
        isWhole: (digest) => manager.store.check(digest) === "whole",
        treeOf: manager.store.treeOf,
        run: runProgram,
        shortfall,
        ...given,
      },
    });
    return {
      added,
      verify: () => manager.verify(),
      run: (command: string, argv: readonly string[] = [], more: Partial<Invoke> = {}) =>
        invoker.invoke({
          projectId: "default",
          plugin: "shell",
          command,
          args: { argv: [...argv] },
          by: BY,
          via: "cli",
          ...more,
        }),
      types: async (): Promise<string[]> => {
        const { steps } = await kernel.plugins.steps(0, 500);
        return steps.filter(({ name }) => name === "shell").map(({ entry }) => entry.type);
      },
    };
  }

  it("says at its install why it will not run, and is refused with that cause and what mends it", async () => {
    // A double: of a machine on which the layer does not start there is none here.
    const { added, run, types, verify } = await open({
      shortfall: () => Promise.resolve({ reason: "user namespaces are for root alone", mend: "Allow them." }),
      run: () => Promise.reject(new Error("it was started without the layer")),
    });
    expect(added.notice).toBe("shell will not run on this machine: user namespaces are for root alone. Allow them.");
    expect(await verify()).toMatchObject([{ state: "whole", notice: added.notice }]);
    expect(await run("say")).toMatchObject({
      status: "blocked",
      detail: "Nothing holds a program here: user namespaces are for root alone.",
      mend: "Allow them.",
    });
    expect(await types()).toEqual(["plugin_failed"]);
  });

  it.runIf(canRun)("asks its hooks in their order, and runs one that lacks a permission never", async () => {
    const { run } = await open();
    const said = await run("say", ["a  b", "$HOME"]);
    expect(said).toMatchObject({ status: "success", output: "a  b $HOME", engine: "bubblewrap" });
    const log = said.status === "success" ? said.log : [];
    expect(log[0]).toBe("before_invocation: before");
    expect(log[1]).toBe("before_invocation: said no, with code 1");
    expect(log[2]).toMatch(/^after_tool_call: \{"tool":"shell\.say",.*"status":"success","exit_code":0,/);
    expect(log.slice(3)).toEqual([
      "after_invocation: after",
      "after_invocation: lacks program:text:watch, which nobody granted",
    ]);
  });

  it.runIf(canRun)("tells its hooks what went wrong: an error, its time, a cancel", async () => {
    const { run } = await open();
    const failed = await run("fail");
    expect(failed).toMatchObject({
      status: "failed",
      reason: "failed",
      detail: "It ended with code 4; its last words: no",
    });
    expect(failed.status === "failed" && failed.log).toContain("on_error: an error");
    expect(await run("sleep")).toMatchObject({ reason: "timeout", detail: "It took longer than its 1 s." });
    const person = new AbortController();
    const ended = run("sleep", [], { signal: person.signal });
    const state = async () => (await kernel.plugins.history("default", "shell", 1))[0]?.state;
    for (let waited = 0; waited < 500 && (await state()) !== "running"; waited += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    person.abort(new Error("a person stopped it"));
    expect(await ended).toMatchObject({
      status: "failed",
      reason: "cancelled",
      log: expect.arrayContaining(["on_cancel: a cancel"]),
    });
  });

  it.runIf(canRun)("does not begin when it was disabled while its hooks were asked", async () => {
    const { run, types } = await open();
    const before = (await types()).length;
    const waiting = run("say", ["x"]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await kernel.plugins.switch("shell", false, "Stop.", "default", BY);
    expect(await waiting).toMatchObject({ status: "blocked", refusal: "plugin_disabled" });
    expect((await types()).slice(before)).toEqual(["plugin_failed"]);
    await kernel.plugins.switch("shell", true, "Go on.", "default", BY);
  });

  it.runIf(canRun)("is started with words alone: no zero byte, and no more than a thousand", async () => {
    const { run } = await open();
    for (const argv of [["a\0b"], Array.from({ length: 1_001 }, () => "x")])
      await expect(run("say", argv)).rejects.toThrow(/at most 1,000 words without zero bytes/);
  });
});
