import { describe, expect, it } from "vitest";
import { readCause } from "./cause-line.ts";

const said = (...lines: string[]): string | null => {
  const cause = readCause(lines.join("\n"));
  return cause === null ? null : [cause.type, cause.value].filter((part) => part !== null).join(": ");
};
const CAUSE = "mill: cannot open /srv/mill/grain.db: permission denied";

describe("the line that says why a program ended", () => {
  it.each([
    ["npm", ["npm error Lifecycle script `start` failed with error:", "npm error code 1", "npm error path /srv/mill"]],
    ["old npm", ["npm ERR! code ELIFECYCLE", "npm ERR! errno 1", "npm ERR! mill@1.0.0 start: `node mill.js`"]],
    ["pnpm", ["\u2009ELIFECYCLE\u2009 Command failed with exit code 1."]],
    ["yarn", ["error Command failed with exit code 1.", "info Visit https://yarnpkg.com/en/docs/cli/run for more."]],
    ["a shell", ["/bin/sh: line 1: 31 Aborted                 mill --grind"]],
    [
      "s6",
      ["s6-rc: warning: unable to start service mill: command exited 1", "rc.init: fatal: stopping the container."],
    ],
    ["make", ["make[1]: *** [Makefile:12: grind] Error 1", "make: *** [Makefile:3: all] Error 2"]],
    ["docker", ["mill-1 exited with code 1"]],
    ["supervisord", ["WARN exited: mill (exit status 1; not expected)"]],
    [
      "systemd",
      [
        "mill.service: Main process exited, code=exited, status=1/FAILURE",
        "mill.service: Failed with result 'exit-code'.",
      ],
    ],
    ["cargo", ["error: process didn't exit successfully: `target/debug/mill` (exit status: 1)"]],
  ])("is the program's own, whatever %s reports behind it", (_wrapper, lines) => {
    expect(said("grinding", CAUSE, ...lines)).toBe(CAUSE);
  });

  it("is a linker's and a shell's own word", () => {
    const missing = "/src/mill.c:4: undefined reference to `grind'";
    expect(said(missing, "collect2: error: ld returned 1 exit status", "make: *** [Makefile:3: mill] Error 1")).toBe(
      missing,
    );
    expect(said("/srv/mill/run.sh: line 12: STONE: unbound variable")).toBe(
      "/srv/mill/run.sh: line 12: STONE: unbound variable",
    );
  });

  it("is the first of several that tell of one failure, and one that says what before one that says that", () => {
    expect(said("src/mill.c:4:2: error: 'stone' undeclared", "src/mill.c:9:2: error: 'wheel' undeclared")).toBe(
      "src/mill.c:4:2: error: 'stone' undeclared",
    );
    expect(said("start failed", CAUSE, "closing", "mill failed")).toBe(CAUSE);
    expect(said("acme.mill.GrainError: no grain left", "mill failed")).toBe("GrainError: no grain left");
  });

  it("is no warning when there is an error, none of long ago, and nothing where no line names a failure", () => {
    expect(said("WARN cannot find cache", "mill failed")).toBe("mill failed");
    expect(said("error: old trouble", ...Array.from({ length: 9 }, () => "grinding"), CAUSE)).toBe(CAUSE);
    expect(said("grinding", "done")).toBeNull();
    expect(said("npm error code 1")).toBeNull();
  });

  it("is the one thing that was said, whatever its words, but no hint and no wrapper", () => {
    expect(said("quay: tide too low", "make: *** [Makefile:12: run] Error 1")).toBe("quay: tide too low");
    expect(said("INFO listening")).toBeNull();
  });
});
