import { ScrubConfig } from "@prunella/contract";
import { expect, it } from "vitest";
import { openScrubber } from "./scrub-policy.ts";

const wrong = ScrubConfig.parse({ drop_keys: [""] });

it("names the file in which a policy is wrong", () => {
  expect(() => openScrubber(wrong, "/srv/shop/prunella.yaml")).toThrow(
    expect.objectContaining({ detail: expect.stringMatching(/^\/srv\/shop\/prunella\.yaml: scrub: drop key/) }),
  );
});

it("names none where there is none", () => {
  expect(() => openScrubber(wrong, null)).toThrow(
    expect.objectContaining({ detail: expect.stringMatching(/^scrub: drop key/) }),
  );
});
