import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { markerOf } from "./filings.ts";

const OF = { projectId: "default", place: "acme/shop", name: "fault 1", faultId: null };
const NUMBERED = { number: 7, url: "http://forge.test/acme/shop/issues/7" };

describe.each(ENGINES)("what is filed outside, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const store = await open();
    const clock = testClock();
    const kernel = await openKernel(store.engine, clock);
    return {
      clock,
      kernel,
      filings: kernel.filings,
      entries: async () => {
        const found = await kernel.ledger.find({ limit: 50 });
        return found
          .map(({ entry }): unknown => JSON.parse(entry))
          .filter((entry) => JSON.stringify(entry).includes("issue_filed"));
      },
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  async function held(all: Awaited<ReturnType<typeof begin>>) {
    const given = await all.filings.hold(OF);
    if (given.kind !== "held") throw new Error("somebody holds it");
    return given;
  }

  test("is held by one worker at a time, however many ask at once", async () => {
    await using all = await begin();
    const given = await Promise.all(Array.from({ length: 8 }, () => all.filings.hold(OF)));
    expect(given.map(({ kind }) => kind).toSorted()).toEqual([...Array.from({ length: 7 }, () => "busy"), "held"]);
    expect(await all.filings.list({ projects: ["default"], limit: 10 })).toHaveLength(1);
  });

  test("is one row and one entry of the ledger for one name in one place", async () => {
    await using all = await begin();
    const { filing, holder, marker } = await held(all);
    expect(filing).toMatchObject({ number: null, filed_at: null });
    expect(marker).toBe(markerOf(filing.filing_id));
    await all.filings.filed({ filingId: filing.filing_id, holder, ...NUMBERED });
    expect(await held(all)).toMatchObject({ filing: { filing_id: filing.filing_id, ...NUMBERED }, marker });
    expect(await all.entries()).toMatchObject([{ filing: filing.filing_id, number: 7, fault: null }]);
    expect(JSON.stringify(await all.entries())).not.toContain("acme");
    expect(await all.filings.hold({ ...OF, place: "acme/other" })).toMatchObject({ kind: "held" });
    expect(await all.filings.list({ projects: null, limit: 10 })).toHaveLength(2);
    expect(await all.filings.list({ projects: ["another"], limit: 10 })).toEqual([]);
  });

  test("keeps what it is called after it was written, scrubbed, and follows while it waits", async () => {
    await using all = await begin();
    const draft = { title: "It broke", body: "x", labels: [] };
    const titles = async () => (await all.filings.list({ projects: null, limit: 10 })).map(({ title }) => title);
    const release = async ({ filing, holder }: { filing: { filing_id: string }; holder: string }) =>
      all.filings.release({ filingId: filing.filing_id, holder });
    await release(await held(all));
    expect(await titles()).toEqual([null]);
    for (const title of ["It broke", "It broke for ada@example.com"]) {
      const given = await all.filings.hold({ ...OF, draft: { ...draft, title } });
      if (given.kind !== "held") throw new Error("somebody holds it");
      await release(given);
    }
    expect(await titles()).toEqual([expect.stringMatching(/^It broke for (?!ada)/)]);
    const { filing, holder } = await held(all);
    await all.filings.filed({ filingId: filing.filing_id, holder, ...NUMBERED });
    await release(await held(all));
    expect(await titles()).toEqual([expect.stringMatching(/^It broke for (?!ada)/)]);
  });

  test("is taken over from a worker that is gone, and what that one says afterwards is not taken", async () => {
    await using all = await begin();
    const first = await held(all);
    all.clock.advance(119_000);
    expect(await all.filings.hold(OF)).toMatchObject({ kind: "busy" });
    all.clock.advance(2_000);
    const second = await held(all);
    expect(second.filing.first_at).toBe(first.filing.first_at);
    const { filing_id: filingId } = first.filing;
    await expect(all.filings.filed({ filingId, holder: first.holder, ...NUMBERED })).rejects.toThrow("Somebody else");
    await all.filings.release({ filingId, holder: first.holder });
    expect(await all.filings.hold(OF)).toMatchObject({ kind: "busy" });
    await all.filings.release({ filingId, holder: second.holder });
    expect(await all.filings.hold(OF)).toMatchObject({ kind: "held" });
  });
});
