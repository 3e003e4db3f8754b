import { Config } from "@prunella/contract";
import { SYSTEM } from "@prunella/kernel";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openServer, type ServerFixture } from "../../../test/end-to-end/server-fixture.ts";
import { prepareWatches } from "./watches.ts";

describe("probes and heartbeats of the configuration", () => {
  let fixture: ServerFixture;
  beforeAll(async () => {
    fixture = await openServer();
  });
  afterAll(() => fixture[Symbol.asyncDispose]());

  const put = async (given: object) => (await prepareWatches(fixture.server.kernel, Config.parse(given), "/nowhere"))();
  const probe = { name: "disk", kind: "disk", settings: { path: "/" } };

  test("a project that is not there is refused with the nearest, and nothing of the file is taken over", async () => {
    await put({ probes: [probe] });
    const wrong = {
      probes: [{ ...probe, name: "two" }],
      heartbeats: [{ name: "job", every: "1h", project: "defualt" }],
    };
    await expect(put(wrong)).rejects.toThrow(
      "heartbeats.0 (job).project: there is no project defualt; did you mean default.",
    );
    await expect(put({ probes: [{ ...probe, project: "elsewhere" }] })).rejects.toThrow("known projects are default");
    expect(await fixture.server.kernel.probes.list()).toMatchObject([{ name: "disk" }]);
  });

  test("a project that a program of the same file names is one", async () => {
    const shop = { name: "web", project: "shop", command: ["true"] };
    await fixture.server.kernel.projects.add({ id: "shop", by: SYSTEM });
    await expect(put({ supervise: [shop], probes: [{ ...probe, project: "shop" }] })).resolves.toBeUndefined();
  });

  test("a heartbeat that is wrong leaves the probes as they were", async () => {
    await put({ probes: [probe] });
    const job = { name: "job", every: "1h", key: "file:none" };
    await expect(put({ probes: [{ ...probe, name: "two" }], heartbeats: [job] })).rejects.toMatchObject({
      code: "PRUNELLA_CONFIG_INVALID",
    });
    expect(await fixture.server.kernel.probes.list()).toMatchObject([{ name: "disk" }]);
  });
});
