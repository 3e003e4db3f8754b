import { describe, expect, it } from "vitest";
import type { LedgerEntry } from "@prunella/contract";
import { ENGINES } from "../../../../test/engines.ts";
import { createWriter } from "../store/writer.ts";
import { appendAll } from "./append.ts";
import { findEntries, type EntryQuery } from "./found.ts";
import { intentEntry, uuid } from "./ledger-fixture.ts";

const OURS = uuid(900);
const by = { kind: "person", id: "operator" } as const;
const intent = (n: number, fault: string): LedgerEntry => Object.assign(intentEntry(n, { ceiling: 1 }), { fault });
const outcome = (n: number): LedgerEntry => ({
  v: 1,
  type: "attempt_outcome",
  at: n,
  project: "default",
  attempt: uuid(n),
  intent: n,
  state: "succeeded",
});
const ENTRIES: LedgerEntry[] = [
  { v: 1, type: "switch_changed", at: 0, switch: "kill", project: null, on: true, by },
  intent(1, OURS),
  intent(2, uuid(901)),
  outcome(1),
  outcome(2),
  { v: 1, type: "switch_changed", at: 5, switch: "kill", project: null, on: false, by: { kind: "system", id: null } },
  { v: 1, type: "fault_status", at: 6, project: "default", fault: OURS, status: "resolved", by },
];

describe.each(ENGINES)("entries that a person looks for on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("are found by type, actor and fault, with what followed from an intent, newest pages first", async () => {
    await using store = await open();
    const writer = createWriter(store.engine);
    await writer.run(async (tx) => void (await appendAll(tx, ENTRIES)));
    const found = async (query: Omit<EntryQuery, "limit"> & { limit?: number }) =>
      (await findEntries(store.engine.reader, { limit: 50, ...query })).map(({ index }) => index);
    expect(await found({ type: "attempt_intent" })).toEqual([1, 2]);
    expect(await found({ actor: "person:operator" })).toEqual([0, 6]);
    expect(await found({ actor: "system" })).toEqual([5]);
    expect(await found({ actor: "trigger:restart-shop" })).toEqual([1, 2]);
    expect(await found({ fault: OURS })).toEqual([1, 3, 6]);
    expect(await found({ fault: OURS, type: "attempt_outcome" })).toEqual([3]);
    expect(await found({ fault: OURS, actor: "person:operator" })).toEqual([6]);
    expect(await found({ fault: OURS, limit: 2 })).toEqual([3, 6]);
    expect(await found({ fault: OURS, limit: 2, before: 3 })).toEqual([1]);
    expect(await found({ before: 2 })).toEqual([0, 1]);
    expect(await found({ type: "no_such_type" })).toEqual([]);
    await writer.close();
  });
});
