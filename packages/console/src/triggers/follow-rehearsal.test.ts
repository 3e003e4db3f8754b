import type { Rehearsal } from "@prunella/contract";
import { expect, it } from "vitest";
import { followRehearsal } from "./follow-rehearsal.ts";

const RUNNING: Rehearsal = { id: "r", status: "running", replayed: 3, total: 9, report: null, error: null };

it("looks no more once whoever asked has left", async () => {
  const leaving = new AbortController();
  const looks: string[] = [];
  const words: string[] = [];
  const found = await followRehearsal(RUNNING, {
    read: async (id) => {
      looks.push(id);
      if (looks.length > 5) throw new Error("it goes on looking");
      return { ...RUNNING, replayed: 4 };
    },
    pause: async () => {
      if (looks.length === 2) leaving.abort();
    },
    onProgress: (said) => words.push(said),
    left: leaving.signal,
  });
  expect([found, looks.length, words]).toEqual([
    null,
    2,
    ["3 of 9 rows played.", "4 of 9 rows played.", "4 of 9 rows played."],
  ]);
});

it("throws what a rehearsal says of its own failure", async () => {
  const failed: Rehearsal = { ...RUNNING, status: "failed", error: "The policy names no trigger." };
  const given = {
    read: async () => failed,
    pause: async () => {},
    onProgress() {},
    left: new AbortController().signal,
  };
  await expect(followRehearsal(RUNNING, given)).rejects.toThrow("names no trigger");
});
