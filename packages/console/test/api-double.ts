/**
 * A DOUBLE of the operator API, for the console's own tests: it serves the built pages and made-up
 * answers, decides nothing and keeps nothing. The real doors are in packages/server.
 */
import openApi from "@prunella/contract/openapi.json" with { type: "json" };
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import type {
  Attempt,
  Escalation,
  Fault,
  FaultChange,
  FaultPage,
  FaultRow,
  FaultStatus,
  GroupingRule,
  KillSwitch,
  LedgerReport,
  Me,
  Notice,
  Project,
  SupervisedRow,
  TriageResult,
  View,
} from "@prunella/contract";
import { FaultFilter } from "@prunella/contract";
import { Triage } from "@prunella/contract/operations";
import * as fixtures from "./fixtures.ts";
import { filingPage, forgeCheck } from "./forge-fixtures.ts";
import { suggestions } from "./suggestions.ts";

export const CODE = "a-code-that-works-once";
export const PAGE_KEY = "what-the-page-keeps";
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const POLICY = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

export type Double = {
  url: string;
  /** What the next requests meet. Change it between pages. */
  world: {
    faults: FaultRow[];
    escalation: Escalation | null;
    /** What the decision had done. */
    answer: Attempt | null;
    supervised: SupervisedRow[];
    kill: KillSwitch;
    signedIn: boolean;
    demo: boolean;
    fail: string | null;
    ledgerOk: boolean;
    /** The gate refuses what a person decides. */
    refuses: boolean;
    rules: GroupingRule[];
    projects: Project[];
    views: View[];
    /** How many fingerprints lead to each fault. */
    keys: number;
    /** How often one of the frames stands there in a row. */
    recursion: number;
  };
  /** Every request as `METHOD path`. */
  seen: string[];
  notice(topic: Notice["topic"], id: string): void;
  /** Drops the connections and refuses new ones. */
  stop(): Promise<void>;
  start(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Serves the pages in `dist`, with that many faults, all times relative to `now`. */
export async function startDouble(dist: string, count: number, now: number): Promise<Double> {
  const world: Double["world"] = {
    faults: Array.from({ length: count }, (_, n) => fixtures.faultRow(n, now)),
    escalation: count > 2 ? fixtures.escalation(now) : null,
    answer: null,
    supervised: count > 2 ? fixtures.supervised(now) : [],
    kill: { on: false, since: null, by: null },
    signedIn: true,
    demo: true,
    fail: null,
    ledgerOk: true,
    refuses: false,
    rules: count > 2 ? fixtures.rules(now) : [],
    projects: [fixtures.PROJECT(count, now)],
    keys: 3,
    recursion: 1,
    views: [],
  };
  const seen: string[] = [];
  const streams = new Set<ServerResponse>();
  let version = 1;
  const notice: Double["notice"] = (topic, id) => {
    const data: Notice = { topic, id, version: version++ };
    for (const stream of streams) stream.write(`event: notice\ndata: ${JSON.stringify(data)}\n\n`);
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://double");
    response.setHeader("content-security-policy", POLICY);
    response.setHeader("x-prunella-double", "api");
    if (!url.pathname.startsWith("/v1/")) return page(dist, url.pathname, response);
    seen.push(`${request.method} ${url.pathname}${url.search}`);
    if (world.fail !== null && url.pathname.startsWith(world.fail)) {
      return json(response, 500, {
        error: {
          code: "PRUNELLA_INTERNAL",
          message: "Something broke inside Prunella.",
          hint: "Look at the server's log.",
        },
      });
    }
    if (url.pathname === "/v1/sign-in-ways")
      return json(response, 200, { link: true, people: false, oidc: null, passkey_origin: null });
    if (url.pathname === "/v1/session") return void session(request, response);
    if (!world.signedIn || request.headers["x-prunella-page"] !== PAGE_KEY)
      return json(response, 401, {
        error: { code: "PRUNELLA_SIGN_IN_REQUIRED", message: "Sign in first.", hint: null },
      });
    if (url.pathname === "/v1/stream") {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write(":\n\n");
      streams.add(response);
      response.on("close", () => streams.delete(response));
      return;
    }
    void answer(request, url, response);
  });

  async function session(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (request.method === "DELETE") world.signedIn = false;
    else if (body["code"] === CODE) {
      world.signedIn = true;
      return json(response, 200, { page_key: PAGE_KEY });
    } else
      return json(response, 401, {
        error: {
          code: "PRUNELLA_SIGN_IN_CODE_INVALID",
          message: "That sign-in link is used up or too old.",
          hint: "Ask for a new one: prunella sign-in.",
        },
      });
    response.writeHead(204).end();
  }

  async function answer(request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
    const [, , noun = "", id = "", verb = "", last = ""] = url.pathname.split("/");
    const fault = noun === "faults" ? world.faults.find((each) => each.id === id) : undefined;
    const moving = verb === "merge" ? (await bodyOf(request))["fault"] : undefined;
    switch (`${request.method} ${noun}`) {
      case "GET people":
        return json(response, 200, { people: [], next: null });
      case "GET me":
        return json(response, 200, {
          kind: "session",
          person: null,
          roles: [{ project: null, role: "owner" }],
          version: "0.1.0",
          demo: world.demo,
          command: "npx --no-install prunella",
          started_at: now,
        } satisfies Me);
      case "GET openapi.json":
        return json(response, 200, openApi);
      case "GET projects":
        if (verb === "releases") {
          const n = [0, 1, 2].find((each) => fixtures.releaseRow(each, now, []).version === decodeURIComponent(last));
          if (n === undefined) break;
          return json(response, 200, fixtures.releaseDetail(n, now, world.faults));
        }
        if (verb === "retention") return json(response, 200, fixtures.RETENTION(now));
        return json(response, 200, { projects: world.projects });
      case "POST projects": {
        const changing = world.projects.find((each) => each.id === id);
        if (changing !== undefined) {
          const given = await bodyOf(request);
          if (verb === "rename") changing.title = String(given["title"]);
          if (verb === "delete") changing.deletes_at = now + 86_400_000;
          if (verb === "keep") changing.deletes_at = null;
          if (last === "revoke") changing.keys = changing.keys.filter((key) => key.public_key !== given["key"]);
          return json(response, 200, { project: changing });
        }
        const { id: given, title } = await bodyOf(request);
        if (typeof given !== "string" || world.projects.some((each) => each.id === given))
          return json(response, 409, {
            error: { code: "PRUNELLA_CONFLICT", message: `There is a project ${String(given)} already.`, hint: null },
          });
        const project: Project = {
          ...fixtures.PROJECT(0, now),
          id: given,
          title: typeof title === "string" ? title : given,
        };
        world.projects.push(project);
        return json(response, 201, { project });
      }
      case "GET grouping-rules":
        return json(response, 200, { rules: world.rules });
      case "POST grouping-rules": {
        const body = await bodyOf(request);
        const rule: GroupingRule = {
          id: fixtures.uuid(6, world.rules.length),
          project_id: String(body["project"]),
          when: Object(body["when"]),
          group_as: String(body["group_as"]),
          created_at: now,
        };
        world.rules.push(rule);
        return json(response, 201, { rule });
      }
      case "DELETE grouping-rules":
        world.rules = world.rules.filter((each) => each.id !== id);
        return void response.writeHead(204).end();
      case "GET faults":
        if (id === "" && /levle:/.test(url.searchParams.get("q") ?? ""))
          return json(response, 400, {
            error: {
              code: "PRUNELLA_QUERY_INVALID",
              message: "The search could not be understood. There is no key levle.",
              hint: "Did you mean level: ?",
            },
          });
        if (id === "") return json(response, 200, faultPage(url.searchParams));
        if (fault === undefined) break;
        if (verb === "trend") {
          const range = url.searchParams.get("range");
          const step = range === "1h" ? 60_000 : range === "24h" ? 900_000 : range === "30d" ? 86_400_000 : 3_600_000;
          const last = Math.floor(now / step) * step;
          return json(response, 200, {
            step_ms: step,
            counts: [7, 2, 0].map((back) => [last - back * step, back + 1]),
          });
        }
        if (verb === "users")
          return json(response, 200, {
            bodies: 2,
            naming: 2,
            users: [
              { user: "u-4711", events: 1, last_seen: now },
              { user: "[REDACTED:EMAIL]", events: 1, last_seen: now },
            ],
          });
        if (verb === "explain") return json(response, 200, fixtures.explanation(fault, now));
        return json(response, 200, verb === "events" ? fixtures.sample(now, last) : detail(fault));
      case "POST faults": {
        if (fault !== undefined && (verb === "merge" || verb === "unmerge")) {
          const moved = verb === "unmerge" ? fault : world.faults.find((each) => each.id === moving);
          if (moved === undefined) break;
          merge(moved, verb === "unmerge" ? null : fault);
          return json(response, 200, detail(fault));
        }
        if (fault !== undefined && verb === "erase") {
          world.faults = world.faults.filter((each) => each !== fault);
          notice("faults", fault.id);
          return json(response, 200, { fault_id: fault.id, events: fault.count });
        }
        if (id === "triage") return json(response, 200, { results: triage(await bodyOf(request)) });
        if (id === "undo") {
          const { changes: given } = await bodyOf(request);
          return json(response, 200, {
            results: (Array.isArray(given) ? given : []).map((each) => undo(String(each))),
          });
        }
        break;
      }
      case "GET releases":
        return json(response, 200, {
          releases: world.faults.length === 0 ? [] : [0, 1, 2].map((n) => fixtures.releaseRow(n, now, world.faults)),
        });
      case "GET search-suggestions":
        return json(response, 200, suggestions(url.searchParams.get("q") ?? ""));
      case "GET views":
        return json(response, 200, { views: world.views });
      case "POST views": {
        const { name, filter } = await bodyOf(request);
        const view: View = {
          id: fixtures.uuid(9, world.views.length),
          name: String(name),
          filter: FaultFilter.parse(filter),
          created_at: now,
        };
        world.views.push(view);
        return json(response, 201, { view });
      }
      case "DELETE views":
        world.views = world.views.filter((each) => each.id !== id);
        return void response.writeHead(204).end();
      case "GET escalations":
        return json(
          response,
          200,
          fixtures.escalationPage(world.escalation, url.searchParams.get("status") === "all", now, world.answer),
        );
      case "POST escalations": {
        const { decision } = await bodyOf(request);
        if (world.escalation?.status !== "open" || (decision !== "restart_once" && decision !== "leave_stopped")) break;
        world.escalation = {
          ...world.escalation,
          status: "decided",
          decision,
          decided_by: { kind: "person", id: "operator" },
          decided_at: now,
        };
        notice("escalations", world.escalation.id);
        return json(response, 200, fixtures.decided(world.escalation, world.refuses));
      }
      case "GET triggers":
        return json(response, 200, fixtures.triggerPage(world.kill, now));
      case "GET probes":
        return json(response, 200, fixtures.probePage(now));
      case "GET heartbeats":
        return json(response, 200, fixtures.heartbeatPage(now));
      case "GET plugins":
        return json(response, 200, { project: "default", plugins: [] });
      case "GET forge":
        return json(response, 200, { forge: world.faults.length === 0 ? null : forgeCheck(now) });
      case "GET filings":
        return json(response, 200, filingPage(now));
      case "GET pauses":
        return json(response, 200, { pauses: [] });
      case "GET overrides":
        return json(response, 200, { overrides: [] });
      case "GET maintenance":
        return json(response, 200, { windows: [] });
      case "GET approvals":
        return json(response, 200, { approvals: [] });
      case "GET envelopes":
        return json(response, 200, { envelopes: [] });
      case "GET away":
        return json(response, 200, { since: now - 86_400_000, now, reviewed_at: null, items: [] });
      case "GET sprints":
        return json(response, 200, { sprints: [] });
      case "GET timeline": {
        const { events, next } = fixtures.timelinePage(now);
        return json(response, 200, id === "" ? { events, next } : { sessions: [id], events: events.toReversed() });
      }
      case "GET kill":
        return json(response, 200, world.kill);
      case "POST kill":
      case "POST unkill":
        world.kill = { on: noun === "kill", since: now, by: { kind: "person", id: "operator" } };
        notice("triggers", "kill");
        return json(response, 200, world.kill);
      case "GET ledger":
        if (id === "verify") return json(response, 200, report(world.ledgerOk));
        return json(
          response,
          200,
          fixtures.ledgerPage(
            Number(url.searchParams.get("from") ?? 0),
            Number(url.searchParams.get("limit") ?? 50),
            now,
          ),
        );
      case "GET supervised":
        return json(response, 200, { supervised: world.supervised });
      case "GET programs":
        return json(response, 200, {
          lines: id === "shop-api" ? ["listening on :8080", "GET /cart 200 for [REDACTED:EMAIL]"] : [],
          at: id === "shop-api" ? now : null,
        });
      case "POST programs": {
        const { project } = await bodyOf(request);
        const program = world.supervised.find((each) => each.name === id && each.project_id === project);
        if (program === undefined || (verb !== "start" && verb !== "stop" && verb !== "restart")) break;
        const answer = fixtures.programAnswer(50 + seen.length, world.refuses);
        if (!world.refuses)
          program.last_attempt = {
            id: answer.attempt_id,
            action: verb,
            by: { kind: "person", id: "operator" },
            state: "permitted",
            refusal: null,
            verification: null,
            at: Date.now(),
          };
        notice("supervised", `program:${id}`);
        return json(response, 200, answer);
      }
      case "POST test-event":
        world.faults.unshift(fixtures.faultRow(0, now));
        notice("faults", fixtures.uuid(1, 0));
        return json(response, 202, { event_id: "0".repeat(32) });
    }
    json(response, 404, { error: { code: "PRUNELLA_NOT_FOUND", message: "There is no such thing.", hint: null } });
  }

  function detail(fault: FaultRow) {
    const merged = world.faults.filter((each) => each.merged_into === fault.id);
    const changes = said.filter((each) => each.fault === fault.id).map((each) => each.change);
    const whole = { ...fixtures.faultDetail(fault, now, merged, world.keys), changes };
    const errors = whole.latest?.event.errors ?? [];
    for (const error of errors.slice(-1))
      error.frames = error.frames.flatMap((frame, at) =>
        Array.from({ length: at === 2 ? world.recursion : 1 }, () => frame),
      );
    if (world.escalation?.fault_id !== fault.id) return { ...whole, escalations: [] };
    return {
      ...whole,
      escalations: [world.escalation],
      attempts: [...whole.attempts, ...(world.answer === null ? [] : [world.answer])],
    };
  }

  /** Newest first. */
  const said: { fault: string; change: FaultChange; before: Partial<FaultRow> }[] = [];

  function triage(body: Record<string, unknown>): TriageResult[] {
    const ids: unknown[] = Array.isArray(body["ids"]) ? body["ids"] : [];
    const wish = Triage.parse(body["triage"]);
    return ids.map((each): TriageResult => {
      const fault = world.faults.find(({ id }) => id === each);
      if (fault === undefined)
        return {
          id: String(each),
          fault: null,
          change: null,
          error: { code: "PRUNELLA_NOT_FOUND", message: "There is no such fault." },
        };
      const { status, assignee, resolved_in_next_release, snoozed_until, snoozed_count } = fault;
      const change: FaultChange = {
        id: fixtures.uuid(7, said.length),
        at: Date.now(),
        by: { kind: "person", id: "operator" },
        action: wish.action,
        text: wish.action === "note" ? wish.text : wish.action === "assign" ? wish.assignee : null,
        in_next_release: wish.action === "resolve" && wish.in_next_release,
        until: wish.action === "snooze" ? (wish.until ?? null) : null,
        events: wish.action === "snooze" ? (wish.events ?? null) : null,
        undone_at: null,
      };
      const before =
        wish.action === "note"
          ? {}
          : wish.action === "assign"
            ? { assignee }
            : { status, resolved_in_next_release, snoozed_until, snoozed_count };
      said.unshift({ fault: fault.id, change, before });
      const after = STATUS_AFTER[wish.action];
      Object.assign(fault, { version: fault.version + 1 });
      if (wish.action === "assign") fault.assignee = wish.assignee;
      if (after !== undefined)
        Object.assign(fault, {
          status: after,
          resolved_in_next_release: change.in_next_release,
          snoozed_until: change.until,
          snoozed_count: change.events === null ? null : fault.count + change.events,
        });
      notice("faults", fault.id);
      return { id: fault.id, fault: bare(fault), change: change.id, error: null };
    });
  }

  function undo(id: string): TriageResult {
    const one = said.find(({ change }) => change.id === id);
    const fault = world.faults.find((each) => each.id === one?.fault);
    if (one === undefined || fault === undefined || one.change.undone_at !== null)
      return {
        id,
        fault: null,
        change: null,
        error: { code: "PRUNELLA_CONFLICT", message: "That has been taken back already." },
      };
    Object.assign(fault, one.before, { version: fault.version + 1 });
    one.change.undone_at = Date.now();
    if (one.change.action === "note") one.change.text = null;
    notice("faults", fault.id);
    return { id, fault: bare(fault), change: id, error: null };
  }

  const bare = ({
    sparkline: _sparkline,
    environments: _environments,
    healing: _healing,
    open_escalation_id: _asks,
    ...fault
  }: FaultRow): Fault => fault;

  /** Like the kernel: what was merged into the one goes along, and comes back only one by one. */
  function merge(moved: FaultRow, into: FaultRow | null): void {
    const before = world.faults.find((each) => each.id === moved.merged_into);
    for (const each of world.faults)
      if (each === moved || (into !== null && each.merged_into === moved.id)) each.merged_into = into?.id ?? null;
    if (into !== null) into.count += moved.count;
    if (before !== undefined) before.count -= moved.count;
    for (const each of [moved, into, before]) if (each != null) notice("faults", each.id);
  }

  function faultPage(params: URLSearchParams): FaultPage {
    const status = params.get("status") ?? "active";
    // Of the language the double knows `level:`, and that the rest is text.
    const typed = (params.get("q") ?? "").toLowerCase().trim();
    const level = params.get("level") ?? /level:(\w+)/.exec(typed)?.[1] ?? null;
    const q = typed.replace(/level:\w+/, "").trim();
    const environment = params.get("environment");
    const sort = params.get("sort") ?? "last_seen";
    const fits = world.faults.filter(
      (each) =>
        each.merged_into === null &&
        (level === null || each.level === level) &&
        (environment === null || each.environments.includes(environment)) &&
        (status === "all" ||
          each.status === status ||
          (status === "active" && (each.status === "open" || each.status === "regressed"))) &&
        `${each.title} ${each.culprit}`.toLowerCase().includes(q),
    );
    if (sort === "count" || sort === "users") fits.sort((a, b) => b[sort] - a[sort]);
    const from = Number(params.get("cursor") ?? 0);
    const limit = Number(params.get("limit") ?? 50);
    const counts: Record<FaultStatus, number> = { open: 0, regressed: 0, resolved: 0, muted: 0 };
    for (const each of world.faults) counts[each.status]++;
    return {
      faults: fits.slice(from, from + limit),
      next: from + limit < fits.length ? String(from + limit) : null,
      total: fits.length,
      counts,
      searched: typed === "" ? [] : ["titles", "places", "messages"],
    };
  }

  let port = 0;
  const start = () =>
    new Promise<void>((resolve) => {
      server.listen(port, "127.0.0.1", () => {
        const address = server.address();
        if (typeof address === "object" && address !== null) port = address.port;
        resolve();
      });
    });
  const stop = async () => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  await start();
  return { url: `http://127.0.0.1:${port}`, world, seen, notice, start, stop, [Symbol.asyncDispose]: stop };
}

const STATUS_AFTER: Record<string, FaultStatus> = {
  resolve: "resolved",
  mute: "muted",
  snooze: "muted",
  reopen: "open",
};

const report = (ok: boolean): LedgerReport => ({
  ok,
  size: 131,
  root: "pS7mFzkcD3wXq0kQ4Yl0n6k1y3sVJvQmJk0v6s1b2cE=",
  checked_entries: 131,
  checked_tiles: 2,
  problems: ok ? [] : [{ what: "the stored leaf hash differs from the entry", index: 77 }],
});

function page(dist: string, path: string, response: ServerResponse): void {
  const file = normalize(join(dist, path));
  const found = file.startsWith(dist) && existsSync(file) && statSync(file).isFile() ? file : join(dist, "index.html");
  response.writeHead(200, { "content-type": TYPES[extname(found)] ?? "application/octet-stream" });
  createReadStream(found).pipe(response);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response
    .writeHead(status, { "content-type": "application/json", "cache-control": "no-store" })
    .end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const body: Record<string, unknown> = JSON.parse(text === "" ? "{}" : text);
  return body;
}
