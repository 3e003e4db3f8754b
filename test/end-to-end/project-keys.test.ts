import { randomUUID } from "node:crypto";
import { expect, inject, it } from "vitest";
import { main } from "../../packages/cli/src/main.ts";
import { createPostgresDatabase } from "../engines.ts";
import { openServer } from "./server-fixture.ts";

/** What a command prints. */
async function prunella(folder: string, ...args: string[]): Promise<string> {
  const { write } = process.stdout;
  let printed = "";
  process.stdout.write = (chunk: string | Uint8Array) => {
    printed += String(chunk);
    return true;
  };
  try {
    await main([...args, "--data", folder]);
  } finally {
    process.stdout.write = write;
  }
  return printed;
}

it.each(inject("postgresUrl") === null ? ["sqlite"] : ["sqlite", "postgres"])(
  "a rotated key on %s is taken beside the new one, and a revoked one is refused within seconds",
  async (engine) => {
    await using fixture = await openServer({
      store: { url: engine === "postgres" ? await createPostgresDatabase() : null },
    });
    const { folder, key: old } = fixture;
    const send = async (key: string): Promise<number> => {
      const id = randomUUID().replaceAll("-", "");
      const body = `{"event_id":"${id}"}\n{"type":"event"}\n${JSON.stringify({ event_id: id, message: "a case" })}\n`;
      const url = `${fixture.server.url}/api/1/envelope/?sentry_key=${key}`;
      return (await fetch(url, { method: "POST", body })).status;
    };
    await expect.poll(() => send(old), { timeout: 60_000 }).toBe(200);
    const said = await prunella(folder, "projects", "keys", "rotate", "default", "--overlap", "24h");
    expect(said).toContain("taken for 1d more");
    const dsns = [...said.matchAll(/:\/\/([0-9a-f]{32})@/g)].map(([, key = ""]) => key);
    expect([dsns.length, dsns[1], dsns[0] === old]).toEqual([2, old, false]);
    await expect.poll(() => send(dsns[0] ?? ""), { timeout: 60_000 }).toBe(200);
    expect(await send(old)).toBe(200);
    await prunella(folder, "projects", "keys", "revoke", "default", old.slice(0, 10));
    await expect.poll(() => send(old), { timeout: 60_000 }).toBe(403);
    expect(await send(dsns[0] ?? "")).toBe(200);

    const kept = await prunella(folder, "projects", "retention", "default", "--bodies", "30d", "--cap", "1GB");
    expect(kept).toMatch(/bodies of events +30d +set here; the configuration says 90d/);
    expect(kept).toMatch(/Used: .* of|Used: .* by 1 faults/);
    await prunella(folder, "projects", "add", "other");
    expect(await prunella(folder, "projects", "delete", "other", "--confirm", "other")).toMatch(
      /prunella(?: --data \S+)? projects keep other/,
    );
    expect(await prunella(folder, "projects", "keep", "other")).toBe("other stays.\n");
  },
  180_000,
);
