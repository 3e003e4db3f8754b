import { spawnSync } from "node:child_process";
import { describeFault } from "@prunella/scrub";
import { describe, expect, it } from "vitest";
import { eventOf } from "../../bench/grouping-event.ts";
import { COMPILER, NATIVE_BUILDS } from "./native-programs.ts";
import { generateNative } from "./native.ts";

/** Four of the builds: all of them take a minute. `node test/corpus/native.ts` writes every report. */
const BUILDS = NATIVE_BUILDS.filter(({ name }) => ["asan-O2", "ubsan-O0", "tsan", "gdb-full"].includes(name));
const isMissing = spawnSync(COMPILER, ["--version"]).status !== 0;

describe.skipIf(isMissing)("reports of sanitizers and debuggers (needs g++; gdb joins when it is there)", () => {
  it("name the first own function, below whatever reported, allocated or copied", { timeout: 180_000 }, () => {
    const { reports, left } = generateNative(BUILDS);
    for (const each of left) console.warn(`native corpus without ${each}`);
    const wrong = reports.filter(
      ({ crash, text }, i) => describeFault(eventOf(text, i)).culprit.split(" · ")[0] !== crash,
    );
    expect(wrong.map(({ id }) => id)).toEqual([]);
    expect(reports.length).toBeGreaterThan(0);
  });
});
