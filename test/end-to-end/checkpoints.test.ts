import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { OPERATOR, parseKept } from "@prunella/kernel";
import { openServer } from "./server-fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "prunella-kept-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !(await holds()); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 25));
}

describe("checkpoints", () => {
  it("go to a file and to a webhook, each as one line, and a file of them verifies", async () => {
    const bodies: string[] = [];
    const hook = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => {
        bodies.push(body);
        response.end();
      });
    });
    await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
    const address = hook.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const file = join(folder, "kept.txt");
    await using house = await openServer({
      ledger: { checkpoints: { file, webhook: `http://127.0.0.1:${port}/hook`, every: "1s" } },
    });
    // The file is made before its first line is written.
    await until(() => existsSync(file) && readFileSync(file, "utf8").endsWith("\n") && bodies.length > 0);
    await house.server.kernel.projects.add({ id: "more", title: "More", by: OPERATOR });
    await until(() => parseKept(readFileSync(file, "utf8")).length > 1 && bodies.length > 1);
    hook.close();
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => line.split(" ")[2])).toEqual(["2", "3"]);
    expect(bodies.map((body) => JSON.parse(body))).toMatchObject([
      { size: 2, note: expect.stringContaining("\n\n\u2014 ") },
      { size: 3, line: expect.stringContaining(" 3 ") },
    ]);
    const answer = await (await house.api("/ledger/checkpoint?from=2")).json();
    expect(answer).toMatchObject({ size: 3, proof: [expect.any(String)], cosignatures: [] });
  });

  it("are cosigned by another server, and that shows", async () => {
    await using ledger = await openServer();
    const vkey = readFileSync(join(ledger.folder, "ledger/vkey"), "utf8").trim();
    await using other = await openServer({ witness: { origins: [vkey] } });
    await until(() => existsSync(join(ledger.folder, "ledger/checkpoint")));
    const note = readFileSync(join(ledger.folder, "ledger/checkpoint"));
    const ask = (body: string | Uint8Array) =>
      fetch(`${other.server.url}/witness/add-checkpoint`, { method: "POST", body: Buffer.from(body) });

    const fresh = await ask(Buffer.concat([Buffer.from("old 0\n\n"), note]));
    expect(fresh.status).toBe(200);
    // 4 bytes of key id, 8 of time, 64 of signature.
    expect(await fresh.text()).toMatch(/^\u2014 prunella\.local\/ledger-[0-9a-f]{12} [A-Za-z0-9+/]{102}==\n$/);
    const again = await ask(Buffer.concat([Buffer.from("old 0\n\n"), note]));
    expect([again.status, again.headers.get("content-type"), await again.text()]).toEqual([
      409,
      "text/x.tlog.size",
      "2\n",
    ]);
    expect((await ask("old 0\n\nnothing")).status).toBe(400);
    expect((await ask(`old 0\n\n${note.toString().replaceAll("prunella.local", "elsewhere.local")}`)).status).toBe(404);
    expect((await ask(`old 0\n\n${note.toString().replace("\n2\n", "\n3\n")}`)).status).toBe(403);
    expect((await ask("x".repeat(40_000))).status).toBe(413);
    expect((await fetch(`${ledger.server.url}/witness/vkey`)).status).toBe(404);
    expect(
      (await fetch(`${ledger.server.url}/witness/add-checkpoint`, { method: "POST", body: "old 0\n\n" })).status,
    ).toBe(404);
  });

  it("are no worse for a witness that knows the ledger not", async () => {
    await using other = await openServer();
    const vkey = readFileSync(join(other.folder, "ledger/vkey"), "utf8").trim();
    await using stranger = await openServer({ witness: { origins: [vkey] } });
    const url = `${stranger.server.url}/witness`;
    const key = (await (await fetch(`${url}/vkey`)).text()).trim();
    await using ledger = await openServer({ ledger: { witnesses: [{ url, vkey: key }] } });
    expect(await (await ledger.api("/ledger/verify")).json()).toMatchObject({ ok: true, problems: [] });
    expect(await (await ledger.api("/ledger/checkpoint")).json()).toMatchObject({ cosignatures: [] });
  });

  it.each([
    [{ ledger: { checkpoints: { webhook: "http://hooks.example.org/x" } } }, "https://"],
    [{ ledger: { checkpoints: { webhook: "https://me:pass@hooks.example.org/x" } } }, "no password"],
    [{ ledger: { checkpoints: { webhook: "file:///etc/passwd" } } }, "https://"],
    [{ witness: { origins: [`some.where+00000000+${"A".repeat(44)}`] } }, "witness.origins.0"],
    [
      { ledger: { witnesses: [{ url: "https://w.example.org", vkey: `some.where+00000000+${"A".repeat(44)}` }] } },
      "ledger.witnesses.0.vkey",
    ],
  ])("are not configured as %j", async (config, said) => {
    await expect(openServer(config)).rejects.toThrow(said);
  });
});
