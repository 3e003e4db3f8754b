import { describe, expect, it } from "vitest";
import { createBound } from "./at-most.ts";

describe("what plugins have going on", () => {
  it("is so much of one and of all; one more is told which bound it is, and goes when one has ended", async () => {
    const within = createBound({ ofOne: 2, ofAll: 3, what: "programs" });
    const ends: (() => void)[] = [];
    const run = (plugin: string) =>
      within(plugin, () => new Promise<string>((resolve) => ends.push(() => resolve("ran"))));
    const going = [run("a"), run("a"), run("b")];
    await expect(run("a")).rejects.toMatchObject({
      code: -32003,
      message: expect.stringMatching(/^2 programs of this plugin/),
    });
    await expect(run("c")).rejects.toMatchObject({
      code: -32003,
      message: expect.stringMatching(/^3 programs of plugins/),
    });
    ends.shift()?.();
    await going[0];
    going.push(run("c"));
    for (const end of ends) end();
    expect(await Promise.all(going)).toEqual(["ran", "ran", "ran", "ran"]);
  });

  it("counts no more when it failed", async () => {
    const within = createBound({ ofOne: 1, ofAll: 1, what: "programs" });
    for (let at = 0; at < 3; at += 1)
      await expect(within("a", () => Promise.reject(new Error("it broke")))).rejects.toThrow("it broke");
    expect(await within("a", async () => "ran")).toBe("ran");
  });
});
