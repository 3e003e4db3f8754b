import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSimilarity, explainSimilarity, THRESHOLD } from "./similarity.ts";
import type { Trace } from "./version.ts";

const trace = (type: string, frames: string[], said = ""): Trace => ({ type, said, frames });
const pick = trace("TypeError", ["pick · cart.js", "place · order.js", "run · main.js"], "no item <n>");

describe("similarity", () => {
  it("attaches the same crash below another caller", () => {
    const index = createSimilarity();
    index.add("a", pick);
    expect(index.attach(trace("TypeError", ["pick · cart.js", "place · order.js", "batch · job.js"]))?.fault).toBe("a");
  });

  it("leaves another crash function, another class and a shared caller alone", () => {
    const index = createSimilarity();
    index.add("a", pick);
    expect(index.attach(trace("TypeError", ["total · bill.js", "place · order.js", "run · main.js"]))).toBeNull();
    expect(index.attach(trace("RangeError", pick.frames.slice()))).toBeNull();
    expect(index.attach(trace("TypeError", []))).toBeNull();
  });

  it("ranks functions of one class with words in common as kin, and joins them when they are tests", () => {
    const index = createSimilarity();
    index.add("a", trace("NullPointerException", ["text.Builder.appendFixedWidthPadLeft", "text.Shop.print"]));
    const right = trace("NullPointerException", ["text.Builder.appendFixedWidthPadRight", "text.Shop.show"]);
    expect(index.rank(right)[0]?.fault).toBe("a");
    expect(index.attach(right)).toBeNull();
    index.add("t", trace("AssertionError", ["text.BuilderTest.testFixedWidthPadLeft"], "no text"));
    const test = (name: string) => trace("AssertionError", [`text.BuilderTest.${name}`], "no text");
    expect(index.attach(test("testFixedWidthPadRight"))?.fault).toBe("t");
    expect(index.attach(test("testRead"))).toBeNull();
  });

  it("joins tests of two classes with one telling name and one failure, and nothing else across classes", () => {
    const index = createSimilarity();
    const failed = (frame: string, type = "AssertionError") => trace(type, [frame], "no pen");
    index.add("bar", failed("chart.BarChartTests.testDrawWithNullInfo"));
    index.add("short", failed("chart.BarChartTests.testCloning"));
    index.add("own", failed("chart.BarPlot.removeRangeMarker", "NullPointerException"));
    expect(index.attach(failed("chart.LineChartTests.testDrawWithNullInfo"))?.fault).toBe("bar");
    expect(index.attach(failed("chart.LineChartTests.testDrawWithNullInfo", "NullPointerException"))).toBeNull();
    expect(index.attach(failed("chart.LineChartTests.testCloning"))).toBeNull();
    expect(index.attach(failed("chart.LinePlot.removeRangeMarker", "NullPointerException"))).toBeNull();
    expect(index.rank(failed("chart.LinePlot.removeRangeMarker", "NullPointerException"))[0]?.fault).toBe("own");
  });

  it("ranks a test first whose name says nearly the same, in whatever class", () => {
    const index = createSimilarity();
    index.add("pen", trace("AssertionError", ["draw.PenTest.penIsNoSiblingOfItself"], "one"));
    index.add("ink", trace("AssertionError", ["draw.InkTest.driesInTheSun"], "two"));
    const brush = trace("AssertionError", ["draw.BrushTest.brushIsNoSiblingOfItself"], "one");
    expect(index.rank(brush)[0]?.fault).toBe("pen");
    expect(index.attach(brush)).toBeNull();
  });

  it("keeps callers in other files of one failing helper apart", () => {
    const index = createSimilarity();
    const called = (file: string) => trace("TypeError", ["must · check.js", `load${file} · ${file}.js`], "no value");
    index.add("cart", called("cart"));
    expect(index.attach(called("bill"))).toBeNull();
    expect(index.rank(called("bill"))[0]?.fault).toBe("cart");
    expect(index.attach(trace("TypeError", ["must · check.js", "save · cart.js"], "no value"))?.fault).toBe("cart");
  });

  it("takes frames that many faults share for next to nothing", () => {
    const index = createSimilarity();
    const failed = (name: string) =>
      trace("AssertionError", ["base.CaseTest.check", `base.${name}Test.test${name}`, `base.${name}Test.run`], "no");
    for (const name of ["Ant", "Bee", "Cat", "Dog", "Elk", "Fox"]) {
      expect(index.attach(failed(name))).toBeNull();
      index.add(name, failed(name));
    }
    expect(index.attach(failed("Elk"))?.fault).toBe("Elk");
  });

  it("attaches only to the candidates given, above the threshold given", () => {
    const index = createSimilarity();
    index.add("a", pick);
    expect(index.attach(pick, ["b"])).toBeNull();
    expect(index.attach(pick, ["a"])?.score).toBeGreaterThanOrEqual(THRESHOLD);
    expect(index.attach(pick, null, 1.1)).toBeNull();
  });

  it("answers the same when built again from its state, as JSON", () => {
    const frames = fc.array(fc.constantFrom("a · x.js", "b · x.js", "c · y.js", "d · y.js", "e · z.js"), {
      minLength: 1,
      maxLength: 5,
    });
    const traces = fc.array(fc.tuple(fc.constantFrom("1", "2", "3"), frames, fc.constantFrom("E", "F")), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(traces, frames, (known, asked) => {
        const index = createSimilarity(undefined, { maxTraces: 12 });
        for (const [fault, each, type] of known) index.add(fault, trace(type, each));
        const state = index.state();
        expect(state.traces.length).toBeLessThanOrEqual(12);
        const again = createSimilarity(JSON.parse(JSON.stringify(state)));
        const question = trace("E", asked);
        expect(
          again
            .rank(question)
            .map(({ fault }) => fault)
            .sort(),
        ).toEqual(
          index
            .rank(question)
            .map(({ fault }) => fault)
            .sort(),
        );
        for (const { score } of index.rank(question)) expect(score >= 0 && score <= 1).toBe(true);
      }),
    );
  });

  it("compares a bounded number of candidates, however common a frame is", () => {
    const index = createSimilarity();
    for (let i = 0; i < 3000; i++) index.add(`f${i}`, trace("E", ["check · assert.js", `own${i} · a${i}.js`]));
    expect(index.rank(trace("E", ["check · assert.js", "own7 · a7.js"]), 1000).length).toBeLessThanOrEqual(24);
    expect(index.rank(trace("E", ["check · assert.js", "own7 · a7.js"]))[0]?.fault).toBe("f7");
  });

  it("says which frames matched and which did not", () => {
    expect(
      explainSimilarity(pick, trace("TypeError", ["pick · cart.js", "placeAll · order.js", "batch · job.js"])),
    ).toEqual({
      score: expect.any(Number),
      frames: [
        { a: "pick · cart.js", b: "pick · cart.js", kind: "same", likeness: 1 },
        { a: "place · order.js", b: "placeAll · order.js", kind: "kin", likeness: 0.55 },
      ],
      only_a: ["run · main.js"],
      only_b: ["batch · job.js"],
      same_type: true,
      same_message: false,
    });
  });
});
