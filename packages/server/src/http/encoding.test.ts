import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { encodeJson } from "./compress-json.ts";
import { encodingFor } from "./encoding.ts";
import { createStatic } from "./static.ts";

it.each([
  ["gzip, deflate, br, zstd", "br"],
  ["gzip", "gzip"],
  ["br;q=0.5, gzip", "gzip"],
  ["br;q=0, *", "gzip"],
  ["*;q=0", null],
  ["identity", null],
  ["gzip;q=zero", null],
  ["", null],
])("gives to whoever takes %j the best that they take", (accepted, best) => {
  expect(encodingFor(accepted, ["br", "gzip"])).toBe(best);
});

it("serves each file in its encodings, each with a tag of its own, and says by what it chose", async () => {
  const folder = mkdtempSync(join(tmpdir(), "prunella-static-"));
  const code = "console.log(1);\n".repeat(500);
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), "<!doctype html>");
  writeFileSync(join(folder, "assets/a.js"), code);
  writeFileSync(join(folder, "assets/a.js.br"), brotliCompressSync(code));
  const page = createStatic(folder);
  const ask = async (accepted: string | null, more: Record<string, string> = {}) => {
    const answer = page(
      "/assets/a.js",
      new Headers({ ...(accepted === null ? {} : { "accept-encoding": accepted }), ...more }),
    );
    return { answer, bytes: Buffer.from(await answer.arrayBuffer()) };
  };
  const [br, gz, plain] = [await ask("gzip, br"), await ask("gzip"), await ask(null)];
  expect([br, gz, plain].map(({ answer }) => answer.headers.get("content-encoding"))).toEqual(["br", "gzip", null]);
  expect([brotliDecompressSync(br.bytes), gunzipSync(gz.bytes), plain.bytes].map(String)).toEqual([code, code, code]);
  const tags = [br, gz, plain].map(({ answer }) => answer.headers.get("etag") ?? "");
  expect(new Set(tags).size).toBe(3);
  for (const { answer } of [br, gz, plain]) expect(answer.headers.get("vary")).toBe("accept-encoding");
  // Known in this encoding: nothing is sent. Known in another one: everything.
  const known = await ask("br", { "if-none-match": `"x", W/${tags[0]}` });
  expect([known.answer.status, known.bytes.length, known.answer.headers.get("etag")]).toEqual([304, 0, tags[0]]);
  expect((await ask("br", { "if-none-match": tags[1] ?? "" })).answer.status).toBe(200);
  // What the build made for the wire is no address.
  expect(page("/assets/a.js.br").status).toBe(404);
  // A page's address ends in whatever its release is called; only where files stand is one missing.
  for (const path of ["/releases/shop/shop@4.18.2", "/releases/shop/shop@1.json", "/faults/1"])
    expect([path, page(path).headers.get("content-type")]).toEqual([path, "text/html; charset=utf-8"]);
  for (const path of ["/favicon.ico", "/assets/b", "/robots.txt", "/etc/hosts.txt", "/faults/1.json"])
    expect([path, page(path).status]).toEqual([path, 404]);
  // What was not compressed by the build is not compressed here.
  expect(page("/", new Headers({ "accept-encoding": "br" })).headers.get("content-encoding")).toBeNull();
  rmSync(folder, { recursive: true });
});

it("compresses what is read and large, and never what shows a secret once", async () => {
  const long = JSON.stringify({ text: "x".repeat(2_000) });
  const sent = async (text: string, operation: Parameters<typeof encodeJson>[1], accepted: string | null) => {
    const headers = new Headers();
    const body = await encodeJson(text, operation, accepted, headers);
    return { body, encoding: headers.get("content-encoding"), vary: headers.get("vary") };
  };
  const read = await sent(long, { method: "GET", effect: "read" }, "gzip, br");
  expect([read.encoding, read.vary]).toEqual(["gzip", "accept-encoding"]);
  expect(typeof read.body === "string" ? "" : gunzipSync(read.body).toString()).toBe(long);
  for (const [text, operation, accepted] of [
    ["{}", { method: "GET", effect: "read" }, "gzip"],
    [long, { method: "GET", effect: "read" }, null],
    [long, { method: "POST", effect: "decide" }, "gzip"],
    [long, { method: "POST", effect: "read" }, "gzip"],
    [long, { method: "GET", effect: "act" }, "gzip"],
  ] as const)
    expect(await sent(text, operation, accepted)).toMatchObject({ body: text, encoding: null });
});
