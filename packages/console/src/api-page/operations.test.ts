import document from "@prunella/contract/openapi.json" with { type: "json" };
import { OPERATIONS } from "@prunella/contract/operations";
import { expect, test } from "vitest";
import { exampleOf, fits, operationsOf } from "./operations.ts";

const rows = operationsOf(document);

test("every operation of the API is on the page, with its words and its effect", () => {
  expect(rows.map(({ id }) => id).toSorted()).toEqual(Object.keys(OPERATIONS).toSorted());
  for (const row of rows) expect([row.summary, row.effect]).not.toContain("");
});

test("an example names what has to be given, and nothing that need not be", () => {
  const of = (id: string) => rows.find((row) => row.id === id);
  const merge = of("merge_faults");
  expect(merge && exampleOf(merge)).toEqual({ method: "POST", path: "/v1/faults/ID/merge", body: '{"fault":"FAULT"}' });
  const list = of("list_faults");
  expect(list && exampleOf(list)).toEqual({ method: "GET", path: "/v1/faults", body: null });
  expect(list?.parameters.map(({ name }) => name)).toContain("status");
});

test("words are found in the address, the name and what an operation does, and all of them have to be there", () => {
  const found = (typed: string) => rows.filter((row) => fits(row, typed)).map(({ id }) => id);
  expect(found("")).toHaveLength(rows.length);
  expect(found("POST kill")).toEqual(["kill", "unkill"]);
  expect(found("merge_faults")).toEqual(["merge_faults"]);
  expect(found("kill merge")).toEqual([]);
});

test("a document that is none has no operations", () => {
  for (const none of [null, 1, {}, { paths: { "/x": { get: null } } }]) expect(operationsOf(none)).toEqual([]);
});
