import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel, testClock } from "../../../../test/kernel-fixture.ts";

const deploy = (environment: string) => ({
  environment,
  name: null,
  url: null,
  date_started: null,
  date_finished: "2026-11-21T12:00:00Z",
});
const shop = { projectId: "default", version: "shop@1" };

describe.each(ENGINES)("releases on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("stand after a restart with what was announced of them", async () => {
    await using store = await open();
    {
      await using kernel = await openKernel(store.engine);
      await kernel.releases.add(shop);
      await kernel.releases.finalize({ ...shop, dateReleased: "2026-11-21T12:00:00Z" });
      await kernel.releases.deploy({ ...shop, deploy: deploy("prod") });
      await kernel.releases.add(shop);
    }
    await using kernel = await openKernel(store.engine);
    expect(await kernel.releases.list()).toEqual([
      {
        project_id: "default",
        version: "shop@1",
        created_at: expect.any(Number),
        date_released: "2026-11-21T12:00:00Z",
        deploys: [deploy("prod")],
      },
    ]);
    await kernel.releases.remove(shop);
    expect(await kernel.releases.list("shop@1")).toEqual([]);
  });

  test("begin with a deploy or a date as well, and only in a project that there is", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    await kernel.releases.deploy({ ...shop, deploy: deploy("prod") });
    await kernel.releases.finalize({ ...shop, version: "shop@2", dateReleased: "today" });
    expect((await kernel.releases.list()).map(({ version }) => version).toSorted()).toEqual(["shop@1", "shop@2"]);
    await expect(kernel.releases.add({ ...shop, projectId: "none" })).rejects.toMatchObject({
      code: "PRUNELLA_NOT_FOUND",
    });
    await expect(kernel.releases.add({ ...shop, version: " " })).rejects.toMatchObject({
      code: "PRUNELLA_REQUEST_INVALID",
    });
  });

  test("are kept scrubbed, and found by what they were called", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const version = ["shop@ghp", "aB3".repeat(12)].join("_");
    await kernel.releases.deploy({ ...shop, version, deploy: deploy(version.slice(5)) });
    const [kept] = await kernel.releases.list(version);
    expect(JSON.stringify(kept)).not.toContain("aB3aB3");
    expect(kept?.deploys).toHaveLength(1);
  });

  test("are a thousand a project and twenty deploys a release; the oldest go", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    for (const version of ["first", "second", "third"]) {
      await kernel.releases.add({ ...shop, version });
      clock.advance(1);
    }
    await Promise.all(Array.from({ length: 998 }, (_, at) => kernel.releases.add({ ...shop, version: `v${at}` })));
    const versions = (await kernel.releases.list()).map(({ version }) => version);
    expect([versions.length, ...versions.slice(-2)]).toEqual([1_000, "third", "second"]);
    for (let at = 0; at < 22; at += 1)
      await kernel.releases.deploy({ ...shop, version: "v9", deploy: deploy(`e${at}`) });
    const [{ deploys } = { deploys: [] }] = await kernel.releases.list("v9");
    expect([deploys.length, deploys.at(-1)?.environment]).toEqual([20, "e21"]);
  });
});
