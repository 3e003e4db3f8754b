import { expect, it } from "vitest";
import { createClient, type WireRequest } from "./client.ts";
import { PrunellaError } from "./errors.ts";

/** A client whose server answers every call with the same. */
function clientOf(status: number, text: string) {
  const seen: WireRequest[] = [];
  const call = createClient(
    async (request) => {
      seen.push(request);
      return { status, text };
    },
    () => new PrunellaError("PRUNELLA_SERVER_NOT_FOUND"),
  );
  return { call, seen };
}

const kill = { on: true, since: 5, by: { kind: "person", id: "operator" } };

it("sends what the table says and gives what the schema allows", async () => {
  const { call, seen } = clientOf(200, JSON.stringify(kill));
  expect(await call("kill")).toEqual(kill);
  expect(seen).toEqual([{ method: "POST", path: "/v1/kill", body: "{}" }]);
});

it("lets a newer server say more, at any depth, and gives what this version knows", async () => {
  const key = { public_key: "k", dsn: "http://x", created_at: 1, ends_at: null };
  const kept = {
    id: "shop",
    title: "Shop",
    dsn: "http://x",
    dsn_id: "1",
    created_at: 1,
    fault_count: 0,
    deletes_at: null,
  };
  const project = { ...kept, keys: [key] };
  const { call } = clientOf(
    200,
    JSON.stringify({ projects: [{ ...kept, keys: [{ ...key, colour: "blue" }], colour: "red" }], total: 1 }),
  );
  expect(await call("list_projects")).toEqual({ projects: [project] });
});

it.each([
  ["less", { on: true, since: 5 }, "by"],
  ["otherwise", { ...kill, on: "yes" }, "on"],
  ["more and less", { on: true, more: 1 }, "since"],
])("refuses a server that says %s than promised, and names the field", async (_how, answer, field) => {
  const { call } = clientOf(200, JSON.stringify(answer));
  await expect(call("kill")).rejects.toMatchObject({
    code: "PRUNELLA_REQUEST_INVALID",
    detail: expect.stringContaining(`${field}:`),
  });
});

it("throws the error that the server names, with its detail and hint", async () => {
  const error = { code: "PRUNELLA_NOT_FOUND", message: "There is no such thing. No fault.", hint: "List them." };
  const { call } = clientOf(404, JSON.stringify({ error }));
  await expect(call("get_fault", { id: "x" })).rejects.toMatchObject({
    code: "PRUNELLA_NOT_FOUND",
    detail: "No fault.",
    hint: "List them.",
  });
});

it.each([
  [502, "<html>"],
  [500, '{"error":{"code":"constructor","message":"","hint":null}}'],
  [200, "<html>"],
  [204, ""],
  [404, "null"],
])("calls an answer of %i with %j one of a stranger", async (status, text) => {
  await expect(clientOf(status, text).call("kill")).rejects.toMatchObject({ code: "PRUNELLA_SERVER_NOT_FOUND" });
});

it("gives nothing where there is nothing", async () => {
  expect(await clientOf(204, "").call("end_run", { run: "x" })).toBeUndefined();
});
