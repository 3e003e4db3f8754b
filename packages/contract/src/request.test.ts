import { expect, it } from "vitest";
import { OPERATIONS, type Operation } from "./operations/index.ts";
import { requestOf } from "./request.ts";

it.each([
  ["GET /v1/faults", {}, { method: "GET", path: "/v1/faults", body: null }],
  ["GET /v1/faults", { q: "a b&c", limit: 5, cursor: undefined }, { path: "/v1/faults?q=a+b%26c&limit=5" }],
  ["GET /v1/faults/:id/events/:event", { id: "a", event: "b" }, { path: "/v1/faults/a/events/b" }],
  [
    "POST /v1/faults/:id/merge",
    { id: "../x?", fault: "y" },
    { path: "/v1/faults/..%2Fx%3F/merge", body: '{"fault":"y"}' },
  ],
  ["POST /v1/kill", {}, { body: "{}" }],
  ["DELETE /v1/grouping-rules/:id", { id: "r" }, { method: "DELETE", path: "/v1/grouping-rules/r", body: null }],
])("%s with %j becomes %j", (route, input, request) => {
  expect(requestOf(route, input)).toMatchObject(request);
});

it("leaves the input as it was", () => {
  const input = { id: "a", fault: "b" };
  requestOf("POST /v1/faults/:id/merge", input);
  expect(input).toEqual({ id: "a", fault: "b" });
});

// What `requestOf` rests on.
it.each(Object.entries<Operation>(OPERATIONS))("%s can be called with one flat input", (_id, operation) => {
  const { method, path, params, query, body, output, status } = operation;
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
  expect(Object.keys(params?.shape ?? {}).toSorted()).toEqual(inPath.toSorted());
  expect(method === "POST" ? query : body).toBeUndefined();
  const names = [params, query, body].flatMap((part) => Object.keys(part?.shape ?? {}));
  expect(names).toEqual([...new Set(names)]);
  for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
  expect(output.safeParse(undefined).success).toBe(status === 204);
});

it("gives no address to two operations, and reads with GET alone", () => {
  const routes = Object.values<Operation>(OPERATIONS).map(({ method, path }) => `${method} ${path}`);
  expect(routes).toEqual([...new Set(routes)]);
  for (const { method, effect } of Object.values<Operation>(OPERATIONS))
    expect(method === "GET").toBe(effect === "read");
});
