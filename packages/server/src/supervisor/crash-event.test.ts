import { Event, type CrashBody } from "@prunella/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { crashEvent } from "./crash-event.ts";

const body = (over: Partial<CrashBody>): CrashBody => ({
  event_id: "a".repeat(32),
  at: 1_000,
  exit_code: 3,
  signal: null,
  stderr_tail: "",
  uptime_ms: 5,
  platform: "linux",
  ...over,
});
const event = (over: Partial<CrashBody>) => crashEvent("program:shop", body(over), 2_000);

test("a crash without a word is told by how it ended", () => {
  expect(event({})).toMatchObject({
    message: "exited with code 3",
    exit_code: 3,
    target: "program:shop",
    trust: "local",
    source: "supervisor",
    level: "fatal",
    stack_text: null,
  });
  expect(event({ exit_code: null, signal: "SIGSEGV" })).toMatchObject({
    message: "killed by SIGSEGV",
    signal: "SIGSEGV",
  });
});

test("a stack becomes frames and names the error", () => {
  const thrown = event({
    stderr_tail: "/app/a.js:1\n\nTypeError: x is not a function\n    at pay (/app/a.js:1:5)\n\nNode.js v26.10.0\n",
  });
  expect(thrown.message).toBe("TypeError: x is not a function");
  expect(thrown.errors).toMatchObject([{ type: "TypeError", frames: [{ function: "pay" }] }]);
});

test("an ordinary last line of a log does not name the crash", () => {
  expect(event({ stderr_tail: "GET /orders 200 12ms\nGET /pay 200 9ms\n" }).message).toBe("exited with code 3");
  expect(event({ stderr_tail: "ERROR cannot open cache\nclosing connections\n" }).message).toBe(
    "ERROR cannot open cache",
  );
});

test("colours and bytes that no database takes are left out", () => {
  const { message, stack_text } = event({ stderr_tail: "\u001b[1;31mfatal: no\u0000disk\u001b[0m\r\n" });
  expect(message).toBe("fatal: no\uFFFDdisk");
  expect(stack_text).toBe("fatal: no\uFFFDdisk\n");
});

test("of a long tail whole last lines are kept, so that no half of a secret stands first", () => {
  const lines = Array.from({ length: 900 }, (_, at) => `line ${at} of a long story`);
  const { stack_text } = event({ stderr_tail: lines.join("\n") });
  expect(stack_text).toMatch(/^line /);
  expect(stack_text?.length).toBeGreaterThan(16_000);
  expect(stack_text?.endsWith(lines.at(-1) ?? "?")).toBe(true);
});

test("a clock in the future is taken back to the time of receipt", () => {
  expect(event({ at: 9_000 }).at).toBe(2_000);
});

test("whatever stands on stderr, the event is one that the contract allows", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 3_000 }), (stderr_tail) => {
      const made = event({ stderr_tail });
      expect(Event.safeParse(made).success).toBe(true);
      expect(made.message?.length).toBeLessThanOrEqual(1_000);
    }),
  );
});
