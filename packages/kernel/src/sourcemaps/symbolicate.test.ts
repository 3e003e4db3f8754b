import { TraceMap } from "@jridgewell/trace-mapping";
import type { Frame } from "@prunella/contract";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anEvent } from "../../../../test/kernel-fixture.ts";
import { aFrame, aMap, anError, PAY } from "./source-map-fixture.ts";
import { symbolicate } from "./symbolicate.ts";

const through = (map: TraceMap, ...frames: Frame[]): Frame[] =>
  symbolicate(anEvent({ errors: [anError(...frames)] }), () => map).errors[0]?.frames ?? [];
const clean = (given: Parameters<typeof aMap>[0] = {}, lines?: Parameters<typeof aMap>[1]) =>
  new TraceMap(aMap({ sources: ["src/pay.ts"], ...given }, lines));

describe("symbolicate", () => {
  it("says function, file, line, column from 1, and the source around it", () => {
    expect(through(clean(), aFrame())).toEqual([
      {
        function: "charge",
        module: null,
        filename: "src/pay.ts",
        line: 2,
        column: 17,
        in_app: true,
        context_line: "  const cents = toCents(amount);",
        pre_context: ["export function charge(amount) {"],
        post_context: ["  return cents;", "}", ""],
      },
    ]);
  });

  it("names a function as its caller called it", () => {
    const [, inner] = through(clean(), aFrame(), aFrame({ function: "e", column: 1 }));
    expect(inner?.function).toBe("toCents");
  });

  it("keeps a name that was not minified, with the class before it", () => {
    const [, inner] = through(clean(), aFrame(), aFrame({ function: "Money.toCents", column: 1 }));
    expect(inner?.function).toBe("Money.toCents");
  });

  it("says no name rather than one that a minifier made up", () => {
    const map = clean({ sourcesContent: ["top(amount);\n"] }, [[[0, 0, 0, 0]]]);
    expect(through(map, aFrame({ column: 1 }))[0]?.function).toBeNull();
  });

  it("says what it knows when the map holds no source", () => {
    for (const sourcesContent of [[], [null]])
      expect(through(clean({ sources: ["a.ts"], sourcesContent }), aFrame())[0]).toMatchObject({
        function: "n",
        filename: "a.ts",
        line: 2,
        context_line: null,
        pre_context: [],
      });
  });

  it("calls packages and what the map says to ignore not our own", () => {
    const inApp = (map: TraceMap) => through(map, aFrame({ in_app: null }))[0]?.in_app;
    expect(inApp(clean())).toBeNull();
    expect(inApp(clean({ sources: ["node_modules/money/index.js"] }))).toBe(false);
    expect(inApp(clean({ ignoreList: [0] }))).toBe(false);
  });

  it("leaves alone what no map knows, and returns the very same event then", () => {
    const event = anEvent({ errors: [anError(aFrame({ line: 2 }), aFrame({ line: null }), aFrame({ column: null }))] });
    expect(symbolicate(event, () => clean())).toBe(event);
    expect(symbolicate(event, () => null)).toBe(event);
  });

  it("survives positions that are not there, of frames and of maps", () => {
    for (const [line, column] of [
      [0, 0],
      [1, 0],
      [2 ** 53 - 1, 5],
      [1, 2 ** 53 - 1],
    ] as const)
      expect(through(clean(), aFrame({ line, column }))).toHaveLength(1);
    const beyond = clean({}, [[[0, 0, 9_999_999, 9_999_999, 0]]]);
    expect(through(beyond, aFrame())[0]).toMatchObject({ line: 10_000_000, context_line: null });
    const nowhere = clean({}, [[[0, 7, 0, 0, 9]]]);
    expect(through(nowhere, aFrame())).toEqual([aFrame()]);
    const before = clean({}, [[[0, 0, -5, -5, 0]]]);
    expect(through(before, aFrame())).toEqual([aFrame()]);
  });

  it("shows at most 512 characters of a line, however long the source's is", () => {
    const map = clean({ sourcesContent: [`${"x".repeat(1_000_000)}\n${"y".repeat(1_000_000)}`] });
    const [frame] = through(map, aFrame());
    expect([frame?.context_line?.length, frame?.pre_context[0]?.length]).toEqual([512, 512]);
  });

  it("shows lines without the carriage return of Windows", () => {
    const [frame] = through(clean({ sourcesContent: [PAY.replaceAll("\n", "\r\n")] }), aFrame());
    expect([frame?.context_line, frame?.post_context]).toEqual([
      "  const cents = toCents(amount);",
      ["  return cents;", "}", ""],
    ]);
  });

  it("keeps as many errors and frames as came (law)", () => {
    const map = clean();
    const position = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 40 }), fc.maxSafeNat());
    fc.assert(
      fc.property(fc.array(fc.record({ line: position, column: position }), { maxLength: 30 }), (given) => {
        expect(through(map, ...given.map((each) => aFrame(each)))).toHaveLength(given.length);
      }),
    );
  });
});
