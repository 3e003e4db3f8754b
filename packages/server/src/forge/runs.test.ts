import type { Failure } from "@prunella/ubiquityos";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRuns, type Run, type RunsDeps } from "./runs.ts";

type Answer = Awaited<ReturnType<RunsDeps<Run>["forge"]["run"]>>;

const COMMIT = "a".repeat(40);
const run = (conclusion: string | null, headSha = COMMIT): Answer => ({
  ok: true,
  value: { ...VALUE, headSha, status: conclusion === null ? "in_progress" : "completed", conclusion },
});
const VALUE = { id: 7, url: "https://forge.example.com/acme/flow/runs/7", status: "", conclusion: null, headSha: "" };

/** The host is a double: what it would say of a run, in the order in which it is asked. */
function watched(answers: Answer[], more: Partial<Run> = {}) {
  const failures: Failure[] = [];
  const done: string[] = [];
  const runs = createRuns({
    forge: {
      run: () => Promise.resolve(answers.length > 1 ? (answers.shift() ?? run(null)) : (answers[0] ?? run(null))),
    },
    now: () => Date.now(),
    onDone: async ({ stateId }) => void done.push(stateId),
    onFailed: async (_run, failure) => void failures.push(failure),
  });
  runs.watch({
    stateId: "s-1",
    owner: "acme",
    repo: "flow",
    runId: 7,
    url: VALUE.url,
    deadline: Date.now() + 600_000,
    commit: COMMIT,
    ...more,
  });
  return { runs, failures, done };
}

const minutes = (count: number) => vi.advanceTimersByTimeAsync(count * 60_000);

describe("a run that was started", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([
    ["failure", "workflow"],
    ["cancelled", "workflow"],
    ["timed_out", "timeout"],
    ["startup_failure", "workflow"],
    ["action_required", "workflow"],
  ])("that ends %s is one failure, with the address of the run", async (conclusion, category) => {
    const { runs, failures, done } = watched([run(null), run(conclusion)]);
    await minutes(5);
    expect(failures).toEqual([
      expect.objectContaining({ category, message: `The run ended ${conclusion} (${VALUE.url}).`, retryCount: 0 }),
    ]);
    expect(done).toEqual([]);
    runs.close();
  });

  it.each(["success", "neutral", "skipped"])("that ends %s is done, once", async (conclusion) => {
    const { runs, failures, done } = watched([run(null), run(conclusion)]);
    await minutes(20);
    expect([failures, done]).toEqual([[], ["s-1"]]);
    runs.close();
  });

  it("that says nothing by its deadline is one failure, wherever the host is asked in vain", async () => {
    const gone: Answer = {
      ok: false,
      refusal: { reason: "unreachable", message: "no answer", status: null, retryAfterMs: null },
    };
    for (const more of [{}, { runId: null, url: null }]) {
      const { runs, failures } = watched([gone], more);
      await minutes(9);
      expect(failures).toEqual([]);
      await minutes(3);
      expect(failures).toEqual([expect.objectContaining({ category: "timeout" })]);
      await minutes(20);
      expect(failures).toHaveLength(1);
      runs.close();
    }
  });

  it("of another commit than the one that is trusted is a failure, however it ends", async () => {
    const { runs, failures, done } = watched([run("success", "b".repeat(40))]);
    await minutes(1);
    expect([failures[0]?.message, done]).toEqual([expect.stringContaining("another commit"), []]);
    runs.close();
  });

  it("is believed from its own repository and no other, and answers once", async () => {
    const { runs, failures, done } = watched([run(null)]);
    expect(await runs.answer("s-1", "acme/shop")).toBe(false);
    expect(await runs.answer("s-2", "acme/flow")).toBe(false);
    expect(await runs.answer("s-1", "Acme/Flow")).toBe(true);
    expect(await runs.answer("s-1", "acme/flow")).toBe(false);
    await minutes(20);
    expect([failures, done]).toEqual([[], ["s-1"]]);
    runs.close();
  });
});
