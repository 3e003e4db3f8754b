import { describe, expect, it } from "vitest";
import { plainMessage, writeJsonLog } from "./json-log.ts";
import { parseStack } from "./parse-stack.ts";

const line = (fields: object): string => JSON.stringify(fields);
const stack = "TypeError: no perch\n    at perch (/srv/aviary/perch.js:3:9)\n    at main (/srv/aviary/main.js:7:1)";

describe("a log line in JSON", () => {
  it.each([
    ["pino", { level: 60, msg: "uncaught", err: { type: "TypeError", message: "no perch", stack } }],
    ["bunyan", { level: 50, msg: "no perch", err: { name: "TypeError", message: "no perch", stack } }],
    ["winston", { level: "error", message: "uncaughtException: no perch", stack, exception: true }],
    ["ECS", { "log.level": "error", error: { type: "TypeError", message: "no perch", stack_trace: stack } }],
    ["flat names", { level: "ERROR", "error.type": "TypeError", "error.stack": stack, message: "x" }],
    ["a cloud's", { severity: "ERROR", message: stack }],
    ["Lambda", { errorType: "TypeError", errorMessage: "no perch", trace: stack.split("\n"), level: "ERROR" }],
    [
      "frames without their head",
      { level: 60, err: { type: "TypeError", message: "no perch", stack: stack.slice(20) } },
    ],
  ])("is read as a console would show it: %s", (_name, fields) => {
    const thrown = parseStack(line(fields))?.errors.at(-1);
    expect([thrown?.type, thrown?.value, thrown?.frames.at(-1)?.function]).toEqual(["TypeError", "no perch", "perch"]);
  });

  it("reads zap's and zerolog's stacks, log4j's and structlog's lists of frames", () => {
    const zap = {
      level: "fatal",
      msg: "cannot open",
      error: "no nest",
      stacktrace: "main.open\n\t/srv/nest/main.go:6",
    };
    expect(parseStack(line(zap))).toMatchObject({
      language: "go",
      errors: [{ type: null, value: "cannot open: no nest", frames: [{ function: "main.open", line: 6 }] }],
    });
    const zerolog = {
      level: "fatal",
      message: "cannot open",
      stack: [{ func: "main.open", line: "6", source: "m.go" }],
    };
    expect(parseStack(line(zerolog))?.errors[0]?.frames).toHaveLength(1);
    const thrown = {
      name: "nest.EggException",
      message: "cracked",
      extendedStackTrace: [{ class: "nest.Egg", method: "hatch", file: "Egg.java", line: 4 }],
    };
    expect(parseStack(line({ level: "ERROR", message: "x", thrown }))?.errors[0]).toMatchObject({
      type: "EggException",
      value: "cracked",
      frames: [{ function: "hatch", module: "nest.Egg", line: 4 }],
    });
    const exception = [
      { exc_type: "KeyError", exc_value: "'egg'", frames: [{ filename: "n.py", lineno: 3, name: "take" }] },
    ];
    expect(parseStack(line({ level: "error", event: "x", exception }))?.language).toBe("python");
  });

  it("is read where it was cut, and in logfmt, by the stack that it holds", () => {
    const whole = line({ level: 60, hostname: "web", err: { message: "no perch", stack }, msg: "uncaught" });
    for (const text of [whole.slice(20), `level=error msg=uncaught stack=${JSON.stringify(stack)}`])
      expect(parseStack(text)?.errors[0]).toMatchObject({
        type: "TypeError",
        value: "no perch",
        frames: [{ function: "main" }, { function: "perch" }],
      });
  });

  it("is one raw line where Docker keeps it so", () => {
    const lines = stack
      .split("\n")
      .map((each) => line({ log: `${each}\n`, stream: "stderr", time: "2026-11-29T10:00:00Z" }));
    expect(parseStack(lines.join("\n"))?.errors[0]).toMatchObject({ type: "TypeError", value: "no perch" });
  });

  it("is left alone when it tells of no failure, or is no JSON", () => {
    expect(writeJsonLog(line({ level: 30, msg: "no error at all" }))).toBeNull();
    expect(writeJsonLog(line({ level: "info", err: { message: "handled", stack } }))).toBeNull();
    expect(writeJsonLog('{"level": "error", "message": "cut of')).toBeNull();
  });

  it.each([
    [{ req: { level: 30 }, level: 60 }],
    [{ msg: '"level":30, said somebody', level: 60 }],
    [{ log: { level: "info" }, level: "error" }],
  ])("is read by its own level, and not by one that only looks like it (%j)", (fields) => {
    const read = parseStack(line({ ...fields, err: { type: "TypeError", message: "no perch", stack } }));
    expect(read?.errors[0]?.type).toBe("TypeError");
  });

  it("never becomes a title as it stands", () => {
    expect(plainMessage(line({ level: "error", msg: "no perch", user: 3 }))).toBe("no perch");
    expect(plainMessage(line({ code: "E7", at: { shelf: 3 } }))).toBe("code E7, at.shelf 3");
    expect(plainMessage(line(["cannot fold", { message: "no perch" }]))).toBe("cannot fold no perch");
    expect(plainMessage('{"level":"error","msg":"no \\"perch\\" left","stack":"Err')).toBe('no "perch" left');
    expect(plainMessage("no {json} here")).toBe("no {json} here");
    expect(plainMessage(`cannot fold ${line({ name: "PerchError", message: "no perch" })}`)).toBe(
      "cannot fold PerchError: no perch",
    );
    const other = `cannot fold ${line({ name: "heron", message: "wings" })}`;
    expect(plainMessage(other)).toBe(other);
  });
});
