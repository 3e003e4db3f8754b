import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { OPERATOR } from "../actors.ts";
import type { Engine } from "../store/engine.ts";

const by = OPERATOR;
const HOUR_MS = 3_600_000;

async function entriesOf(engine: Engine): Promise<string[]> {
  const rows = await engine.reader.selectFrom("ledger").select("entry").orderBy("idx").execute();
  return rows.flatMap(({ entry }) => {
    const { type, change = "" }: { type: string; change?: string } = JSON.parse(entry);
    return type.startsWith("project_") ? [`${type} ${change}`.trim()] : [];
  });
}

describe.each(ENGINES)("projects on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("a rotated key is taken until its overlap is over, and no key outlives a shorter one", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const first = await kernel.projects.get("default");
    const second = await kernel.projects.rotateKey({ project: "default", overlapMs: 24 * HOUR_MS, by });
    expect(second.public_key).not.toBe(first.public_key);
    expect(second.keys.map(({ public_key, ends_at }) => [public_key, ends_at])).toEqual([
      [first.public_key, clock.now() + 24 * HOUR_MS],
    ]);
    clock.advance(HOUR_MS);
    const third = await kernel.projects.rotateKey({ project: "default", overlapMs: 48 * HOUR_MS, by });
    expect(new Map(third.keys.map(({ public_key, ends_at }) => [public_key, ends_at]))).toEqual(
      new Map([
        [first.public_key, clock.now() + 23 * HOUR_MS],
        [second.public_key, clock.now() + 48 * HOUR_MS],
      ]),
    );
    clock.advance(23 * HOUR_MS);
    expect((await kernel.projects.get("default")).keys.map((key) => key.public_key)).toEqual([second.public_key]);
    const fourth = await kernel.projects.rotateKey({ project: "default", overlapMs: 0, by });
    expect(fourth.keys).toEqual([]);
    expect(await entriesOf(store.engine)).toEqual([
      "project_added",
      ...["ending", "added"].map((change) => `project_key_changed ${change}`),
      ...["ending", "ending", "added"].map((change) => `project_key_changed ${change}`),
      ...["revoked", "revoked", "added"].map((change) => `project_key_changed ${change}`),
    ]);
  });

  test("further keys are revoked one by one, by their beginning, and the one that is handed out never", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const { public_key: current } = await kernel.projects.get("default");
    const added = await kernel.projects.addKey({ project: "default", by });
    expect(added.public_key).toBe(current);
    const [further] = added.keys;
    const revoke = (key: string) => kernel.projects.revokeKey({ project: "default", key, by });
    await expect(revoke(current)).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
    await expect(revoke("zzzz")).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
    expect((await revoke(further?.public_key.slice(0, 12) ?? "")).keys).toEqual([]);
    for (let n = 0; n < 20; n += 1) await kernel.projects.addKey({ project: "default", by });
    await expect(kernel.projects.addKey({ project: "default", by })).rejects.toMatchObject({
      code: "PRUNELLA_CONFLICT",
    });
  });

  test("a title is scrubbed, and the ledger says that it changed without saying to what", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const secret = ["ghp", "_", "a1B2c3D4".repeat(4), "e5F6"].join("");
    const { title } = await kernel.projects.rename({ project: "default", title: `Shop ${secret}`, by });
    expect(title).toMatch(/^Shop /);
    expect(title).not.toContain(secret);
    const rows = await store.engine.reader.selectFrom("ledger").select("entry").execute();
    expect(rows.filter(({ entry }) => entry.includes("Shop"))).toEqual([]);
    expect(await entriesOf(store.engine)).toContain("project_changed renamed");
  });

  test("a deletion asks for the id, can be taken back for a day, and is not for the last or for what runs", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const remove = (project: string, confirm = project) => kernel.projects.delete({ project, confirm, by });
    await expect(remove("default")).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
    await kernel.projects.add({ id: "shop", by });
    await expect(remove("shop", "Shop")).rejects.toMatchObject({ code: "PRUNELLA_REQUEST_INVALID" });
    await expect(remove("nobody")).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });

    expect((await remove("shop")).deletes_at).toBe(clock.now() + 24 * HOUR_MS);
    // The other one is the last that stays.
    await expect(remove("default")).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
    clock.advance(23 * HOUR_MS);
    expect((await kernel.projects.keep({ project: "shop", by })).deletes_at).toBeNull();
    await expect(kernel.projects.keep({ project: "shop", by })).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });

    await remove("shop");
    clock.advance(24 * HOUR_MS);
    expect((await kernel.projects.list()).map((row) => row.project_id)).toEqual(["default"]);
    await expect(kernel.projects.keep({ project: "shop", by })).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
    // The ledger speaks of it: neither its id nor its number is used again.
    await expect(kernel.projects.add({ id: "shop", by })).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
    expect((await kernel.projects.add({ id: "other", by })).dsn_id).toBe("3");
  });
});
