import { PrunellaError } from "@prunella/contract";
import { expect, inject, it } from "vitest";
import { createReadiness, type Need } from "../../packages/server/src/http/ready.ts";
import { DOORS } from "../../packages/server/src/doors/index.ts";
import { troubleDoor } from "../../packages/server/src/doors/thread/trouble-fixture.ts";
import { createPostgresDatabase } from "../engines.ts";
import { openServer } from "./server-fixture.ts";

const well = async (): Promise<void> => undefined;
const wells = { database: well, writer: well, ledger: well, doors: well };

it.each([
  ["database", "the database cannot be read"],
  ["writer", "nothing can be written to the database"],
  ["ledger", "the ledger's files cannot be written"],
  ["doors", "the thread of the doors is away"],
] as const)("is not ready without the %s, and says so in words of its own", async (need: Need, why) => {
  const secret = ["postgres://prunella:", "hunter2", "@db"].join("");
  const throws = createReadiness(
    { ...wells, [need]: () => Promise.reject(new PrunellaError("PRUNELLA_INTERNAL", { detail: secret })) },
    () => 0,
  );
  expect(await throws()).toEqual([why]);
  const saysNo = createReadiness({ ...wells, [need]: async () => false }, () => 0);
  expect(await saysNo()).toEqual([why]);
});

it("gives up on what never answers, and looks once for many who ask", async () => {
  let looks = 0;
  const hangs = () => {
    looks += 1;
    return new Promise<never>(() => undefined);
  };
  let now = 0;
  const readiness = createReadiness({ ...wells, writer: hangs }, () => now);
  const all = await Promise.all(Array.from({ length: 20 }, () => readiness()));
  expect(new Set(all.flat())).toEqual(new Set(["nothing can be written to the database"]));
  expect(looks).toBe(1);
  now = 1_000;
  await readiness();
  expect(looks).toBe(2);
});

it.each(inject("postgresUrl") === null ? ["sqlite"] : ["sqlite", "postgres"])(
  "a server on %s is ready when it serves, to anybody, and not while its doors are away",
  async (engine) => {
    const entry = new URL("../../packages/server/src/doors/thread/trouble-entry-fixture.ts", import.meta.url);
    await using fixture = await openServer(
      { store: { url: engine === "postgres" ? await createPostgresDatabase() : null } },
      { log: { info() {}, warn() {} }, doors: { doors: [troubleDoor, ...DOORS], entry, answerWithinMs: 1_500 } },
    );
    const { url } = fixture.server;
    const ready = async (): Promise<unknown> => {
      const response = await fetch(`${url}/readyz`);
      return [response.status, await response.json()];
    };
    await expect.poll(ready, { timeout: 60_000 }).toEqual([200, { status: "ready", reasons: [] }]);
    await fetch(`${url}/trouble/end/1/${fixture.key}`, { method: "POST" }).catch(() => undefined);
    // Until the thread is there again.
    await expect
      .poll(ready, { interval: 20, timeout: 60_000 })
      .toEqual([503, { status: "not_ready", reasons: ["the thread of the doors is away"] }]);
    await expect.poll(ready, { timeout: 60_000 }).toEqual([200, { status: "ready", reasons: [] }]);
  },
  180_000,
);
