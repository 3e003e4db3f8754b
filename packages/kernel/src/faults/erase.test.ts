import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { anEvent, openKernel } from "../../../../test/kernel-fixture.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";

describe.each(ENGINES)("erasing on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("leaves nothing of a fault but ids and a ledger entry, and its neighbours whole", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const word = "xylophone";
    await kernel.report("default", [anEvent({ message: word, release: `${word}@1`, errors: [] }), anEvent()]);
    await kernel.settle();
    const { faults } = await kernel.faults.list({ status: "all", limit: 10 });
    const doomed = faults.find((fault) => fault.title.includes(word));
    const { fingerprints } = await kernel.faults.detail(doomed?.id ?? "");
    expect(await kernel.faults.erase(fingerprints.strict)).toEqual({ fault_id: doomed?.id, events: 1 });
    for (const table of ["fault", "fault_key", "delta", "event_sample", "digest_queue", "ledger"] as const) {
      expect(JSON.stringify(await store.engine.reader.selectFrom(table).selectAll().execute())).not.toContain(word);
    }
    expect((await kernel.faults.list({ status: "all", limit: 10 })).faults).toHaveLength(1);
    await expect(kernel.faults.erase(fingerprints.strict)).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
    expect(await verifyRows(store.engine)).toEqual([]);
  });
});
