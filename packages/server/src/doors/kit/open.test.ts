import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import type { Door } from "../door.ts";
import { openHouse } from "./house-fixture.ts";

const PATH = /^\/tiny\/(\d+)\/(\w+)$/;

/** All of a door: where it stands, and what a body means. The rest is the kit's. */
const tinyDoor: Door = {
  name: "tiny",
  reasons: new Set(["tiny.blank"]),
  takes: ({ url }) => PATH.test(url),
  open: ({ lose }) => ({
    async receive(arrival) {
      const [, number = "", key = ""] = PATH.exec(arrival.request.url) ?? [];
      const projectId = await arrival.enter(number, key);
      const text = (await arrival.body(2_000)).toString();
      if (text === "break") throw new Error("hunter2");
      if (text === "") lose(projectId, [{ reason: "tiny.blank", quantity: 1 }]);
      if (text === "invent") lose(projectId, [{ reason: "hunter2", quantity: 3 }]);
      return { status: 200, headers: {}, body: text };
    },
  }),
};

/** The doors of the house and one line more. */
const openTiny = (given: Omit<Parameters<typeof openHouse>[0] & object, "more"> = {}) =>
  openHouse({ inFlight: 1_000_000, ...given, more: [tinyDoor] });

const sum = (reason: string, quantity = 1) => ({ projectId: "default", reason, quantity });

it("mounts a door by one line, beside the others", async () => {
  await using tiny = await openTiny();
  const answer = await tiny.post(`/tiny/${tiny.number}/${tiny.key}`, "hello");
  expect([answer.status, await answer.text()]).toEqual([200, "hello"]);
  expect((await tiny.post("/v1/crash", "{}")).status).toBe(202);
  expect((await tiny.post(`/api/${tiny.number}/envelope/?sentry_key=${tiny.key}`, "{}")).status).toBe(200);
  expect(await (await tiny.post("/tiny", "")).text()).toBe("nobody's");
  expect(tiny.lost.filter(({ reason }) => !reason.startsWith("crash."))).toEqual([]);
});

it("gives it decompression and bounds, and counts what is over them", async () => {
  await using tiny = await openTiny();
  const post = (body: RequestInit["body"], encoding?: string) =>
    tiny.post(`/tiny/${tiny.number}/${tiny.key}`, body, encoding === undefined ? {} : { "content-encoding": encoding });
  expect(await (await post(new Uint8Array(gzipSync("packed")), "gzip")).text()).toBe("packed");
  expect((await post("x".repeat(2_001))).status).toBe(413);
  expect((await post(new Uint8Array(gzipSync("x".repeat(2_001))), "gzip")).status).toBe(413);
  expect((await post("x", "rot13")).status).toBe(400);
  expect((await post("x", "gzip")).status).toBe(400);
  expect(tiny.lost).toEqual([sum("door.too_large"), sum("door.too_large"), sum("door.encoding"), sum("door.encoding")]);
});

it("gives it projects: an unknown one is nobody's loss, a wrong key is the project's", async () => {
  await using tiny = await openTiny();
  const unknown = await tiny.post(`/tiny/4711/${tiny.key}`, "x");
  expect([unknown.status, await unknown.json()]).toEqual([
    404,
    { error: expect.objectContaining({ code: "PRUNELLA_INGEST_PROJECT_UNKNOWN" }) },
  ]);
  expect((await tiny.post(`/tiny/${tiny.number}/${"0".repeat(32)}`, "x")).status).toBe(403);
  expect(tiny.lost).toEqual([sum("door.key_wrong")]);
});

it("gives it back-pressure of its project before the body is read, and of the shared memory", async () => {
  await using full = await openTiny({
    pressure: (projectId) => (projectId === "default" ? { reason: "new_faults", retryAfterS: 17 } : null),
  });
  const answer = await full.post(`/tiny/${full.number}/${full.key}`, "x".repeat(5_000));
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "17"]);
  expect(full.lost).toEqual([sum("door.new_faults")]);
  await using small = await openTiny({ inFlight: 1_024 });
  // Packed and unpacked are there together for a moment.
  const packed = new Uint8Array(gzipSync("x".repeat(1_020)));
  const busy = await small.post(`/tiny/${small.number}/${small.key}`, packed, { "content-encoding": "gzip" });
  expect([busy.status, busy.headers.get("retry-after")]).toEqual([429, "10"]);
  expect(small.lost).toEqual([sum("door.busy")]);
});

it("says nothing of what breaks behind it, and counts it", async () => {
  await using tiny = await openTiny();
  const answer = await tiny.post(`/tiny/${tiny.number}/${tiny.key}`, "break");
  expect(answer.status).toBe(429);
  expect(await answer.text()).not.toContain("hunter2");
  expect(tiny.lost).toEqual([sum("door.not_stored")]);
});

it("counts its own reasons by its list, and a word on no list as `door.other`", async () => {
  await using tiny = await openTiny();
  await tiny.post(`/tiny/${tiny.number}/${tiny.key}`, "");
  await tiny.post(`/tiny/${tiny.number}/${tiny.key}`, "invent");
  expect(tiny.lost).toEqual([sum("tiny.blank"), sum("door.other", 3)]);
});
