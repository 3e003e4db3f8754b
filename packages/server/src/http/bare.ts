import type { IncomingMessage, ServerResponse } from "node:http";
import { PrunellaError } from "@prunella/contract";
import { MAX_BODY, SUPERVISED, type Operation } from "@prunella/contract/operations";
import { answerOf } from "./api-error.ts";
import { isSame } from "./auth.ts";
import { toJson } from "./body.ts";
import { encodeJson } from "./compress-json.ts";
import { duringDecision } from "./handlers/supervised.ts";
import { assertKnownHost } from "./hosts.ts";
import { assertFits, parse } from "./operations.ts";
import type { HttpDeps } from "./server.ts";

const { report_crash, next_instruction, redeem_permit, report_outcome } = SUPERVISED;

/** Ids as we make them; whatever else stands in an address is for the long way to read. */
const ADDRESS = /^\/v1\/([a-z]{1,20}\/)([\w-]{1,100})(\/[a-z]{1,20})(?:\?seen=([\w-]{1,100}))?$/;

interface Call {
  readonly operation: Operation;
  answer(id: string, given: { readonly seen: string | undefined; readonly body: unknown }): Promise<unknown>;
}

/**
 * The calls of supervisors that every decision takes, four of them, past the router and without the objects that
 * browsers know requests by, which cost more than all that is done about such a call. It takes what comes as
 * supervisors send it, with the token of the data folder and for this host; anything else goes the long way, which
 * knows what to refuse. False: it has not been taken.
 */
export function createBareCalls(deps: HttpDeps): (request: IncomingMessage, response: ServerResponse) => boolean {
  const calls: Readonly<Record<string, Call>> = {
    [nameOf(report_crash)]: {
      operation: report_crash,
      answer: (run, { body }) =>
        duringDecision.report_crash(
          { ...parse(report_crash.params, { run }), ...parse(report_crash.body, body) },
          deps,
        ),
    },
    [nameOf(next_instruction)]: {
      operation: next_instruction,
      answer: (run, { seen }) =>
        duringDecision.next_instruction(
          { ...parse(next_instruction.params, { run }), ...parse(next_instruction.query, { seen }) },
          deps,
        ),
    },
    [nameOf(redeem_permit)]: {
      operation: redeem_permit,
      answer: (id, { body }) =>
        duringDecision.redeem_permit(
          { ...parse(redeem_permit.params, { id }), ...parse(redeem_permit.body, body) },
          deps,
        ),
    },
    [nameOf(report_outcome)]: {
      operation: report_outcome,
      answer: (id, { body }) =>
        duringDecision.report_outcome(
          { ...parse(report_outcome.params, { id }), ...parse(report_outcome.body, body) },
          deps,
        ),
    },
  };

  return (request, response) => {
    const [, area, id, what, seen] = ADDRESS.exec(request.url ?? "") ?? [];
    const call = calls[`${request.method} /v1/${area}*${what}`];
    if (call === undefined || id === undefined || !isPlain(request, call.operation, seen, deps)) return false;
    void answer(request, response, call, { id, seen }, deps);
    return true;
  };
}

/** As the table has it, with a star for the id; only for whom nothing but the token is asked. */
function nameOf({ method, path, who }: Operation): string {
  if (who !== "token") throw new Error(`${path} is for others than the holder of the token`);
  return `${method} ${path.replace(/:\w+/, "*")}`;
}

/** Whether nothing about it is left to refuse but what its body says. */
function isPlain(
  { headers }: IncomingMessage,
  { method, query }: Operation,
  seen: string | undefined,
  { token, config }: HttpDeps,
): boolean {
  if (seen !== undefined && query === undefined) return false;
  const { authorization = "", host, "content-length": length, "transfer-encoding": coding } = headers;
  if (!authorization.startsWith("Bearer ") || !isSame(authorization.slice("Bearer ".length), token)) return false;
  if (coding !== undefined || (method === "GET" ? (length ?? "0") !== "0" : !isShort(length))) return false;
  try {
    assertKnownHost(host, config.server);
    return true;
  } catch {
    return false;
  }
}

/** The HTTP parser hands over no more than was claimed. */
const isShort = (length: string | undefined): boolean => length !== undefined && Number(length) <= MAX_BODY;

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { operation, answer: give }: Call,
  { id, seen }: { readonly id: string; readonly seen: string | undefined },
  { checksAnswers, log }: HttpDeps,
): Promise<void> {
  try {
    const body = operation.method === "GET" ? null : toJson(await bodyOf(request));
    const output = await give(id, { seen, body });
    if (checksAnswers) assertFits(operation, output);
    if (operation.status === 204) return void response.writeHead(204, { "cache-control": "no-store" }).end();
    const headers = new Headers();
    const accepted = request.headers["accept-encoding"] ?? null;
    const sent = await encodeJson(JSON.stringify(output), operation, accepted, headers);
    send(response, operation.status, sent, Object.fromEntries(headers));
  } catch (error) {
    const { status, text } = answerOf(error, log);
    send(response, status, text, {});
  }
}

function send(
  response: ServerResponse,
  status: number,
  sent: string | Uint8Array,
  more: Readonly<Record<string, string>>,
): void {
  response
    .writeHead(status, {
      "cache-control": "no-store",
      "content-type": "application/json",
      "content-length": Buffer.byteLength(sent),
      ...more,
    })
    .end(sent);
}

function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const end = () =>
      reject(new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "The connection ended before the body did." }));
    request
      .on("data", (chunk: Buffer) => chunks.push(chunk))
      .once("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
      .once("error", end)
      .once("close", end);
  });
}
