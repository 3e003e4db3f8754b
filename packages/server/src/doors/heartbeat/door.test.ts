import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHouse } from "../kit/house-fixture.ts";

describe("the door of heartbeats", () => {
  let house: Awaited<ReturnType<typeof openHouse>>;
  let key = "";
  beforeAll(async () => {
    house = await openHouse();
    const given = { project: "default", target: null, cron: null, time_zone: "UTC", grace: 0, max_runtime: null };
    key = (await house.kernel.heartbeats.add({ ...given, name: "nightly", every: 3_600_000 })).key;
  });
  afterAll(() => house[Symbol.asyncDispose]());

  const ask = (path: string, given: RequestInit = {}) => fetch(`${house.url}/v1/heartbeat/${path}`, given);
  const bearer = () => ({ authorization: `Bearer ${key}` });
  const state = async () => house.kernel.heartbeats.show("default", "nightly");

  it.each(["POST", "GET", "HEAD"])(
    "takes a sign of life by %s, with the key in the query or as a bearer",
    async (method) => {
      const plain = await ask("nightly", { method, headers: bearer() });
      expect(plain.status).toBe(200);
      if (method !== "HEAD") expect(await plain.text()).toBe('{"ok":true}');
      expect((await ask(`nightly?key=${key}`, { method })).status).toBe(200);
      expect(await state()).toMatchObject({ status: "healthy" });
    },
  );

  it("knows the suffixes of cron monitors", async () => {
    await ask("nightly/start", { headers: bearer() });
    expect((await state()).started_at).not.toBeNull();
    await ask("nightly/7", { method: "POST", headers: bearer(), body: "no space left" });
    expect(await state()).toMatchObject({
      status: "unhealthy",
      detail: "It ended with exit code 7.",
      said: "no space left",
    });
    await ask("nightly/0", { headers: bearer() });
    expect(await state()).toMatchObject({ status: "healthy" });
    await ask("nightly/fail", { headers: bearer() });
    expect(await state()).toMatchObject({ status: "unhealthy" });
  });

  it("answers a wrong key, no key and a name that nobody has alike", async () => {
    const answers = await Promise.all(
      [
        ask("nightly", { headers: { authorization: "Bearer wrong" } }),
        ask("nightly?key=wrong"),
        ask("nightly"),
        ask("nobody", { headers: bearer() }),
        ask(`nobody/fail?key=${key}`),
        ask(`%2fetc?key=${key}`),
        ask(`nightly/256?key=${key}`),
        ask(`nightly?key=${"x".repeat(5_000)}`),
      ].map(async (asked) => {
        const answer = await asked;
        return [answer.status, await answer.text()].join(" ");
      }),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^404 /);
    expect(answers[0]).not.toContain(key);
  });

  it("holds back who says it too often, and nobody else", async () => {
    const statuses = new Set<number>();
    for (let at = 0; at < 140; at += 1) statuses.add((await ask("loud?key=guess")).status);
    expect([...statuses].toSorted()).toEqual([404, 429]);
    expect((await ask("nightly", { headers: bearer() })).status).toBe(200);
  });

  it("counts the sign of life of a body that cannot be read", async () => {
    const big = await ask("nightly", { method: "POST", headers: bearer(), body: "x".repeat(1_000_000) });
    expect(big.status).toBe(200);
    expect(await state()).toMatchObject({ status: "healthy", said: "" });
  });
});
