import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CRASH, freshUser, MACHINE, PLAIN } from "./client-fixture.ts";
import { crashFolder } from "./places.ts";
import { reportBytes } from "./fields.ts";
import { createReport } from "./report.ts";
import {
  countNotes,
  findReport,
  forgetAll,
  forgetReport,
  KEEP_DAYS,
  keepNote,
  keepReport,
  listReports,
  markOutcome,
  MAX_REPORTS,
} from "./reports.ts";

const report = createReport(CRASH, MACHINE, PLAIN);
const other = createReport({ ...CRASH, functions: ["h"] }, MACHINE, PLAIN);
const home = (): string => join(freshUser().folder, "home");

describe("a kept report", () => {
  it("lies at crash/<fingerprint>-<time>.json, byte for byte, for this user alone", () => {
    const at = home();
    const id = keepReport(at, report, CRASH.at);
    expect(id).toBe(`${report.fingerprint}-20261121T083012345Z`);
    const path = join(at, "crash", `${id}.json`);
    expect(readFileSync(path, "utf8")).toBe(reportBytes(report));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(at, "crash")).mode & 0o777).toBe(0o700);
  });

  it("never overwrites another of the same millisecond", () => {
    const at = home();
    const ids = [1, 2, 3].map(() => keepReport(at, report, CRASH.at));
    expect(new Set(ids).size).toBe(3);
    expect(listReports(at)).toHaveLength(3);
  });

  it("stays as it is when it was sent; the mark lies beside it", () => {
    const at = home();
    const id = keepReport(at, report, CRASH.at);
    markOutcome(at, id, "sent");
    expect(listReports(at)).toMatchObject([{ id, outcome: "sent" }]);
    expect(readFileSync(join(crashFolder(at), `${id}.json`), "utf8")).toBe(reportBytes(report));
  });
});

describe("the folder of reports", () => {
  it("holds a bounded number, and drops the oldest first", () => {
    const at = home();
    const ids = Array.from({ length: MAX_REPORTS + 20 }, (_, index) => keepReport(at, report, CRASH.at + index * 1000));
    const kept = listReports(at);
    expect(kept).toHaveLength(MAX_REPORTS);
    expect(kept.map(({ id }) => id)).toEqual(ids.slice(-MAX_REPORTS).reverse());
  });

  it("forgets what is older than its days, sent or not", () => {
    const at = home();
    const old = keepReport(at, report, CRASH.at);
    markOutcome(at, old, "rejected");
    keepNote(at, CRASH.at);
    const fresh = keepReport(at, other, CRASH.at + (KEEP_DAYS + 1) * 86_400_000);
    expect(readdirSync(crashFolder(at))).toEqual([`${fresh}.json`]);
  });

  it("passes over what is no report: garbage, half a file, links, folders, names of others", () => {
    const at = home();
    const id = keepReport(at, report, CRASH.at);
    const folder = crashFolder(at);
    writeFileSync(join(folder, `${"a".repeat(64)}-20261121T083012345Z.json`), "{");
    writeFileSync(
      join(folder, `${"b".repeat(64)}-20261121T083012345Z.json`),
      JSON.stringify({ ...report, message: "boom" }),
    );
    writeFileSync(join(folder, `${"c".repeat(64)}-20261121T083012345Z.json`), "x".repeat(200_000));
    writeFileSync(join(folder, "notes.txt"), "mine");
    mkdirSync(join(folder, `${"d".repeat(64)}-20261121T083012345Z.json`));
    symlinkSync("/dev/zero", join(folder, `${"e".repeat(64)}-20261121T083012345Z.json`));
    expect(listReports(at).map((each) => each.id)).toEqual([id]);
    expect(forgetAll(at)).toBe(1);
    expect(existsSync(join(folder, "notes.txt"))).toBe(true);
  });

  it("is empty where there is none", () => {
    expect(listReports("/nowhere/at/all")).toEqual([]);
    expect(countNotes("/nowhere/at/all")).toBe(0);
  });
});

describe("an id", () => {
  it("is found by its beginning, and by a beginning of the time where one crash came twice", () => {
    const at = home();
    const first = keepReport(at, report, CRASH.at);
    keepReport(at, other, CRASH.at);
    expect(findReport(at, first)).toMatchObject({ kind: "found", report: { id: first } });
    expect(findReport(at, first.slice(0, 8))).toMatchObject({ kind: "found", report: { id: first } });
    const second = keepReport(at, report, CRASH.at + 5000);
    expect(findReport(at, first.slice(0, 8))).toEqual({ kind: "several" });
    expect(findReport(at, `${second.slice(0, 8)}-${second.slice(65)}`)).toMatchObject({
      kind: "found",
      report: { id: second },
    });
    expect(findReport(at, "0000")).toEqual({ kind: "none" });
  });

  it.each([
    "../../x",
    "..",
    "/etc/passwd",
    "a/../../b",
    "abcd/../x",
    "abcd\\x",
    "%2e%2e",
    "",
    "abc",
    "abcd\n",
    "ABCD",
    "abcd*",
    "abcd\u0000",
    "C:abcd",
    `${"a".repeat(65)}`,
    "__proto__",
  ])("%j is refused", (id) => {
    expect(findReport(home(), id)).toEqual({ kind: "refused" });
  });

  it("that is none deletes nothing", () => {
    const at = home();
    keepReport(at, report, CRASH.at);
    writeFileSync(join(at, "x.json"), "mine");
    for (const id of ["../x", "..", ""]) forgetReport(at, id);
    expect(existsSync(join(at, "x.json"))).toBe(true);
    expect(listReports(at)).toHaveLength(1);
  });
});

it("notes are bounded as reports are", () => {
  const at = home();
  for (let i = 0; i < MAX_REPORTS + 20; i++) keepNote(at, CRASH.at + i);
  expect(countNotes(at)).toBe(MAX_REPORTS);
});

it("a note says that something happened, and nothing of it", () => {
  const at = home();
  keepNote(at, CRASH.at);
  expect(countNotes(at)).toBe(1);
  expect(listReports(at)).toEqual([]);
});
