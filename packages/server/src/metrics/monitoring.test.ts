import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { expect, it } from "vitest";
import { openServer } from "../../../../test/end-to-end/server-fixture.ts";

const here = (name: string): string =>
  readFileSync(join(import.meta.dirname, "../../../../examples/monitoring", name), "utf8");

/** Names of metrics in an expression: what is no function, label or word of the language. */
function metricsIn(expression: string): string[] {
  return [...expression.matchAll(/\b(?:prunella|nodejs|process)_[a-z0-9_]+/g)].map(([name]) => name);
}

/** Every text under a key `expr` or `query`, wherever it stands. */
function expressionsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(expressionsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === "string" ? (key === "expr" || key === "query" ? [inner] : []) : expressionsIn(inner),
  );
}

it("names no metric that a server does not have, and a server has the doors', the gate's and the ledger's", async () => {
  await using fixture = await openServer();
  const { server } = fixture;
  // One that is counted and one that is lost, so that each kind has a sample.
  const door = `${server.url}/api/1/envelope/?sentry_key=${fixture.key}`;
  await fetch(door, { method: "POST", body: "no envelope" });
  await fixture.api("/test-event", { method: "POST", body: "{}" });
  await expect.poll(async () => scrape(server), { timeout: 15_000 }).toMatch(/^prunella_losses_total\{reason="door/m);

  const text = await scrape(server);
  const known = new Set([...text.matchAll(/^([a-zA-Z_:][a-zA-Z0-9_:]*)[{ ]/gm)].map(([, name]) => name));
  const dashboard: unknown = JSON.parse(here("grafana-dashboard.json"));
  const rules: unknown = parse(here("alerts.yml"));
  for (const given of [dashboard, rules]) {
    const named = expressionsIn(given).flatMap(metricsIn);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  }
  expect(text).toMatch(/^prunella_events_total\{result="counted"\} [1-9]/m);
  expect(text).toMatch(/^prunella_door_request_duration_seconds_count\{door="sentry",code="4\d\d"\} 1$/m);
  expect(text).toMatch(/^prunella_ledger_entries [1-9]/m);
  expect(text).toMatch(/^prunella_nodes 1$/m);
  for (const thread of ["main", "doors"])
    expect(text).toMatch(new RegExp(`^prunella_writer_batch_units_count\\{thread="${thread}"\\} [1-9]`, "m"));
  // Names as Prometheus asks for them: a counter ends in _total, and nothing but a counter does.
  for (const [, name = "", type] of text.matchAll(/^# TYPE (prunella_\S+) (\S+)$/gm))
    expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
});

it("tells nothing to whoever shows no token, from wherever they ask", async () => {
  const folder = mkdtempSync(join(tmpdir(), "prunella-scrape-"));
  const path = join(folder, "token");
  await using fixture = await openServer({ metrics: { token_file: path } });
  const { url, token } = fixture.server;
  const status = async (authorization?: string) =>
    (await fetch(`${url}/metrics`, { headers: authorization === undefined ? {} : { authorization } })).status;
  const mine = "a-token-of-ours-long-enough";
  expect([await status(), await status(`Bearer ${mine}`)]).toEqual([401, 401]);
  writeFileSync(path, `${mine}\n`);
  expect([await status(`Bearer ${mine}`), await status(`Bearer ${token}`)]).toEqual([200, 200]);
  expect([await status(), await status("Bearer "), await status(`Bearer ${mine}x`)]).toEqual([401, 401, 401]);
  expect(await (await fetch(`${url}/metrics`)).json()).toMatchObject({
    error: { hint: expect.stringContaining("metrics.token_file") },
  });
  // It opens this and nothing else.
  const me = await fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${mine}` } });
  expect(me.status).toBe(401);
  // One that could be guessed is none.
  writeFileSync(path, "short");
  expect(await status("Bearer short")).toBe(401);
  rmSync(folder, { recursive: true });
});

async function scrape({ url, token }: { readonly url: string; readonly token: string }): Promise<string> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  expect(response.headers.get("content-type")).toContain("text/plain");
  return response.text();
}
