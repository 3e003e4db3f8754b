import { createWriter, type Engine } from "@prunella/kernel";
import type { Event, Fingerprints } from "@prunella/contract";
import { sql } from "kysely";
import { documentOf } from "../../packages/kernel/src/search/document.ts";
import { addFacets, type Facet } from "../../packages/kernel/src/search/facets.ts";
import { writeDocument } from "../../packages/kernel/src/store/full-text.ts";

export interface Sizes {
  readonly faults: number;
  readonly deltas: number;
}

/** In one unit. */
const FAULTS = 200;
const DELTAS = 100_000;
const VERBS = [
  "charge",
  "parse",
  "render",
  "fetch",
  "resolve",
  "store",
  "notify",
  "encode",
  "merge",
  "verify",
] as const;
const NOUNS = [
  "Card",
  "Basket",
  "Invoice",
  "Session",
  "Image",
  "Report",
  "Address",
  "Order",
  "Label",
  "Message",
] as const;
const ERRORS = ["TypeError", "RangeError", "TimeoutError", "ValueError", "ConnectionError"] as const;

const pick = <T>(from: readonly T[], at: number, otherwise: T): T => from[at % from.length] ?? otherwise;
/** Ends with twelve digits, so that SQL can write it too. */
export const faultId = (at: number): string => `00000000-0000-4000-8000-${100_000_000_000 + at}`;
export const releaseOf = (at: number): string => `shop@1.${at % 40}.0`;

/** A fault as an SDK reports it: a chain of two, twenty frames each, tags and a user. */
function anEvent(at: number): Event {
  const name = (depth: number): string =>
    `${pick(VERBS, at + depth, "do")}${pick(NOUNS, Math.floor(at / 10) + depth, "It")}`;
  const frames = Array.from({ length: 20 }, (_, depth) => ({
    function: name(depth),
    module: null,
    filename: `/srv/shop/src/module-${(at + depth) % 500}/${name(depth).toLowerCase()}.ts`,
    line: depth,
    column: 1,
    in_app: true,
    context_line: null,
    pre_context: [],
    post_context: [],
  }));
  const error = { type: pick(ERRORS, at, "Error"), module: null, handled: null, mechanism: null, frames };
  return {
    id: at.toString(16).padStart(32, "0"),
    source: "sentry",
    trust: "public",
    level: "error",
    at: 0,
    release: releaseOf(at),
    environment: at % 5 === 0 ? "staging" : "production",
    platform: "node",
    target: null,
    errors: [
      { ...error, value: `upstream ${at % 97} did not answer` },
      { ...error, value: `${name(0)} failed for item ${at} after ${at % 7} tries` },
    ],
    message: null,
    message_template: null,
    stack_text: null,
    sdk_fingerprint: null,
    transaction: `POST /${name(1).toLowerCase()}`,
    server_name: `web-${at % 12}`,
    exit_code: null,
    signal: null,
    tags: { browser: `Firefox ${140 + (at % 8)}`, plan: at % 3 === 0 ? "gold" : "free", shard: String(at % 64) },
    breadcrumbs: [],
    context: { user: { id: `u-${at % 4_000}` } },
  };
}

const fingerprintsOf = (at: number): Fingerprints => ({
  version: 1,
  strict: at.toString(16).padStart(32, "0"),
  loose: null,
  message: null,
  by: "stack",
  parts: ["bench", String(at)],
});

/** Fills a database that a server has begun with faults, what they are found by, and a history of counts. */
export async function seedFaults(engine: Engine, sizes: Sizes, now: number): Promise<void> {
  const writer = createWriter(engine);
  for (let from = 0; from < sizes.faults; from += FAULTS)
    await writer.run(async (tx) => {
      const facets: Facet[] = [];
      for (let at = from; at < Math.min(sizes.faults, from + FAULTS); at += 1) {
        const event = anEvent(at);
        const of = { projectId: "default", faultId: faultId(at) };
        const title = `${event.errors[1]?.type}: ${event.errors[1]?.value}`;
        const culprit = `${event.errors[1]?.frames[19]?.function} · ${event.errors[1]?.frames[19]?.filename}`;
        const seen = now - at * 30_000;
        const body = JSON.stringify({ ...event, at: seen });
        const status = at % 10 === 9 ? "resolved" : at % 25 === 0 ? "regressed" : "open";
        await sql`insert into fault (project_id, fault_id, status, level, title, culprit, fingerprints, count, first_seen, last_seen, resolved_at, version, trend, users)
          values ('default', ${of.faultId}, ${status}, ${at % 4 === 0 ? "fatal" : "error"}, ${title}, ${culprit}, ${JSON.stringify(fingerprintsOf(at))}, ${(at * 7_919) % 100_000},
          ${seen - 7 * 86_400_000}, ${seen}, null, 1, ${(at * 7_919) % 10_007}, ${at % 300})`.execute(tx.db);
        await sql`insert into event_sample (project_id, fault_id, slot, event_id, received_at, bytes, body, redactions)
          values ('default', ${of.faultId}, 'first:0', ${event.id}, ${seen}, ${body.length}, ${body}, '{}')`.execute(
          tx.db,
        );
        await writeDocument(tx, of, documentOf({ faultId: of.faultId, title, culprit, events: [event] }));
        const values = {
          release: event.release,
          environment: event.environment,
          source: event.source,
          user: `u-${at % 4_000}`,
          server: event.server_name,
        };
        for (const [name, value] of Object.entries(values)) if (value !== null) facets.push({ ...of, name, value });
        for (const [key, value] of Object.entries(event.tags)) facets.push({ ...of, name: `tag.${key}`, value });
      }
      await addFacets(tx, facets);
    });
  const second = Math.floor(now / 1_000);
  for (let from = 0; from < sizes.deltas; from += DELTAS)
    await writer.run((tx) =>
      sql`insert into delta (project_id, fault_id, second, release, environment, level, source, trust, target, origin, count, first_at, last_at)
        with recursive row(at) as (select ${sql.lit(from)} union all select at + 1 from row where at + 1 < ${sql.lit(Math.min(sizes.deltas, from + DELTAS))})
        select 'default', '00000000-0000-4000-8000-' || cast(100000000000 + at % ${sql.lit(sizes.faults)} as text),
          ${sql.lit(second)} - (at / ${sql.lit(sizes.faults)}) * 6000 - at % 6000, 'shop@1.' || cast((at % ${sql.lit(sizes.faults)}) % 40 as text) || '.0',
          'production', 'error', 'sentry', 'public', '', '', 1, ${sql.lit(now)}, ${sql.lit(now)} from row`.execute(
        tx.db,
      ),
    );
  await writer.close();
  await sql`analyze`.execute(engine.writer);
}
