import fc from "fast-check";
import { RULES_VERSION, scrubText } from "@prunella/scrub";
import { describe, expect, it } from "vitest";
import { CRASH, MACHINE, PLAIN } from "./client-fixture.ts";
import { FIELDS, isCrashReport, reportBytes } from "./fields.ts";
import { crashFingerprint, projectIdHash } from "./fingerprint.ts";
import { functionNames } from "./function-names.ts";
import { createReport, type Scrubber } from "./report.ts";

const REAL: Scrubber = {
  version: RULES_VERSION,
  scrub: (text) => {
    const { text: safe, redactions } = scrubText(text);
    return { text: safe.value, redactions: redactions.length };
  },
};

describe("a report", () => {
  it("holds exactly the fields of the format, with the fingerprint that the format gives", () => {
    expect(createReport(CRASH, MACHINE, PLAIN)).toEqual({
      os: "linux",
      arch: "x64",
      app_version: "1.4.0",
      node_version: "20.20.2",
      error_class: "TypeError",
      stack_signature: ["f", "g"],
      phase: "UNKNOWN",
      exit_code: null,
      project_id_hash: projectIdHash(null),
      fingerprint: "c8c564790cc1fd2d8304b78092a32f70c503c0f6aaf2bb87b19d5a04a30e0f9a",
      rules_version: 1,
      redactions_count: 0,
      captured_at: "2026-11-21T08:30:12Z",
    });
  });

  it("lets no free text through, whatever is thrown, named or configured", () => {
    const secret = `ghp_${"a".repeat(36)}`;
    const report = createReport(
      {
        ...CRASH,
        errorClass: `Error: ${secret}`,
        functions: [
          secret,
          "/srv/private/app.js",
          "C:\\Users\\ada\\x",
          "ada@example.org",
          "ok",
          "line\nbreak",
          "a".repeat(500),
          "parse",
        ],
        phase: "drop table",
      },
      {
        ...MACHINE,
        platform: "linux; ada-laptop",
        arch: "x64 (ada)",
        node: "20.1.0 on ada",
        bun: "ada",
        appVersion: "1.0.0-ada-laptop",
      },
      REAL,
    );
    expect(reportBytes(report)).not.toMatch(/\bada\b|ghp_|private|Users|drop/);
    expect(report).toMatchObject({ os: "other", arch: "other", error_class: "UnknownError", phase: "UNKNOWN" });
    expect(report.stack_signature).toContain("ok");
    expect(report.redactions_count).toBeGreaterThan(0);
  });

  it("has the same fingerprint after a second scrub", () => {
    const names = [`load_ghp_${"b".repeat(36)}`, "ada@example.org", "handle"];
    const once = createReport({ ...CRASH, functions: names }, MACHINE, REAL);
    const twice = createReport(
      { ...CRASH, errorClass: once.error_class, functions: once.stack_signature },
      MACHINE,
      REAL,
    );
    expect(twice.stack_signature).toEqual(once.stack_signature);
    expect(twice.fingerprint).toBe(once.fingerprint);
    expect(twice.redactions_count).toBe(0);
    expect(once.fingerprint).toBe(crashFingerprint(once.error_class, once.stack_signature));
  });

  it.each([412_870_488_941_717, -2_147_483_649, 1.5, Number.NaN])(
    "an exit code that no system gives (%d) is not known",
    (exitCode) => {
      expect(createReport({ ...CRASH, exitCode }, MACHINE, PLAIN).exit_code).toBeNull();
    },
  );

  it("fits its own fields for any input", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.array(fc.string({ unit: "binary" })),
        fc.option(fc.oneof(fc.double(), fc.maxSafeInteger())),
        fc.option(fc.string()),
        fc.string(),
        (errorClass, functions, exitCode, phase, version) => {
          const report = createReport(
            { ...CRASH, errorClass, functions, exitCode, phase },
            { ...MACHINE, appVersion: version, node: version },
            REAL,
          );
          expect(isCrashReport(JSON.parse(reportBytes(report)))).toBe(true);
        },
      ),
    );
  });

  it("is refused with one field more, one less, or one of another type", () => {
    const report = createReport(CRASH, MACHINE, PLAIN);
    expect(isCrashReport({ ...report, message: "boom" })).toBe(false);
    for (const [name, field] of Object.entries(FIELDS)) {
      const without = Object.fromEntries(Object.entries(report).filter(([each]) => each !== name));
      expect(isCrashReport(without), name).toBe(!field.required);
      for (const wrong of [{}, true, "free text, with spaces", ["/srv/a.js"], -1.5])
        expect(isCrashReport({ ...report, [name]: wrong }), name).toBe(false);
    }
    for (const wrong of [null, [], "x", 1]) expect(isCrashReport(wrong)).toBe(false);
  });
});

describe("versions", () => {
  it.each(["1.2.3", "v20.20.2", "1.2.3.4", "2.0.0-rc.1", "1.0.0-beta"])("%s is one", (version) => {
    expect(createReport(CRASH, { ...MACHINE, appVersion: version }, REAL).app_version).toBe(version);
  });
  it.each(["1", "latest", "1.0.0-ada", "1.0.0+ada.laptop", "1.2.3 ada@example.org", "", "1.2.3\n"])(
    "%j is none and is left out",
    (version) => {
      expect(createReport(CRASH, { ...MACHINE, appVersion: version }, REAL)).not.toHaveProperty("app_version");
    },
  );
});

describe("names of functions", () => {
  it("come from a stack without places, and without Node's own frames", () => {
    const stack = [
      "TypeError: boom",
      "    at parseOrder (/srv/shop/orders.js:12:7)",
      "    at async Server.handle [as onRequest] (file:///srv/shop/server.js:3:1)",
      "    at /srv/shop/anonymous.js:1:1",
      "    at new Shop (/srv/shop/shop.js:9:1)",
      "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
    ].join("\n");
    expect(functionNames(stack)).toEqual(["parseOrder", "Server.handle", "Shop"]);
  });

  it("never come from the message, even when it looks like a stack", () => {
    const message = "the queue said:\n    at ada lovelace (her desk)\n    at remote (/srv/queue.js:1:1)";
    const error = new TypeError(message);
    error.stack = `TypeError: ${message}\n    at own (/srv/shop.js:2:2)`;
    expect(functionNames(error.stack, error.message)).toEqual(["own"]);
    // A message that was changed after the throw is not found in the stack: only the last block counts.
    error.stack = `TypeError: ${message}\nand no more\n    at own (/srv/shop.js:2:2)`;
    expect(functionNames(error.stack, "another message")).toEqual(["own"]);
    expect(functionNames(`Error: ${message}`, message)).toEqual([]);
  });

  it("are those of the error, not of what a library wrote behind its stack", () => {
    const stack = "Error: odd\n    at own (/srv/a.js:1:1)\nCaused by: Error\n    at other (/srv/b.js:1:1)";
    expect(functionNames(stack, "odd")).toEqual(["own"]);
  });

  it("are found in linear time in a hostile stack", () => {
    const hostile = `Error\n${`    at ${"a (".repeat(20_000)}\n`.repeat(50)}`;
    expect(functionNames(hostile)).toEqual([]);
  });
});

describe("the hash of a project", () => {
  it("is one for every way to write one remote", () => {
    const ways = [
      "https://github.com/octocat/repo.git",
      "git@github.com:octocat/repo.git",
      "ssh://git@GitHub.com/octocat/repo",
      "https://user:secret@github.com/octocat/repo/",
      "github.com/octocat/repo",
    ];
    expect(new Set(ways.map(projectIdHash)).size).toBe(1);
    expect(projectIdHash(ways[0] ?? null)).toMatch(/^ea812765/);
  });
});
