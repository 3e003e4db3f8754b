import { encodedMap, TraceMap, type EncodedSourceMap } from "@jridgewell/trace-mapping";
import type { ErrorValue, Frame } from "@prunella/contract";

/** `[built column, source, line, column, name]`, all from 0, as in the standard. */
export type Segment = [number] | [number, number, number, number] | [number, number, number, number, number];

export const PAY = "export function charge(amount) {\n  const cents = toCents(amount);\n  return cents;\n}\n";

/** A map of one built line, `function n(t){return e(t)}n(1)`, unless other segments are given. */
export function aMap(given: Partial<Omit<EncodedSourceMap, "mappings">> = {}, lines?: Segment[][]): EncodedSourceMap {
  const standard: Segment[][] = [
    [
      [0, 0, 0, 7],
      [9, 0, 0, 16, 0],
      [20, 0, 1, 16, 1],
    ],
  ];
  const { version, sources, names, mappings } = encodedMap(
    new TraceMap({
      version: 3,
      sources: ["../src/pay.ts"],
      names: ["charge", "toCents"],
      mappings: lines ?? standard,
    }),
  );
  return { version, sources, names, mappings, sourcesContent: [PAY], ...given };
}

export const aFrame = (given: Partial<Frame> = {}): Frame => ({
  function: "n",
  module: "assets/app",
  filename: "https://shop.example.org/assets/app.js",
  line: 1,
  column: 21,
  in_app: true,
  context_line: "function n(t){return e(t)}n(1)",
  pre_context: [],
  post_context: [],
  ...given,
});

export const anError = (...frames: Frame[]): ErrorValue => ({
  type: "TypeError",
  value: "x is undefined",
  module: null,
  handled: false,
  mechanism: null,
  frames,
});
