import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scrubText } from "../faces/scrub-text.ts";
import { parseStack } from "../stacks/parse-stack.ts";
import { crashFingerprint, projectIdHash, stackSignature } from "./crash.ts";

describe("the crash payload", () => {
  it("has the fingerprint of its check vector", () => {
    expect(crashFingerprint("TypeError", ["f", "g"])).toBe(
      "c8c564790cc1fd2d8304b78092a32f70c503c0f6aaf2bb87b19d5a04a30e0f9a",
    );
  });

  it("signs with the top five names, crash first, without places", () => {
    const text = [
      "Error: x",
      ...["f", "async g", "Object.h", "i [as j]", "new K", "l"].map((name) => `    at ${name} (/s/a.js:1:2)`),
    ];
    expect(stackSignature(parseStack(text.join("\n")))).toEqual(["f", "g", "Object.h", "i", "K"]);
    expect(stackSignature(null)).toEqual([]);
  });

  it("is the same scrubbed once, twice or not at all", () => {
    const name = fc.constantFrom(
      "pay",
      "user.bob@" + "x.com",
      "/home/jane/",
      "ghp_" + "aB3".repeat(12),
      "a b",
      "Cart.pick",
      "10.0.0.5",
    );
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 7 }), (names) => {
        const text = `Error: x\n${names.map((each) => `    at ${each} (/srv/a.js:1:2)`).join("\n")}`;
        const once = scrubText(text).text.value;
        const signature = stackSignature(parseStack(once));
        expect(stackSignature(parseStack(scrubText(once).text.value))).toEqual(signature);
        for (const each of signature) expect(scrubText(each).text.value).toBe(each);
      }),
    );
  });
});

describe("the hash of a project", () => {
  it("is one for every way to write a remote", () => {
    const hash = projectIdHash("https://github.com/octocat/repo.git");
    expect(hash).toMatch(/^ea812765/);
    for (const remote of [
      "git@github.com:octocat/repo.git",
      "ssh://git@GitHub.com/octocat/repo",
      "ssh://git@github.com:22/octocat/repo.git/",
      "https://user:secret@github.com/octocat/repo/",
      "git://github.com/octocat/repo.git",
      "github.com/octocat/repo",
      "  https://github.com:443/octocat/repo.git\n",
    ])
      expect(projectIdHash(remote), remote).toBe(hash);
    expect(projectIdHash("https://github.com/Octocat/repo")).not.toBe(hash);
    expect(projectIdHash("https://example.org:8443/octocat/repo")).not.toBe(
      projectIdHash("https://example.org/octocat/repo"),
    );
  });

  it("has a value for no remote", () => {
    expect(projectIdHash(null)).toBe(projectIdHash(" "));
    expect(projectIdHash(null)).toBe(projectIdHash("no-remote"));
  });
});
