import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CRASH, freshUser, programOf } from "./client-fixture.ts";
import { openEngine } from "./engine.ts";
import { projectIdHash } from "./fingerprint.ts";
import { clearFrictionInFile, noteFrictionInFile } from "./friction-file.ts";
import { issueUrl } from "./issue-url.ts";
import { homeOf } from "./places.ts";
import { recordedPrograms } from "./program-record.ts";
import { createReport } from "./report.ts";
import { reporter } from "./reporter.ts";
import { countNotes, listReports } from "./reports.ts";

const saved = { ...process.env };
let env: Readonly<Record<string, string | undefined>> = {};
beforeEach(() => {
  env = freshUser().env;
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
});
afterEach(() => {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, saved);
});

const loadReporter = () => reporter;
const program = programOf({ issuesUrl: "https://issues.example.org/new" });
const home = (): string => homeOf(program, env);

describe("the engine", () => {
  it("keeps nothing but a note when the scrubber fails", () => {
    const broken = {
      version: 1,
      scrub: () => {
        throw new Error("ada@example.org broke the scrubber");
      },
    };
    openEngine(program, {
      sender: null,
      terminal: true,
      loadReporter: () => (crash, machine) => createReport(crash, machine, broken),
    }).record(CRASH);
    expect(listReports(home())).toEqual([]);
    expect(countNotes(home())).toBe(1);
    const folder = join(home(), "crash");
    const [note = ""] = readdirSync(folder);
    expect(readFileSync(join(folder, note), "utf8")).not.toMatch(/\bada\b|TypeError/);
  });

  it("keeps a note when the scrubber cannot even be loaded", () => {
    const loadMissing = () => {
      throw new Error("MODULE_NOT_FOUND");
    };
    openEngine(program, { sender: null, terminal: true, loadReporter: loadMissing }).record(CRASH);
    expect([listReports(home()).length, countNotes(home())]).toEqual([0, 1]);
  });

  it("keeps one note in the life of a process, however often the scrubber fails", () => {
    const broken = {
      version: 1,
      scrub: () => {
        throw new Error("broken");
      },
    };
    const engine = openEngine(program, {
      sender: null,
      terminal: true,
      loadReporter: () => (crash, machine) => createReport(crash, machine, broken),
    });
    for (let i = 0; i < 50; i++) engine.record({ ...CRASH, at: CRASH.at + i });
    expect(countNotes(home())).toBe(1);
  });

  it("keeps the report of a program whose working folder is gone", () => {
    const gone = vi.spyOn(process, "cwd").mockImplementation(() => {
      throw new Error("ENOENT: uv_cwd");
    });
    openEngine(program, { sender: null, terminal: true, loadReporter }).record(CRASH);
    gone.mockRestore();
    expect(listReports(home()).map(({ report }) => report.project_id_hash)).toEqual([projectIdHash(null)]);
  });

  it("keeps a crash that comes again in the same process once, and no more than twenty different ones", () => {
    const engine = openEngine(program, { sender: null, terminal: true, loadReporter });
    for (let i = 0; i < 3; i++) engine.record(CRASH);
    expect(listReports(home())).toHaveLength(1);
    for (let i = 0; i < 50; i++) engine.record({ ...CRASH, functions: [`f${i}`] });
    expect(listReports(home())).toHaveLength(20);
  });

  it("writes nothing at all where it is off", () => {
    process.env["PRUNELLA_TELEMETRY"] = "off";
    openEngine(program, { sender: null, terminal: true, loadReporter }).record(CRASH);
    expect(existsSync(env["XDG_STATE_HOME"] ?? "")).toBe(false);
  });

  it("records the program, for the command that shows what is kept", () => {
    openEngine(program, { sender: null, terminal: true, loadReporter }).record(CRASH);
    expect(recordedPrograms(env)).toMatchObject([
      { app: "shop", mode: "auto", issuesUrl: "https://issues.example.org/new" },
    ]);
  });
});

it("counts friction of other languages across processes, under hashed names, and not where it is off", () => {
  const situation = { env, terminal: true, asked: false };
  const note = (at: number): boolean => noteFrictionInFile(program, situation, "rate_limit_loop", "ada's queue", at);
  expect([note(1), note(2)]).toEqual([false, false]);
  clearFrictionInFile(program, situation, "ada's queue");
  expect([note(3), note(4), note(5)]).toEqual([false, false, true]);
  expect(readFileSync(join(home(), "friction.json"), "utf8")).not.toContain("ada");
  const off = { ...situation, env: { ...env, DO_NOT_TRACK: "1" } };
  expect(
    [1, 2, 3].map((at) => noteFrictionInFile(programOf({ app: "quiet" }), off, "gate_failure", "x", at)),
  ).not.toContain(true);
  expect(existsSync(homeOf(programOf({ app: "quiet" }), env))).toBe(false);
});

describe("the address of an issue by hand", () => {
  it("holds the whole report", () => {
    openEngine(program, { sender: null, terminal: true, loadReporter }).record(CRASH);
    const [kept] = listReports(home());
    const url = kept === undefined ? null : issueUrl(program.issuesUrl, kept);
    expect(new URL(url ?? "").searchParams.get("body")).toContain(kept?.bytes.toString("utf8").trim());
    expect(new URL(url ?? "").searchParams.get("title")).toBe("Crash: TypeError in f");
  });

  it("is none where the program names none, or one that is no page", () => {
    openEngine(program, { sender: null, terminal: true, loadReporter }).record(CRASH);
    const [kept] = listReports(home());
    for (const page of [null, "javascript:alert(1)", "file:///x", "nonsense"])
      expect(kept === undefined ? "" : issueUrl(page, kept)).toBeNull();
  });
});
