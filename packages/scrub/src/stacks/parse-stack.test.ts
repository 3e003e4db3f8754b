import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseStack } from "./parse-stack.ts";

const brief = (text: string): unknown =>
  parseStack(text)?.errors.map(
    (error) =>
      `${error.type}: ${error.value} <- ${error.frames.map((each) => `${each.function}@${each.filename}:${each.line}${each.in_app === true ? "" : "-"}`).join(" ")}`,
  );

describe("V8", () => {
  it("reads an uncaught error with causes, oldest cause first", () => {
    expect(
      brief(`a log line
/srv/app/c1.js:3
async function main(){ throw new PaymentError('charge failed') }
                       ^

PaymentError: charge failed
    at new Foo (/srv/app/c1.js:3:63)
    at Object.<anonymous> (/srv/app/node_modules/x/y.js:1:2)
    at file:///srv/app/z.mjs:4:5
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {
  code: 'E1',
  [cause]: Error: mid
      at main (/srv/app/c1.js:3:105) {
    [cause]: TypeError: no db
    second line
        at inner (/srv/app/c1.js:2:43)
        ... 4 lines matching cause stack trace ...
        at async main (C:\\app\\c1.js:3:30)
  }
}

Node.js v26.10.0
`),
    ).toEqual([
      "TypeError: no db\n    second line <- main@C:\\app\\c1.js:3 inner@/srv/app/c1.js:2",
      "Error: mid <- main@/srv/app/c1.js:3",
      "PaymentError: charge failed <- process.processTicksAndRejections@node:internal/process/task_queues:95- null@/srv/app/z.mjs:4 Object.<anonymous>@/srv/app/node_modules/x/y.js:1- new Foo@/srv/app/c1.js:3",
    ]);
  });

  it("keeps the members of an AggregateError before the thrown one", () => {
    expect(
      brief(`AggregateError: all failed
    at f (/s/c5.js:1:21) {
  [errors]: [
    Error: a1
        at f (/s/c5.js:1:41)
        at node:internal/main/run_main_module:33:47,
    TypeError: b1
        at f (/s/c5.js:1:58)
  ]
}`),
    ).toEqual([
      "TypeError: b1 <- f@/s/c5.js:1",
      "Error: a1 <- null@node:internal/main/run_main_module:33- f@/s/c5.js:1",
      "AggregateError: all failed <- f@/s/c5.js:1",
    ]);
  });

  it("takes the last crash of a tail, not an error that was logged before", () => {
    expect(brief("Error: logged\n    at a (/s/a.js:1:1)\nmore\nRangeError: fatal\n    at b (/s/b.js:1:1)\n")).toEqual([
      "RangeError: fatal <- b@/s/b.js:1",
    ]);
  });

  it("adds the place in front to a SyntaxError, whose frames are all Node's own", () => {
    expect(
      brief(
        "/s/c3.js:2\n\n\n\nSyntaxError: Unexpected end of input\n    at wrapSafe (node:internal/modules/cjs/loader:1:2)\n\nNode.js v26.1.0",
      ),
    ).toEqual(["SyntaxError: Unexpected end of input <- wrapSafe@node:internal/modules/cjs/loader:1- null@/s/c3.js:2"]);
  });

  it("reads what was thrown without a stack", () => {
    expect(
      brief(
        '/s/c2.js:1\nthrow "text 42"\n^\ntext 42\n(Use `node --trace-uncaught ...` to show where the exception was thrown)\n',
      ),
    ).toEqual(["null: text 42 <- null@/s/c2.js:1"]);
  });

  it("takes the reason out of an unhandled rejection", () => {
    const said =
      'This error originated either by throwing inside of an async function without a catch block, or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason "out of paper".';
    expect(
      parseStack(
        `UnhandledPromiseRejection: ${said}\n    at throwUnhandledRejectionsMode (node:internal/process/promises:322:7) {\n  code: 'X'\n}`,
      )?.errors[0]?.value,
    ).toBe("out of paper");
  });
});

describe("Python", () => {
  it("reads a chain in its own order, without carets and repeat lines", () => {
    expect(
      brief(`Traceback (most recent call last):
  File "/srv/p.py", line 3, in f
    if n: return f(n-1)
                 ^^^^^^
  [Previous line repeated 3 more times]
  File "/usr/lib/python3.11/json/decoder.py", line 353, in raw_decode
    obj, end = self.scan_once(s, idx)
json.decoder.JSONDecodeError: Expecting property name: line 1

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/p.py", line 10, in h
    g()
KeyError: 'k'
`),
    ).toEqual([
      "JSONDecodeError: Expecting property name: line 1 <- f@/srv/p.py:3 raw_decode@/usr/lib/python3.11/json/decoder.py:353-",
      "KeyError: 'k' <- h@/srv/p.py:10",
    ]);
  });

  it("reads a script that does not compile", () => {
    expect(brief("  File \"/srv/p3.py\", line 1\n    foo(\n       ^\nSyntaxError: '(' was never closed\n")).toEqual([
      "SyntaxError: '(' was never closed <- null@/srv/p3.py:1",
    ]);
  });

  it("tolerates exception groups, the group being the thrown error", () => {
    const errors = parseStack(`  + Exception Group Traceback (most recent call last):
  |   File "/srv/p.py", line 3, in <module>
  |     f()
  | ExceptionGroup: eg (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/p.py", line 1, in a
    |     raise ValueError("v")
    | ValueError: v
    +------------------------------------`)?.errors;
    expect(errors?.map((error) => error.type)).toEqual(["ValueError", "ExceptionGroup"]);
  });
});

describe("anything", () => {
  it("is null without a stack, and no text breaks it", () => {
    expect(parseStack("all is well\nat least 5 things")).toBeNull();
    const parts = fc.constantFrom(
      "    at a (/x.js:1:2)",
      "Error: x",
      "    at ",
      "^",
      "/x.js:3",
      "Traceback (most recent call last):",
      '  File "x", line 3, in f',
      "  | ",
      "ValueError: y",
      "[cause]: Error: z",
      "",
      "  + Exception Group Traceback (most recent call last):",
      "During handling of the above exception, another exception occurred:",
      "\u001b[31m",
      "\0",
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (lines) => {
        const parsed = parseStack(lines.join("\n"));
        expect(parsed === null || parsed.errors.length > 0).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
