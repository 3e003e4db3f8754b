import { describe, expect, it } from "vitest";
import { FixEnvelope, type FixHands } from "@prunella/contract";
import { startFlyDouble } from "./double-fixture.ts";
import { restartUnhealthyMachine } from "./fix.ts";

/**
 * What the publisher's description says of what is used here: superfly/docs, machines-api/openapi.json, the
 * Machines API 1.0. Three operations with the answers that it lists, and the fields of a machine that are texts.
 */
const OPERATIONS: Readonly<Record<string, readonly number[]>> = {
  "GET /v1/apps/{app_name}/machines": [200],
  "GET /v1/apps/{app_name}/machines/{machine_id}": [200],
  "POST /v1/apps/{app_name}/machines/{machine_id}/restart": [200, 400],
};
const TEXTS = ["created_at", "id", "instance_id", "name", "private_ip", "region", "state", "updated_at", "version"];
const OTHERS = ["checks", "config", "cordoned", "events", "host_features", "host_status", "image_ref", "lease"];

const operationOf = (method: string, url: string): string =>
  `${method} ${new URL(url).pathname
    .replace(/^\/v1\/apps\/[^/]+/, "/v1/apps/{app_name}")
    .replace(/\/machines\/[^/]+/, "/machines/{machine_id}")}`;

describe("Fly's published description of its Machines API", () => {
  it("has each operation that the fix calls, and the double answers them as it says", async () => {
    const token = ["fo1", "made-up-for-this-test"].join("_");
    const fly = await startFlyDouble(token);
    fly.put("shop", "m1", "stopped");
    const called: [operation: string, status: number, body: string][] = [];
    const hands: Pick<FixHands, "http"> = {
      async http({ url, method }) {
        const response = await fetch(url, { method, headers: { authorization: `Bearer ${token}` } });
        const body = await response.text();
        called.push([operationOf(method, url), response.status, body]);
        return { ok: true, status: response.status, body };
      },
    };
    const none = async () => ({ ok: false, category: "none", detail: "" }) as const;
    const all: FixHands = { ...hands, spawn: none, signal: none, pause: async () => undefined, isSet: () => true };
    const [action] = FixEnvelope.parse({
      probe: "fly",
      actions: [{ do: "restart_unhealthy_machine", targets: ["machine:shop/*"] }],
    }).actions;
    if (!action) throw new Error("there is no action");
    const told = { action, baseUrl: fly.base, credential: null };
    const { signal } = new AbortController();
    await restartUnhealthyMachine.look("machine:shop/m1", told, all, signal);
    await restartUnhealthyMachine.act("machine:shop/m1", told, all, signal);
    fly.whileRestarting(async () => false);
    await restartUnhealthyMachine.act("machine:shop/m1", told, all, signal);
    await all.http({ url: `${fly.base}/v1/apps/shop/machines`, method: "GET" }, signal);
    await fly.close();

    expect(called.map(([operation, status]) => `${status} ${operation}`)).toEqual([
      "200 GET /v1/apps/{app_name}/machines/{machine_id}",
      "200 POST /v1/apps/{app_name}/machines/{machine_id}/restart",
      "400 POST /v1/apps/{app_name}/machines/{machine_id}/restart",
      "200 GET /v1/apps/{app_name}/machines",
    ]);
    for (const [operation, status] of called) expect(OPERATIONS[operation]).toContain(status);
    const machine: Readonly<Record<string, unknown>> = JSON.parse(called[0]?.[2] ?? "");
    for (const [field, value] of Object.entries(machine)) {
      expect([...TEXTS, ...OTHERS]).toContain(field);
      if (TEXTS.includes(field)) expect(value).toBeTypeOf("string");
    }
    const failed: Readonly<Record<string, unknown>> = JSON.parse(called[2]?.[2] ?? "");
    expect(Object.keys(failed)).toEqual(["error"]);
  });
});
