import { expectedOf, PrunellaError, type Operations } from "@prunella/contract";
import { MAX_BODY, OPERATIONS, type Operation } from "@prunella/contract/operations";
import type { HttpBindings } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono, type Context as HonoContext } from "hono";
import { z } from "zod";
import { toApiError } from "./api-error.ts";
import { assertSameOrigin, authenticate, type Caller } from "./auth.ts";
import { leavesEndlessBody, readBody, toJson } from "./body.ts";
import { OPERATOR } from "@prunella/kernel";
import { encodeJson } from "./compress-json.ts";
import type { ApiDeps, Context, Handlers, Streams } from "./handler.ts";
import { assertMayCall, assertMayHere, assertSeen } from "./may.ts";
import { createStreams } from "./streams.ts";
import { whenceOf } from "./whence.ts";

/** Has the type of a method, so that handlers with narrower inputs fit: each gets what its own schemas parsed. */
type AnyHandler = { handle(input: unknown, context: Context): Promise<unknown> }["handle"];

const PREFIX = "/v1";
/** The body of what takes none. */
const NOTHING = z.strictObject({});
type Env = { readonly Bindings: HttpBindings };

/** Mounts the table: authorise, parse, call, answer. */
export function mount(handlers: Handlers<Operations>, deps: ApiDeps): Hono<Env> {
  const api = new Hono<Env>();
  const byId: Readonly<Record<string, AnyHandler>> = handlers;
  const methods = new Map<string, string[]>();
  const streams = createStreams(deps.kernel.notices, deps.now);
  for (const [id, operation] of Object.entries<Operation>(OPERATIONS)) {
    const handle = byId[id];
    if (handle === undefined) throw new Error(`there is no handler for ${id}`);
    const path = operation.path.slice(PREFIX.length);
    methods.set(path, [...(methods.get(path) ?? []), operation.method]);
    api.on(operation.method, path, (c) => answer(operation, handle, c, deps, streams));
  }
  for (const [path, allowed] of methods)
    api.all(path, async (c) => {
      await authenticate(c.req.raw, deps.kernel, deps);
      return refuseMethod(allowed);
    });
  api.all("*", async (c) => {
    await authenticate(c.req.raw, deps.kernel, deps);
    throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "The operator API has no such address." });
  });
  return api;
}

async function answer(
  operation: Operation,
  handle: AnyHandler,
  c: HonoContext<Env>,
  deps: ApiDeps,
  streams: Streams,
): Promise<Response> {
  const request = c.req;
  const caller = await authorise(operation, request.raw, deps);
  assertNoNul({ ...request.param(), ...request.query() });
  const body = operation.method === "GET" ? null : await readBody(request.raw, operation.max_body ?? MAX_BODY);
  const input = {
    ...(operation.params && parse(operation.params, request.param())),
    ...(operation.query && parse(operation.query, request.query())),
    // Whoever says something where nothing is heard believes that it was.
    ...parse(operation.body ?? NOTHING, toJson(body)),
  };
  const headers = new Headers({ "cache-control": "no-store" });
  const sees = caller === null ? null : await assertMayHere(caller, operation, input, deps.kernel);
  const output = await handle(input, {
    ...deps,
    caller,
    by: caller?.person ? { kind: "person", id: caller.person.id } : OPERATOR,
    sees,
    // Asked of the connection where somebody signs in, and not for each call of a supervisor.
    get whence() {
      return whenceOf(request.raw, addressOf(c));
    },
    request: request.raw,
    headers,
    streams,
  });
  if (output instanceof Response) return output;
  assertSeen(output, sees);
  if (deps.checksAnswers) assertFits(operation, output);
  if (operation.status === 204) return reply(c, 204, headers, null);
  headers.set("content-type", "application/json");
  const sent = await encodeJson(JSON.stringify(output), operation, request.raw.headers.get("accept-encoding"), headers);
  return reply(c, operation.status, headers, sent);
}

/**
 * Straight to the connection: the body of a `Response` is read back from a stream of its own, which costs more
 * than the rest of a short call.
 */
function reply(
  c: HonoContext<Env>,
  status: number,
  headers: Headers,
  body: string | Uint8Array<ArrayBuffer> | null,
): Response {
  // What is to be closed after its answer is left to those who close it.
  if (leavesEndlessBody(c.req.raw, status)) return new Response(body, { status, headers });
  const { outgoing } = c.env;
  if (body !== null) headers.set("content-length", String(Buffer.byteLength(body)));
  for (const [name, value] of headers) {
    if (name === "set-cookie") outgoing.appendHeader(name, value);
    else outgoing.setHeader(name, value);
  }
  outgoing.writeHead(status);
  outgoing.end(body);
  return RESPONSE_ALREADY_SENT;
}

/** Behind a proxy that of the proxy, which is all that the connection says. */
const addressOf = (c: HonoContext<Env>): string => getConnInfo(c).remote.address ?? "";

async function authorise(operation: Operation, request: Request, deps: ApiDeps): Promise<Caller | null> {
  if (operation.who === "anyone") {
    assertSameOrigin(request);
    return null;
  }
  const caller = await authenticate(request, deps.kernel, deps);
  assertMayCall(caller, operation);
  return caller;
}

/** No id and no text has one, and PostgreSQL takes none. */
function assertNoNul(given: Readonly<Record<string, string>>): void {
  if (Object.values(given).some((text) => text.includes("\0")))
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "The address holds a NUL character." });
}

export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: tell("The request", parsed.error, value) });
}

export function assertFits({ method, path, output: schema }: Operation, output: unknown): void {
  // As it comes over the wire: what JSON leaves out is not there.
  const sent: unknown = output === undefined ? undefined : JSON.parse(JSON.stringify(output));
  const { error } = schema.safeParse(sent);
  if (error) throw new Error(`the answer of ${method} ${path} is not as promised: ${tell("it", error, sent)}`);
}

function tell(whole: string, error: z.ZodError, given: unknown): string {
  const [issue] = error.issues;
  if (!issue) return `${whole}: not valid.`;
  return `${issue.path.map(String).join(".") || whole}: ${expectedOf(issue, given)}.`;
}

function refuseMethod(methods: readonly string[]): Response {
  const allow = methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", ");
  const error = new PrunellaError("PRUNELLA_METHOD_NOT_ALLOWED", { detail: `It takes ${allow}.` });
  return new Response(JSON.stringify(toApiError(error)), {
    status: error.status,
    headers: { "content-type": "application/json", "cache-control": "no-store", allow },
  });
}
