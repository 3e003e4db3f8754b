import { expect, it } from "vitest";
import type { Attempt } from "@prunella/contract";
import { attempt } from "../../test/fixtures.ts";
import { matterWords, triedWords } from "./matter.ts";

const NOW = 1_800_000_000_000;
/** Done at `at`, and failed again so much later. */
const failedAfter = (at: number, ms: number, change: Partial<Attempt> = {}): Attempt =>
  attempt(1, NOW, {
    created_at: NOW + at,
    started_at: NOW + at,
    ended_at: NOW + at,
    verified_at: NOW + at + ms,
    ...change,
  });

it("says in plain words what is the matter", () => {
  const asked = { target: "program:shop", status: "open" as const };
  expect(matterWords({ ...asked, asker: "restart" })).toBe("shop is down");
  expect(matterWords({ ...asked, asker: "restart", status: "decided" })).toBe("shop was down");
  expect(matterWords({ ...asked, asker: "file_issue", target: "repo:a/b" })).toBe("repo:a/b needs a decision");
  expect(matterWords({ ...asked, asker: "wake", target: "heartbeat:clerk" })).toBe("clerk is silent");
});

it("folds attempts into how many, within what time, and the longest that one held", () => {
  const tries = [failedAfter(0, 3_300), failedAfter(5_000, 1_000), failedAfter(11_000, 2_000)];
  expect(triedWords(tries)).toBe("3 restarts in 13 s, none held longer than 3.3 s.");
  expect(triedWords(tries.toReversed())).toBe(triedWords(tries));
});

it("speaks of one try as one, and never calls a refusal a try", () => {
  const refused = attempt(2, NOW, { state: "refused", verification: null });
  expect(triedWords([failedAfter(0, 2_300), refused])).toBe("1 restart, it failed again after 2.3 s.");
  expect(triedWords([refused])).toBe("Nothing was tried.");
});

it("leaves out what came before it had held", () => {
  const held = failedAfter(-60_000, 10_000, { verification: "held" });
  expect(triedWords([failedAfter(-90_000, 100), held, failedAfter(0, 500)])).toBe(
    "1 restart, it failed again after 500 ms.",
  );
  expect(triedWords([held])).toBe("Nothing was tried since it last held.");
});

it("counts what could not be done apart, and says what is still watched", () => {
  const failed = failedAfter(1_000, 0, { state: "failed", verification: null, verified_at: null });
  const watched = failedAfter(4_000, 0, { verification: "watching", verified_at: null });
  expect(triedWords([failedAfter(0, 700), failed, watched])).toBe(
    "3 restarts in 4.0 s, none held longer than 700 ms, 1 could not be done, the last is watched now.",
  );
});
