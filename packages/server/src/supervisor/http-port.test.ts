import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../config.ts";
import { startServer } from "../server.ts";
import { createHttpPort } from "./http-port.ts";
import { supervisorPortSuite } from "./port-suite.ts";

supervisorPortSuite("the operator API", async () => {
  const folder = mkdtempSync(join(tmpdir(), "prunella-http-port-"));
  const { config } = await loadConfig(null, { port: 0 });
  const log = { info: () => undefined, warn: () => undefined };
  const server = await startServer({ config, dataFolder: folder, isDemo: false, checksAnswers: true, log });
  return {
    kernel: server.kernel,
    port: createHttpPort(
      async () => server,
      async () => readFileSync(join(folder, "ledger", "vkey"), "utf8"),
    ),
    async [Symbol.asyncDispose]() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});

const noKey = async () => "";
const RUN = "01a1fd39-1b81-70d8-9e80-1b91f9fa5461";

test("an owner that is gone, or that nobody knows, is one that cannot be found", async () => {
  await expect(createHttpPort(async () => null, noKey).end(RUN)).rejects.toMatchObject({
    code: "PRUNELLA_SERVER_NOT_FOUND",
  });
  await expect(
    createHttpPort(async () => ({ url: "http://127.0.0.1:1", token: "t" }), noKey).end(RUN),
  ).rejects.toMatchObject({
    code: "PRUNELLA_SERVER_NOT_FOUND",
  });
});

/** A double that answers every request with the same. */
async function double(status: number, body: string): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((_request, response) =>
    response.writeHead(status, { location: "http://127.0.0.1:1/" }).end(body),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void server.close() };
}

test.each([
  [502, "<html>bad gateway</html>", "PRUNELLA_SERVER_NOT_FOUND"],
  [503, '{"oops":1}', "PRUNELLA_SERVER_NOT_FOUND"],
  [302, "", "PRUNELLA_SERVER_NOT_FOUND"],
  [
    404,
    '{"error":{"code":"PRUNELLA_NOT_FOUND","message":"There is no such thing. No run.","hint":null}}',
    "PRUNELLA_NOT_FOUND",
  ],
  [418, '{"error":{"code":"constructor","message":"","hint":null}}', "PRUNELLA_REQUEST_INVALID"],
  [200, '{"kind":"reboot"}', "PRUNELLA_REQUEST_INVALID"],
  [200, '{"kind":"restart","attempt_id":"a","permit_id":"p","fence":1.5,"not_before":0}', "PRUNELLA_REQUEST_INVALID"],
  [200, "null", "PRUNELLA_REQUEST_INVALID"],
])("an answer of %i with %s is understood as what it is", async (status, body, code) => {
  await using owner = await double(status, body);
  await expect(
    createHttpPort(async () => ({ url: owner.url, token: "t" }), noKey).next(RUN, null),
  ).rejects.toMatchObject({
    code,
  });
});
