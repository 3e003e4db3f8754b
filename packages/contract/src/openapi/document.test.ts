import { describe, expect, it } from "vitest";
import { isRecord, resolve } from "../../../../test/json-schema.ts";
import { OPERATIONS, type Operation } from "../operations/index.ts";
import { openApiDocument } from "./document.ts";

/** As a reader gets it. */
const document: unknown = JSON.parse(JSON.stringify(openApiDocument()));
const record = (value: unknown): Record<string, unknown> => {
  if (!isRecord(value)) throw new Error(`${JSON.stringify(value)} is no object`);
  return value;
};
const root = record(document);
const components = record(root["components"]);
const paths = Object.entries(record(root["paths"]));
const described = paths.flatMap(([path, item]) =>
  Object.entries(record(item)).map(([method, operation]) => ({ path, method, operation: record(operation) })),
);

/** Every object in the document with the way to it. */
function* objects(value: unknown, at = "#"): Generator<[string, Record<string, unknown>]> {
  if (isRecord(value)) yield [at, value];
  if (typeof value !== "object" || value === null) return;
  for (const [name, part] of Object.entries(value)) yield* objects(part, `${at}/${name}`);
}

/** The rules of the official schema of OpenAPI 3.1 that concern what the document has. */
describe("the OpenAPI document", () => {
  it("is of version 3.1, has a title and a version, and nothing that the format does not know", () => {
    expect(root["openapi"]).toMatch(/^3\.1\.\d+$/);
    expect(root["info"]).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    expect(Object.keys(root).toSorted()).toEqual(["components", "info", "openapi", "paths", "servers"]);
    expect(Object.keys(components).toSorted()).toEqual(["responses", "schemas", "securitySchemes"]);
  });

  it("describes every operation of the table, and no other", () => {
    const ids = described.map(({ operation }) => operation["operationId"]);
    expect(ids.toSorted()).toEqual(Object.keys(OPERATIONS).toSorted());
    for (const { path, method, operation } of described) {
      const given: Operation | undefined = Object.entries<Operation>(OPERATIONS).find(
        ([id]) => id === operation["operationId"],
      )?.[1];
      expect(`${given?.method} ${given?.path}`).toBe(`${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`);
      expect(operation["x-effect"]).toBe(given?.effect);
      expect([operation["x-who"], operation["x-within"]]).toEqual([given?.who, given?.within]);
    }
  });

  it("knows no fields of an operation but those of the format, and extensions", () => {
    const known = ["operationId", "summary", "security", "parameters", "requestBody", "responses"];
    const others = described.flatMap(({ operation }) =>
      Object.keys(operation).filter((name) => !known.includes(name) && !name.startsWith("x-")),
    );
    expect(others).toEqual([]);
  });

  it.each(described)(
    "$method $path names each part of its path once, and each parameter has a place and a schema",
    ({ path, operation }) => {
      const parameters = (Array.isArray(operation["parameters"]) ? operation["parameters"] : []).map(record);
      const inPath = parameters.filter((parameter) => parameter["in"] === "path");
      expect(path).toMatch(/^\//);
      expect(inPath.map(({ name }) => name).toSorted()).toEqual(
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).toSorted(),
      );
      for (const parameter of inPath) expect(parameter["required"]).toBe(true);
      for (const parameter of parameters) {
        expect(parameter["in"]).toMatch(/^(?:path|query)$/);
        expect(Object.keys(record(parameter["schema"]))).not.toEqual([]);
      }
      const places = parameters.map((parameter) => `${String(parameter["in"])} ${String(parameter["name"])}`);
      expect(places).toEqual([...new Set(places)]);
    },
  );

  it.each(described)(
    "$method $path says what it answers: one status of its own, and the form of errors",
    ({ operation }) => {
      const responses = record(operation["responses"]);
      const [status = "", ...more] = Object.keys(responses).filter((each) => each !== "default");
      expect([status, more]).toEqual([expect.stringMatching(/^2\d\d$/), []]);
      expect(responses["default"]).toEqual({ $ref: "#/components/responses/Error" });
      const answer = record(responses[status]);
      expect(answer["description"]).toEqual(expect.any(String));
      expect("content" in answer).toBe(status !== "204");
    },
  );

  it("refers to nothing that is not there", () => {
    const references = [...objects(document)].flatMap(([, each]) =>
      typeof each["$ref"] === "string" ? [each["$ref"]] : [],
    );
    expect(references.length).toBeGreaterThan(100);
    expect(references.filter((each) => !each.startsWith("#/") || resolve(document, each) === undefined)).toEqual([]);
  });

  it("defines no schema that nothing refers to", () => {
    const text = JSON.stringify(document);
    const unused = Object.keys(record(components["schemas"])).filter(
      (name) => !text.includes(`"#/components/schemas/${name}"`),
    );
    expect(unused).toEqual([]);
  });

  it("names components as the format allows", () => {
    for (const group of Object.values(components))
      for (const name of Object.keys(record(group))) expect(name).toMatch(/^[a-zA-Z0-9._-]+$/);
  });

  it("asks for no security scheme that it does not define", () => {
    const schemes = Object.keys(record(components["securitySchemes"]));
    const asked = described.flatMap(({ operation }) =>
      (Array.isArray(operation["security"]) ? operation["security"] : []).flatMap((each) => Object.keys(record(each))),
    );
    expect(new Set(asked)).toEqual(new Set(schemes));
    // An empty list means that anyone may call.
    expect(
      described
        .filter(({ operation }) => JSON.stringify(operation["security"]) === "[]")
        .map(({ operation }) => operation["operationId"]),
    ).toEqual(
      Object.entries<Operation>(OPERATIONS)
        .filter(([, { who }]) => who === "anyone")
        .map(([id]) => id),
    );
  });

  it("holds schemas of the draft's own types, with patterns that compile and required names that exist", () => {
    const TYPES = ["string", "integer", "number", "boolean", "object", "array", "null"];
    for (const [at, schema] of objects(root["components"])) {
      if (/\/properties$|\/securitySchemes\/[^/]+$/.test(at)) continue;
      const types = [schema["type"]].flat().filter((type) => type !== undefined);
      expect(types.filter((type) => typeof type !== "string" || !TYPES.includes(type))).toEqual([]);
      if (typeof schema["pattern"] === "string") expect(() => new RegExp(String(schema["pattern"]), "u")).not.toThrow();
      if (Array.isArray(schema["required"]) && isRecord(schema["properties"]))
        expect(Object.keys(schema["properties"])).toEqual(expect.arrayContaining(schema["required"]));
      expect(Object.keys(schema)).not.toContain("$id");
    }
  });
});
