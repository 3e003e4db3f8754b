import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openServer } from "./server-fixture.ts";

/** Raw requests of real SDKs, in a folder beside the checkout; not part of the repository. */
const FOLDER = join(import.meta.dirname, "../../../shared/data/sentry-captures");
const names = existsSync(FOLDER) ? readdirSync(FOLDER).filter((file) => file.endsWith(".http")) : [];
const PLANTED = ["hunter2", "s3cr3t", "abc.def.ghi", "SECRETSID", "tok_live_51H", "jane.doe"];

/** Sends the captured bytes as they are, but for the number and key of the project in the first line. */
function replay(url: string, key: string, bytes: Buffer): Promise<number> {
  const headEnd = bytes.indexOf("\r\n\r\n");
  const head = bytes
    .toString("latin1", 0, headEnd)
    .replace(/\/api\/\d+\//, "/api/1/")
    .replace(/sentry_key=[0-9a-f]{32}/, `sentry_key=${key}`)
    .replace(/connection: keep-alive/i, "connection: close");
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
    socket.on("end", () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])));
    socket.on("error", reject);
    socket.write(head, "latin1");
    socket.write(bytes.subarray(headEnd));
  });
}

describe(
  names.length === 0 ? "captured requests (skipped: there are none beside this checkout)" : "captured requests",
  () => {
    it.skipIf(names.length === 0)(
      "are all answered with 200, and nothing planted in them is ever on disk",
      async () => {
        await using fixture = await openServer();
        const { server, key } = fixture;
        for (const name of names)
          expect([name, await replay(server.url, key, readFileSync(join(FOLDER, name)))]).toEqual([name, 200]);
        await server.kernel.settle();
        const { faults } = await server.kernel.faults.list({ status: "all", limit: 200 });
        const titles = faults.map((fault) => fault.title);
        expect(titles).toContain("TypeError: Cannot read properties of undefined (reading 'last4')");
        const written = fixture.written();
        for (const secret of PLANTED) expect([secret, written.includes(secret)]).toEqual([secret, false]);
        // The same while the log of the database has been folded in.
        expect(written.includes("last4")).toBe(true);
      },
    );
  },
);
