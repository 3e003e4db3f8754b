import { describe, expect, it } from "vitest";
import { createSeeded } from "../crashloop/seeded.ts";
import { mutate } from "./mutate.ts";
import { assertGone, PLANTED } from "./planted.ts";
import { TARGETS } from "./targets/index.ts";

describe("each target of the fuzzer", () => {
  it.each(TARGETS)("takes its own samples and what is made of them: $name", async ({ corpus, run, words }) => {
    const random = createSeeded(5);
    const samples = corpus().map((each) => (typeof each === "string" ? Buffer.from(each) : each));
    expect(samples.length).toBeGreaterThan(0);
    for (const bytes of samples.slice(0, 40)) {
      await run(bytes);
      await run(mutate(bytes, samples[0] ?? bytes, words ?? [], random));
    }
  });

  it("fails where a piece of a planted secret is left, unless the input said it itself", () => {
    const [secret = ""] = PLANTED;
    expect(() => assertGone(`x ${secret.slice(3, 20)} y`, "x y")).toThrow("planted secret");
    expect(() => assertGone("x [REDACTED:GITHUB_TOKEN] y", "x y")).not.toThrow();
    expect(() => assertGone(secret, secret)).not.toThrow();
  });
});
