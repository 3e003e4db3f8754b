import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { openHouse, TOKEN } from "../kit/house-fixture.ts";
import { aBuild, aMap, sha1 } from "./bundle-fixture.ts";

const ID = "a63a6675-53f6-54d4-9c2e-dd4122b15e05";

async function open() {
  const house = await openHouse();
  const { url } = house;
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${url}/api/0${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      body: body === undefined ? null : body instanceof FormData ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    const said: unknown = text === "" ? null : JSON.parse(text);
    return [answer.status, said] as const;
  };
  return {
    url,
    ask,
    kernel: house.kernel,
    /** As a client sends it: asked first, then in chunks, packed and plain, then asked again. */
    async upload(bundle: Buffer, more: object = {}) {
      const half = Math.ceil(bundle.length / 2);
      const pieces = [bundle.subarray(0, half), bundle.subarray(half)];
      const body = {
        checksum: sha1(bundle),
        chunks: pieces.map((piece) => sha1(piece)),
        projects: ["default"],
        ...more,
      };
      const first = await ask("POST", "/organizations/any/artifactbundle/assemble/", body);
      const form = new FormData();
      for (const [at, piece] of pieces.entries())
        form.append(
          at === 0 ? "file_gzip" : "file",
          new Blob([Uint8Array.from(at === 0 ? gzipSync(piece) : piece)]),
          sha1(piece),
        );
      const [sent] = await ask("POST", "/organizations/any/chunk-upload/", form);
      return { first, sent, last: await ask("POST", "/organizations/any/artifactbundle/assemble/", body), body };
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}

it("takes the source maps of a bundle that came in chunks", async () => {
  await using doors = await open();
  const { first, sent, last, body } = await doors.upload(aBuild(ID), { version: "shop@1" });
  expect(first).toEqual([200, { state: "not_found", missingChunks: body.chunks, detail: null }]);
  expect(sent).toBe(200);
  expect(last).toEqual([200, { state: "ok", missingChunks: [], detail: null }]);
  expect(await doors.kernel.sourceMaps.list()).toMatchObject([
    { project_id: "default", debug_id: ID.replaceAll("-", ""), release: "shop@1", file: "~/js/app.js" },
  ]);
  // Asked again, it is the same; sent again, the map stands once.
  expect(await doors.ask("POST", "/organizations/any/artifactbundle/assemble/", body)).toEqual(last);
  await doors.upload(aBuild(ID, `${aMap} `), { version: "shop@1" });
  expect(await doors.kernel.sourceMaps.list()).toHaveLength(1);
});

it("says why a bundle is not kept", async () => {
  await using doors = await open();
  const failed = (detail: string) => [
    200,
    { state: "error", missingChunks: [], detail: expect.stringContaining(detail) },
  ];
  expect((await doors.upload(aBuild(null))).last).toEqual(failed("Name the release"));
  expect((await doors.upload(aBuild(ID, "no map"))).last).toEqual(failed("1 of 1 source maps were not taken"));
  expect((await doors.upload(Buffer.from("no bundle at all"))).last).toEqual(failed("not a ZIP archive"));
  expect((await doors.upload(aBuild(ID), { checksum: "0".repeat(40) })).last).toEqual(failed("what its checksum says"));
  const assemble = (body: object) => doors.ask("POST", "/organizations/any/artifactbundle/assemble/", body);
  const sum = "0".repeat(40);
  expect((await assemble({ checksum: sum, chunks: [sum], projects: ["hidden"] }))[0]).toBe(404);
  expect((await assemble({ checksum: sum, chunks: [sum] }))[0]).toBe(400);
  expect((await assemble({ checksum: sum, chunks: [], projects: ["default"] }))[0]).toBe(400);
  expect((await assemble({ checksum: "../x", chunks: [sum], projects: ["default"] }))[0]).toBe(400);
  const form = new FormData();
  form.append("file", new Blob(["x"]), sum);
  expect((await doors.ask("POST", "/organizations/any/chunk-upload/", form))[0]).toBe(400);
  expect(await doors.kernel.sourceMaps.list()).toEqual([]);
});

it("tells clients how to send, at the address by which they came", async () => {
  await using doors = await open();
  const [status, options] = await doors.ask("GET", "/organizations/any/chunk-upload/");
  expect([status, options]).toMatchObject([
    200,
    { url: `${doors.url}/api/0/organizations/prunella/chunk-upload/`, hashAlgorithm: "sha1", compression: ["gzip"] },
  ]);
  const [, behind] = await doors.ask("GET", "/organizations/any/chunk-upload/", undefined, {
    "x-forwarded-proto": "https",
  });
  expect(behind).toMatchObject({ url: expect.stringMatching(/^https:/) });
});

it("answers for releases and deploys, and reads back what was written", async () => {
  await using doors = await open();
  const { ask } = doors;
  const isShop = { version: "shop/1 ü", projects: [{ slug: "default" }], newGroups: 0 };
  expect(
    await ask("POST", "/organizations/any/releases/", { version: "shop/1 ü", projects: ["default"] }),
  ).toMatchObject([201, { ...isShop, dateReleased: null }]);
  const path = `/releases/${encodeURIComponent("shop/1 ü")}/`;
  const dateReleased = "2026-11-21T12:00:00Z";
  expect(await ask("PUT", `/projects/any/default${path}`, { dateReleased })).toMatchObject([
    200,
    { ...isShop, dateReleased },
  ]);
  expect(await ask("GET", `/organizations/any${path}`)).toMatchObject([200, { ...isShop, dateReleased }]);
  expect(await ask("POST", `/organizations/any${path}deploys/`, { environment: "prod", name: null })).toMatchObject([
    201,
    { environment: "prod", name: null },
  ]);
  expect(await ask("GET", `/organizations/any${path}deploys/`)).toMatchObject([200, [{ environment: "prod" }]]);
  expect(await ask("GET", "/projects/any/default/releases/")).toMatchObject([200, [isShop]]);
  expect(await ask("GET", "/organizations/any/releases/none/")).toMatchObject([404, { detail: expect.any(String) }]);
  expect(await ask("POST", "/organizations/any/releases/", {})).toMatchObject([400, { detail: expect.any(String) }]);
  expect((await ask("POST", `/organizations/any${path}deploys/`, {}))[0]).toBe(400);
});

it("keeps releases of each project apart, and needs to know of which one a new release is", async () => {
  await using doors = await open();
  const { ask, kernel } = doors;
  await kernel.projects.add({ id: "till", by: { kind: "system", id: null } });
  expect((await ask("POST", "/organizations/any/releases/", { version: "shop@5" }))[0]).toBe(400);
  expect((await ask("POST", "/organizations/any/releases/shop@5/deploys/", { environment: "prod" }))[0]).toBe(400);
  await ask("POST", "/organizations/any/releases/", { version: "shop@5", projects: ["default", "till"] });
  await ask("POST", "/organizations/any/releases/shop@5/deploys/", { environment: "prod" });
  await ask("PUT", "/projects/any/till/releases/shop@5/", { dateReleased: "2026-11-21T12:00:00Z" });
  const kept = await kernel.releases.list();
  expect(kept.toSorted((a, b) => (a.project_id < b.project_id ? -1 : 1))).toMatchObject([
    { project_id: "default", date_released: null, deploys: [{ environment: "prod" }] },
    { project_id: "till", date_released: "2026-11-21T12:00:00Z", deploys: [{ environment: "prod" }] },
  ]);
  expect(await ask("GET", "/organizations/any/releases/")).toMatchObject([
    200,
    [{ version: "shop@5", dateReleased: "2026-11-21T12:00:00Z", deployCount: 1, projects: [{}, {}] }],
  ]);
  expect((await ask("DELETE", "/projects/any/till/releases/shop@5/"))[0]).toBe(204);
  expect(await ask("GET", "/projects/any/till/releases/")).toEqual([200, []]);
  expect((await ask("DELETE", "/organizations/any/releases/shop@5/"))[0]).toBe(204);
  expect(await kernel.releases.list()).toEqual([]);
});

it("knows a release by its source maps, and removes it with them", async () => {
  await using doors = await open();
  await doors.upload(aBuild(null), { version: "shop@2" });
  await doors.upload(aBuild(ID), { version: "shop@3" });
  expect(await doors.ask("GET", "/organizations/any/releases/shop%402/")).toMatchObject([200, { version: "shop@2" }]);
  expect((await doors.ask("DELETE", "/organizations/any/releases/shop%402/"))[0]).toBe(204);
  expect((await doors.kernel.sourceMaps.list()).map(({ release }) => release)).toEqual(["shop@3"]);
});

it("believes nobody but the operator, and answers in JSON whatever is asked below /api", async () => {
  await using doors = await open();
  for (const authorization of ["", "Bearer wrong", `Basic ${TOKEN}`])
    expect(await doors.ask("GET", "/organizations/any/chunk-upload/", undefined, { authorization })).toMatchObject([
      401,
      { error: { code: "PRUNELLA_SIGN_IN_REQUIRED" } },
    ]);
  for (const [method, path] of [
    ["GET", "/organizations/any/issues/"],
    ["POST", "/projects/any/default/files/dsyms/"],
    ["DELETE", ""],
    ["GET", "/organizations/any/releases/%E0%A4%A/x/"],
  ] as const)
    expect(await doors.ask(method, path)).toMatchObject([404, { error: { code: "PRUNELLA_NOT_FOUND" } }]);
  expect((await doors.ask("GET", "/organizations/any/releases/%E0%A4%A/"))[0]).toBe(400);
  for (const path of ["/api", "/api/7/security/", "/api/x"]) {
    const answer = await fetch(`${doors.url}${path}`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([404, "application/json"]);
  }
});
