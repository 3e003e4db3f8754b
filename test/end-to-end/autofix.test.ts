import { AutofixResult } from "@prunella/contract";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFlyDouble } from "../../plugins/probe-fly/src/double-fixture.ts";
import { openServer } from "./server-fixture.ts";

const TOKEN = ["fo1", "made-up-for-this-test"].join("_");
const KEY = "a".repeat(43);

/** A server whose envelope reaches two apps of a provider on loopback. */
async function begin() {
  const fly = await startFlyDouble(TOKEN);
  fly.put("first-app", "other", "started");
  fly.put("second-app", "m1", "stopped");
  const variable = "PRUNELLA_TEST_FLY_TOKEN";
  process.env[variable] = TOKEN;
  const server = await openServer({
    envelopes: [
      {
        probe: "fly",
        begins_at: "auto",
        base_url: fly.base,
        token: `env:${variable}`,
        actions: [
          {
            do: "restart_unhealthy_machine",
            targets: ["machine:first-app/*", "machine:second-app/*"],
            timeout: "2s",
          },
        ],
      },
    ],
    callers: [
      {
        name: "bot",
        key: KEY,
        tools: ["autofix"],
        actions: ["restart_unhealthy_machine"],
        targets: ["machine:second-app/*"],
      },
    ],
  });
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) =>
    server.api(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
  return {
    server,
    fly,
    variable,
    post,
    async ask(given: object = {}) {
      const asked = { probe: "fly", action: "restart_machine", target: "m1", reason: "stopped for 15 min", ...given };
      return AutofixResult.parse(await (await post("/autofix", asked)).json());
    },
    turn: (on: boolean) => post("/envelopes/fly/switch", { on }),
    mutations: () => fly.mutations.splice(0),
    async [Symbol.asyncDispose]() {
      delete process.env[variable];
      await server[Symbol.asyncDispose]();
      await fly.close();
    },
  };
}

describe("a fix at a provider, over the operator API", () => {
  let all: Awaited<ReturnType<typeof begin>>;
  beforeAll(async () => void (all = await begin()));
  afterAll(() => all[Symbol.asyncDispose]());

  it("is off until somebody turns its switch, then restarts the machine of whichever app has it", async () => {
    expect(await all.ask()).toMatchObject({ rejection_reason: "envelope_disabled" });
    expect((await all.turn(true)).status).toBe(200);
    expect(await all.ask()).toMatchObject({
      status: "attempted",
      action_taken: "restart_machine",
      action_canonical: "restart_unhealthy_machine",
      before_state: { id: "m1", name: "machine-m1", state: "stopped", region: "iad", instance_id: "01HZ1" },
      after_state: { id: "m1", name: "machine-m1", state: "started", region: "iad", instance_id: "01HZ2" },
    });
    expect(all.mutations()).toEqual(["second-app/m1"]);
    expect(await all.ask()).toMatchObject({ rejection_reason: "target_already_healthy" });
    expect(await all.ask({ target: "m7" })).toMatchObject({ rejection_reason: "target_not_found" });
    const page = await (await all.server.api("/timeline")).json();
    expect(JSON.stringify(page)).toContain('"fly_app":"second-app"');
    // Neither the token nor the caller's key is in what the server keeps.
    for (const file of ["prunella.db", "prunella.db-wal", "autofix.env"])
      for (const secret of [TOKEN, KEY])
        expect(readFileSync(join(all.server.folder, file)).includes(secret)).toBe(false);
  });

  it("leaves alone what is on its way or gone, each with a reason of its own, and what it has no token for", async () => {
    for (const state of ["starting", "replacing", "destroyed"]) {
      all.fly.put("second-app", "m1", state);
      expect(await all.ask()).toMatchObject({ rejection_reason: `target_is_${state}` });
    }
    all.fly.put("second-app", "m1", "stopped");
    process.env[all.variable] = "";
    expect(await all.ask()).toMatchObject({ rejection_reason: "fly_token_unset" });
    process.env[all.variable] = TOKEN;
    expect(all.mutations()).toEqual([]);
  });

  it("says that it failed when the machine is not well within its time", async () => {
    all.fly.becomes("failed");
    expect(await all.ask()).toMatchObject({ status: "execution_failed", after_state: { state: "failed" } });
    expect(all.mutations()).toEqual(["second-app/m1"]);
    all.fly.becomes("started");
  });

  it("takes a line in autofix.env at the next call", async () => {
    const file = join(all.server.folder, "autofix.env");
    writeFileSync(file, "PRUNELLA_AUTOFIX_FLY_ENABLED=0\n");
    expect(await all.ask()).toMatchObject({ rejection_reason: "envelope_disabled" });
    writeFileSync(file, "PRUNELLA_AUTOFIX_FLY_ENABLED=On \n");
    expect(await all.ask({ target: "m7" })).toMatchObject({ rejection_reason: "target_not_found" });
    expect(all.mutations()).toEqual([]);
  });

  it("is done for a caller of the table with its key, and for no other key", async () => {
    const asked = { probe: "fly", action: "restart_machine", target: "m1", reason: "it flaps" };
    const call = (key: string, given: object = {}) =>
      all.post("/callers/autofix", { ...asked, ...given }, { authorization: `Bearer ${key}` });
    expect((await call("b".repeat(43))).status).toBe(401);
    expect(await (await call(KEY, { target: "other" })).json()).toMatchObject({ rejection_reason: "not_granted" });
    expect(await (await call(KEY)).json()).toMatchObject({ status: "attempted" });
    const { attempts } = await all.server.server.kernel.attempts.list({ limit: 1 });
    expect(attempts).toMatchObject([{ subject: { kind: "grant", id: "caller-bot" } }]);
  });
});
