import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { BROKER_ERRORS } from "@prunella/contract/plugins";
import { z } from "zod";
import { RpcError } from "../broker/rpc.ts";

/** A plugin elsewhere has so long to ask, however long its command may take. */
const LINE_MS = 300_000;
const MAX_IN_FLIGHT = 32;
/** Words that ask for no answer; more is a flood. */
const MAX_NOTICES = 20_000;

export interface LineGiven {
  readonly invocation: string;
  /** When the invocation is over at the latest. */
  readonly deadline: number;
  onCall(method: string, params: unknown): Promise<unknown>;
  onNotice(method: string, params: unknown): void;
}

export interface Line {
  readonly url: string;
  readonly token: string;
  readonly expiresAt: number;
  end(): void;
}

/** One request to the broker, as it came over the network. */
export interface LineAsk {
  readonly invocation: string;
  readonly token: string;
  /** Whose address it came from. */
  readonly network: string;
  readonly body: unknown;
}

export interface LineAnswer {
  readonly status: 200 | 204 | 400 | 401 | 403;
  /** null: nothing was asked that wants an answer. */
  readonly body: object | null;
}

interface Held extends LineGiven {
  readonly tokenHash: Buffer;
  readonly expiresAt: number;
  /** Of the first who used the token. */
  network: string | null;
  readonly seen: Set<string>;
  inFlight: number;
  notices: number;
}

const Id = z.union([z.int(), z.string().max(64)]);
const Frame = z.union([
  z.strictObject({
    jsonrpc: z.literal("2.0"),
    id: Id,
    method: z.string().min(1).max(100),
    params: z.unknown().optional(),
  }),
  z.strictObject({ jsonrpc: z.literal("2.0"), method: z.string().min(1).max(100), params: z.unknown().optional() }),
]);

const hashOf = (token: string): Buffer => createHash("sha256").update(token).digest();
const errorBody = (id: number | string | null, code: number, message: string, data: unknown = null) => ({
  jsonrpc: "2.0",
  id,
  error: { code, message, data },
});
/** The standard's own word for what is no request. */
const NO_REQUEST = -32_600;

/**
 * By which plugins elsewhere reach the broker while one invocation of theirs goes on: a token for it alone, which ends
 * with it or after five minutes. It is bound to whoever uses it first, and each call counts once by its id, so what
 * somebody overheard is of no use to them. What is remembered of a token is its hash.
 */
export function createLines({ now, url }: { readonly now: () => number; readonly url: () => string }) {
  const lines = new Map<string, Held>();

  function open(given: LineGiven): Line {
    const token = randomBytes(32).toString("base64url");
    const expiresAt = Math.min(now() + LINE_MS, given.deadline);
    const held: Held = {
      ...given,
      tokenHash: hashOf(token),
      expiresAt,
      network: null,
      seen: new Set(),
      inFlight: 0,
      notices: 0,
    };
    lines.set(given.invocation, held);
    return {
      url: `${url().replace(/\/$/, "")}/broker/${given.invocation}`,
      token,
      expiresAt,
      end: () => void lines.delete(given.invocation),
    };
  }

  function find(invocation: string, token: string): Held | null {
    const held = lines.get(invocation);
    const isOurs = held !== undefined && timingSafeEqual(held.tokenHash, hashOf(token)) && now() < held.expiresAt;
    return isOurs ? held : null;
  }

  /** Never rejects: what went wrong is an answer. */
  async function take({ invocation, token, network, body }: LineAsk): Promise<LineAnswer> {
    const held = find(invocation, token);
    if (held === null)
      return {
        status: 401,
        body: errorBody(null, BROKER_ERRORS.expired, "no invocation goes on for this token at this server"),
      };
    held.network ??= network;
    if (held.network !== network)
      return { status: 403, body: errorBody(null, BROKER_ERRORS.denied, "somebody elsewhere uses this token") };
    const read = Frame.safeParse(body);
    if (!read.success)
      return { status: 400, body: errorBody(null, NO_REQUEST, "it is no single request or notice of JSON-RPC 2.0") };
    const { method, params } = read.data;
    if (!("id" in read.data)) {
      held.notices += 1;
      if (held.notices <= MAX_NOTICES) held.onNotice(method, params);
      return { status: 204, body: null };
    }
    const { id } = read.data;
    const name = JSON.stringify(id);
    if (held.seen.has(name))
      return { status: 403, body: errorBody(id, BROKER_ERRORS.denied, "a call of this id was made before") };
    // Before anything is done about it, and as often as calls are allowed: those over the budget are remembered no more.
    if (held.seen.size < MAX_SEEN) held.seen.add(name);
    else return { status: 200, body: errorBody(id, BROKER_ERRORS.budget, "too many calls of one invocation") };
    if (held.inFlight >= MAX_IN_FLIGHT)
      return {
        status: 200,
        body: errorBody(id, BROKER_ERRORS.budget, `at most ${MAX_IN_FLIGHT} calls at once`),
      };
    held.inFlight += 1;
    try {
      return { status: 200, body: { jsonrpc: "2.0", id, result: (await held.onCall(method, params)) ?? null } };
    } catch (error) {
      const known =
        error instanceof RpcError ? error : new RpcError(BROKER_ERRORS.failed, "the host could not do that");
      return { status: 200, body: errorBody(id, known.code, known.message, known.data) };
    } finally {
      held.inFlight -= 1;
    }
  }

  return { open, take, knows: (invocation: string, token: string) => find(invocation, token) !== null };
}
export type Lines = ReturnType<typeof createLines>;

/** The most calls that a manifest may ask for, and some that are refused. */
const MAX_SEEN = 200_000;
