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
    const of = { projectId: "default", faultId: doomed?.id ?? "", draft: { title: word, body: word, labels: [] } };
    const filed = await kernel.filings.hold({ ...of, place: "acme/shop", name: "filed" });
    if (filed.kind !== "held") throw new Error("somebody holds it");
    const { filing_id: filingId } = filed.filing;
    await kernel.filings.filed({ filingId, holder: filed.holder, number: 7, url: "http://forge.test/7" });
    const comment = { projectId: "default", place: "acme/shop", issue: 7, marker: "<!-- seen -->" };
    await kernel.filings.comments.hold(comment, word);
    await kernel.filings.comments.hold({ ...comment, issue: 8 }, "of another");
    await kernel.filings.hold({ ...of, place: "acme/shop", name: "waits" });
    expect(await kernel.faults.erase(fingerprints.strict)).toEqual({ fault_id: doomed?.id, events: 1 });
    const tables = [
      "fault",
      "fault_key",
      "delta",
      "event_sample",
      "digest_queue",
      "filing",
      "waiting_comment",
    ] as const;
    for (const table of [...tables, "ledger"] as const) {
      expect(JSON.stringify(await store.engine.reader.selectFrom(table).selectAll().execute())).not.toContain(word);
    }
    expect((await kernel.faults.list({ status: "all", limit: 10 })).faults).toHaveLength(1);
    // Where it was filed stays; what was not is never filed, and what others are told is left alone.
    expect(await kernel.filings.list({ projects: null, limit: 9 })).toMatchObject(
      [
        { name: "waits", number: null, waits: false, refused: "what it was about is gone" },
        { name: "filed", number: 7 },
      ].map((one) => ({ ...one, title: null })),
    );
    expect(await kernel.filings.backlog(null)).toBe(0);
    const said = await store.engine.reader.selectFrom("waiting_comment").select("issue").execute();
    expect(said.map(({ issue }) => Number(issue))).toEqual([8]);
    await expect(kernel.faults.erase(fingerprints.strict)).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
    expect(await verifyRows(store.engine)).toEqual([]);
  });
});
