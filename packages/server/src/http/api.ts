import {
  AnnounceBody,
  CrashBody,
  DecideBody,
  FaultQuery,
  MergeBody,
  NewGroupingRule,
  NewProject,
  NewSourceMap,
  OutcomeBody,
  PrunellaError,
  ProjectId,
  RedeemBody,
  RestartPolicy,
  TriggerQuery,
  type LedgerPage,
  type Me,
  type Project,
} from "@prunella/contract";
import { OPERATOR, type Kernel } from "@prunella/kernel";
import { Hono, type Context } from "hono";
import { z } from "zod";
import { crashEvent } from "../supervisor/crash-event.ts";
import type { LedgerPublisher } from "../ledger-publisher.ts";
import { assertSameOrigin, authenticate, COOKIE, type Caller } from "./auth.ts";
import { noticeStream } from "./stream.ts";
import { testEvent } from "./test-event.ts";

export interface ApiDeps {
  readonly kernel: Kernel;
  readonly publisher: LedgerPublisher;
  readonly token: string;
  readonly url: () => string;
  readonly dsnOf: (row: { dsn_id: string; public_key: string }) => string;
  readonly now: () => number;
  readonly startedAt: number;
  readonly isDemo: boolean;
  /** Ends with the server, so that open streams do not hold it up. */
  readonly closing: AbortSignal;
}

type Env = { Variables: { caller: Caller } };

const VERSION = "0.1.0";
/** Operator bodies are small; a crash with its tail of stderr is the largest. */
const MAX_BODY = 262_144;
/** A source map of 32 MiB and what says where it belongs. */
const MAX_MAP_BODY = 34_603_008;

/** The operator API under `/v1`, thin over the kernel's application functions. */
export function createApi(deps: ApiDeps): Hono<Env> {
  const { kernel } = deps;
  const api = new Hono<Env>();

  api.post("/session", async (c) => {
    assertSameOrigin(c.req.raw);
    const { code } = await read(c, z.strictObject({ code: z.string().min(1).max(200) }));
    const { token, expiresAt } = await kernel.access.signIn(code);
    const maxAge = Math.floor((expiresAt - deps.now()) / 1000);
    c.header(
      "set-cookie",
      `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAge}${deps.url().startsWith("https:") ? "; Secure" : ""}`,
    );
    return c.body(null, 204);
  });

  api.use(async (c, next) => {
    c.set("caller", await authenticate(c.req.raw, kernel, deps.token));
    c.header("cache-control", "no-store");
    await next();
  });

  api.delete("/session", async (c) => {
    const caller = c.get("caller");
    if (caller.kind === "session") await kernel.access.signOut(caller.session);
    c.header("set-cookie", `${COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`);
    return c.body(null, 204);
  });
  api.get("/me", (c) =>
    c.json<Me>({ kind: c.get("caller").kind, version: VERSION, demo: deps.isDemo, started_at: deps.startedAt }),
  );
  api.post("/sign-in-links", async (c) => {
    if (c.get("caller").kind !== "token")
      throw new PrunellaError("PRUNELLA_SIGN_IN_REQUIRED", {
        detail: "Only the holder of the data folder's token makes sign-in links.",
      });
    return c.json({ url: `${deps.url()}/sign-in#code=${await kernel.access.mint()}` }, 201);
  });
  api.get("/stream", (c) => noticeStream(kernel, AbortSignal.any([c.req.raw.signal, deps.closing])));

  const toProject = (row: Awaited<ReturnType<Kernel["projects"]["list"]>>[number], faults: number): Project => ({
    id: row.project_id,
    title: row.title,
    dsn: deps.dsnOf(row),
    dsn_id: row.dsn_id,
    created_at: row.created_at,
    fault_count: faults,
  });
  api.get("/projects", async (c) => {
    const counts = await kernel.projects.faultCounts();
    return c.json({
      projects: (await kernel.projects.list()).map((row) => toProject(row, counts.get(row.project_id) ?? 0)),
    });
  });
  api.post("/projects", async (c) => {
    const given = await read(c, NewProject);
    return c.json({ project: toProject(await kernel.projects.add({ ...given, by: OPERATOR }), 0) }, 201);
  });
  api.post("/test-event", async (c) => {
    const { project } = await read(c, z.strictObject({ project: ProjectId.default("default") }));
    if (!(await kernel.projects.list()).some((row) => row.project_id === project))
      throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: `There is no project ${project}.` });
    const event = testEvent(deps.now());
    await kernel.report(project, [event]);
    return c.json({ event_id: event.id }, 202);
  });

  api.get("/faults", async (c) => c.json(await kernel.faults.list(check(FaultQuery, c.req.query()))));
  api.get("/faults/:id", async (c) =>
    c.json(await kernel.faults.detail(await kernel.faults.resolveId(c.req.param("id")))),
  );
  api.get("/faults/:id/events/:event", async (c) =>
    c.json(await kernel.faults.sample(await kernel.faults.resolveId(c.req.param("id")), c.req.param("event"))),
  );
  api.get("/faults/:id/explain", async (c) =>
    c.json(await kernel.faults.explain(await kernel.faults.resolveId(c.req.param("id")))),
  );
  for (const action of ["resolve", "mute", "reopen"] as const) {
    api.post(`/faults/:id/${action}`, async (c) =>
      c.json({ fault: await kernel.faults.change(await kernel.faults.resolveId(c.req.param("id")), action) }),
    );
  }

  api.post("/faults/:id/merge", async (c) => {
    const { fault } = await read(c, MergeBody);
    return c.json(
      await kernel.faults.merge(await kernel.faults.resolveId(c.req.param("id")), await kernel.faults.resolveId(fault)),
    );
  });
  api.post("/faults/:id/unmerge", async (c) =>
    c.json(await kernel.faults.unmerge(await kernel.faults.resolveId(c.req.param("id")))),
  );
  api.get("/grouping-rules", async (c) => c.json({ rules: await kernel.rules.list() }));
  api.post("/grouping-rules", async (c) => {
    const given = await read(c, NewGroupingRule);
    return c.json({ rule: await kernel.rules.add(given) }, 201);
  });
  api.delete("/grouping-rules/:id", async (c) => {
    await kernel.rules.remove(c.req.param("id"));
    return c.body(null, 204);
  });
  api.get("/source-maps", async (c) => {
    const { project } = check(z.strictObject({ project: ProjectId.optional() }), c.req.query());
    return c.json({ source_maps: await kernel.sourceMaps.list(project) });
  });
  api.post("/source-maps", async (c) => {
    const given = await read(c, NewSourceMap, MAX_MAP_BODY);
    return c.json({ source_map: await kernel.sourceMaps.add(given) }, 201);
  });
  api.delete("/source-maps/:id", async (c) => {
    await kernel.sourceMaps.remove(c.req.param("id"));
    return c.body(null, 204);
  });
  api.post("/faults/:id/erase", async (c) => c.json(await kernel.faults.erase(c.req.param("id"))));

  const AttemptQuery = z.strictObject({
    fault: z.string().optional(),
    project: ProjectId.optional(),
    cursor: z.string().max(200).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  });
  api.get("/attempts", async (c) => {
    const { fault, ...query } = check(AttemptQuery, c.req.query());
    return c.json(
      await kernel.attempts.list({
        ...query,
        faultIds: fault === undefined ? undefined : [await kernel.faults.resolveId(fault)],
      }),
    );
  });
  api.get("/escalations", async (c) =>
    c.json(
      await kernel.escalations.list(
        check(z.strictObject({ status: z.enum(["open", "all"]).default("open") }), c.req.query()).status,
      ),
    ),
  );
  api.post("/escalations/:id/decide", async (c) => {
    const { decision } = await read(c, DecideBody);
    return c.json(await kernel.escalations.decide(await kernel.escalations.resolveId(c.req.param("id")), decision));
  });
  api.get("/triggers", async (c) => c.json(await kernel.triggers.list(check(TriggerQuery, c.req.query()))));
  api.post("/kill", async (c) => c.json(await kernel.switches.kill(true)));
  api.post("/unkill", async (c) => c.json(await kernel.switches.kill(false)));

  api.get("/ledger", async (c) => {
    const { from, limit } = check(
      z.strictObject({
        from: z.coerce.number().int().min(0).optional(),
        limit: z.coerce.number().int().min(1).max(500).default(50),
      }),
      c.req.query(),
    );
    const head = await kernel.ledger.head();
    const start = from ?? Math.max(0, head.size - limit);
    const entries = await kernel.ledger.entries(start, start + limit);
    return c.json<LedgerPage>({
      ...head,
      entries: entries.map((row) => ({ index: row.index, leaf_hash: row.leafHash, entry: JSON.parse(row.entry) })),
    });
  });
  api.get("/ledger/verify", async (c) => c.json(await deps.publisher.verify()));

  api.get("/supervised", async (c) => c.json({ supervised: await kernel.supervised.list() }));
  api.post("/supervised", async (c) => {
    assertToken(c.get("caller"));
    const given = await read(c, AnnounceBody);
    const policy = check(RestartPolicy, given.policy ?? {});
    const { runId } = await kernel.supervised.announce({
      projectId: given.project,
      name: given.name,
      pid: given.pid,
      policy,
    });
    return c.json({ run_id: runId, target: given.name }, 201);
  });
  api.post("/supervised/:run/crash", async (c) => {
    assertToken(c.get("caller"));
    const body = await read(c, CrashBody);
    await kernel.supervised.crash(c.req.param("run"), (target) => crashEvent(target, body, deps.now()));
    return c.body(null, 204);
  });
  api.get("/supervised/:run/next", async (c) => {
    assertToken(c.get("caller"));
    return c.json(await kernel.supervised.next(c.req.param("run"), c.req.query("seen") ?? null));
  });
  api.post("/supervised/:run/end", async (c) => {
    assertToken(c.get("caller"));
    await kernel.supervised.end(c.req.param("run"));
    return c.body(null, 204);
  });
  api.post("/permits/:id/redeem", async (c) => {
    assertToken(c.get("caller"));
    return c.json(await kernel.redeemTicket(c.req.param("id"), (await read(c, RedeemBody)).fence));
  });
  api.post("/attempts/:id/outcome", async (c) => {
    assertToken(c.get("caller"));
    const { state, fence, pid } = await read(c, OutcomeBody);
    await kernel.supervised.outcome(c.req.param("id"), fence, state, pid);
    return c.body(null, 204);
  });

  api.notFound(() => {
    throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "The operator API has no such address." });
  });
  return api;
}

/** Supervisors act; a browser's session reads and decides. */
function assertToken(caller: Caller): void {
  if (caller.kind !== "token")
    throw new PrunellaError("PRUNELLA_SIGN_IN_REQUIRED", {
      detail: "Only a supervisor with the data folder's token may do this.",
    });
}

async function read<T extends z.ZodType>(c: Context, schema: T, maxBytes = MAX_BODY): Promise<z.infer<T>> {
  const tooLarge = () =>
    new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: `A body has at most ${maxBytes} bytes.` });
  if (Number(c.req.header("content-length") ?? 0) > maxBytes) throw tooLarge();
  const bytes = await c.req.arrayBuffer();
  if (bytes.byteLength > maxBytes) throw tooLarge();
  let value: unknown;
  try {
    value = bytes.byteLength === 0 ? {} : JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "The body is not JSON." });
  }
  return check(schema, value);
}

function check<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
    detail: `${issue?.path.map(String).join(".") || "The request"}: ${issue?.message ?? "not valid"}.`,
  });
}
