import { expect, it } from "vitest";
import { openServer, type ServerFixture } from "./server-fixture.ts";

const TOKEN = `acme_${"a1b2c3d4e5".repeat(2)}`;
const RULE = {
  name: "acme-token",
  type: "ACME_TOKEN",
  keywords: ["acme_"],
  pattern: "acme_[a-z0-9]{20,40}",
  examples: [`the token ${TOKEN}`],
  negatives: ["acme_store is open"],
};

async function send(fixture: ServerFixture, event: object) {
  const [, dsnId = ""] = /\/(\d+)$/.exec(fixture.server.dsn) ?? [];
  const answer = await fetch(`${fixture.server.url}/api/${dsnId}/store/`, {
    method: "POST",
    headers: { "x-sentry-auth": `Sentry sentry_version=7, sentry_key=${fixture.key}` },
    body: JSON.stringify(event),
  });
  expect(answer.status).toBe(200);
  await fixture.server.kernel.settle();
  const { faults } = await fixture.server.kernel.faults.list({ status: "all", limit: 50 });
  const detail = await fixture.server.kernel.faults.detail(faults[0]?.id ?? "");
  if (!detail.latest) throw new Error("no event is kept");
  return { fault: detail.fault, ...detail.latest };
}

it("takes out what a rule of one's own finds, everywhere, and counts it under the rule's name", async () => {
  await using fixture = await openServer({ scrub: { rules: [RULE] } });
  const { fault, event, redactions } = await send(fixture, {
    message: `no access with ${TOKEN}`,
    release: TOKEN,
    tags: { key: TOKEN },
    extra: { deep: [{ header: `x ${TOKEN}` }] },
  });
  expect(fault.title).toContain("[REDACTED:ACME_TOKEN]");
  expect(event.message).toBe("no access with [REDACTED:ACME_TOKEN]");
  expect(redactions).toMatchObject({ "acme-token": 4 });
  expect(fixture.written().includes(TOKEN)).toBe(false);
});

it("drops the values of named keys in any spelling, and never keeps named fields", async () => {
  await using fixture = await openServer({
    scrub: { drop_keys: ["customer_id"], never_keep: ["server_name", "context.request.data", "tags.shop"] },
  });
  const { event } = await send(fixture, {
    message: "no stock",
    server_name: "mill-7",
    tags: { shop: "hat shop", region: "north" },
    request: { url: "https://shop.example.org/", data: { hats: "forty-two" } },
    extra: { customerId: "quite ordinary", count: 3 },
  });
  expect(event.server_name).toBeNull();
  expect(event.tags).toEqual({ region: "north" });
  const written = fixture.written();
  for (const gone of ["mill-7", "hat shop", "forty-two", "quite ordinary"])
    expect([gone, written.includes(gone)]).toEqual([gone, false]);
});

it("takes them out of uploaded source maps too", async () => {
  await using fixture = await openServer({ scrub: { rules: [RULE] } });
  const map = { version: 3, sources: ["a.ts"], names: [], mappings: "AAAA", sourcesContent: [`f("${TOKEN}")`] };
  const answer = await fixture.api("/source-maps", {
    method: "POST",
    body: JSON.stringify({ release: "1", file: "a.js", map }),
  });
  expect(answer.status).toBe(201);
  expect(fixture.written().includes("[REDACTED:ACME_TOKEN]")).toBe(true);
  expect(fixture.written().includes(TOKEN)).toBe(false);
});

it.each([
  [{ rules: [{ ...RULE, pattern: "acme_.+" }] }, 'rule "acme-token": pattern has the unbounded quantifier'],
  [{ rules: [RULE, RULE] }, 'rule "acme-token": there are two of this name'],
  [{ rules: [{ ...RULE, examples: ["fine", "acme_short"] }] }, 'rule "acme-token": its example 1 is left as it is'],
  [{ rules: [{ ...RULE, negatives: RULE.examples }] }, 'rule "acme-token": its negative 1 is changed'],
  [{ drop_keys: [""] }, 'drop key ""'],
  [{ never_keep: ["id"] }, 'field "id"'],
  [{ never_keep: ["sever_name"] }, 'field "sever_name"'],
])("does not start with %j, and says what is wrong", async (scrub, message) => {
  const opened = await openServer({ scrub }).catch((error: unknown) => error);
  expect(opened).toMatchObject({ code: "PRUNELLA_CONFIG_INVALID", detail: expect.stringContaining(message) });
  expect(opened).toMatchObject({ detail: expect.not.stringContaining(TOKEN) });
});
