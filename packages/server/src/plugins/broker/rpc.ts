import { BROKER_ERRORS } from "@prunella/contract/plugins";
import { z } from "zod";

/** Calls of a plugin that are being done at once; one more is refused. */
const MAX_IN_FLIGHT = 32;
/** Words that ask for no answer, over the life of a process; more is a flood. */
const MAX_NOTICES = 20_000;

const Id = z.union([z.int(), z.string().max(64)]);
const Frame = z.union([
  z.strictObject({ jsonrpc: z.literal("2.0"), id: Id, method: z.string().min(1).max(100), params: z.unknown() }),
  z.strictObject({ jsonrpc: z.literal("2.0"), method: z.string().min(1).max(100), params: z.unknown() }),
  z.strictObject({ jsonrpc: z.literal("2.0"), id: Id, result: z.unknown() }),
  z.strictObject({
    jsonrpc: z.literal("2.0"),
    id: Id,
    error: z.strictObject({ code: z.int(), message: z.string().max(100_000), data: z.unknown().optional() }),
  }),
]);

/** An answer that is an error, of either side. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data: unknown = null) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** The other side broke the rules of the line: what it says from here on is not listened to. */
export class PeerBroke extends Error {
  override readonly name = "PeerBroke";
}

export interface PeerGiven {
  send(frame: object): boolean;
  readonly frames: AsyncIterable<unknown>;
  /** Rejects with {@link RpcError} to answer with an error. Anything else that it throws is ours, and is not told. */
  onCall(method: string, params: unknown, id: number | string): Promise<unknown>;
  onNotice(method: string, params: unknown): void;
}

export interface Peer {
  /** Rejects with {@link RpcError}, with {@link PeerBroke}, or with the reason of the signal. */
  ask(method: string, params: object, signal: AbortSignal): Promise<unknown>;
  /** Resolves when the other side has said its last; null: it ended in good order. */
  readonly over: Promise<Error | null>;
}

/** JSON-RPC 2.0 both ways over frames that nobody trusts. */
export function createPeer({ send, frames, onCall, onNotice }: PeerGiven): Peer {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  /** Asked and given up: their answers may still come, and are no breach. */
  const givenUp = new Set<number>();
  let asked = 0;
  let inFlight = 0;
  let notices = 0;
  let gone: Error | null = null;

  const say = (frame: object): void => {
    if (!send({ jsonrpc: "2.0", ...frame })) throw new PeerBroke("it does not read what it is sent");
  };

  async function carryOut(id: number | string, method: string, params: unknown): Promise<void> {
    if (inFlight >= MAX_IN_FLIGHT)
      return say({ id, error: { code: BROKER_ERRORS.budget, message: `at most ${MAX_IN_FLIGHT} calls at once` } });
    inFlight += 1;
    try {
      const result = (await onCall(method, params, id)) ?? null;
      say({ id, result });
    } catch (error) {
      if (error instanceof PeerBroke) throw error;
      const known =
        error instanceof RpcError ? error : new RpcError(BROKER_ERRORS.failed, "the host could not do that");
      say({ id, error: { code: known.code, message: known.message, data: known.data } });
    } finally {
      inFlight -= 1;
    }
  }

  function take(value: unknown): void {
    const read = Frame.safeParse(value);
    if (!read.success) throw new PeerBroke("it sent a frame that is no request, notice or answer of JSON-RPC 2.0");
    const frame = read.data;
    if ("method" in frame) {
      if ("id" in frame) {
        // What it answers may be too large, or nobody reads it: then the line is over, and the next ask says so.
        carryOut(frame.id, frame.method, frame.params).catch((error: unknown) => end(asError(error)));
        return;
      }
      notices += 1;
      if (notices > MAX_NOTICES) throw new PeerBroke(`it sent more than ${MAX_NOTICES} notices`);
      return onNotice(frame.method, frame.params);
    }
    const id = Number(frame.id);
    if (givenUp.delete(id)) return;
    const asker = typeof frame.id === "number" ? waiting.get(id) : undefined;
    if (asker === undefined) throw new PeerBroke("it answered what nobody asked");
    waiting.delete(id);
    if ("result" in frame) asker.resolve(frame.result);
    else if ("error" in frame) asker.reject(new RpcError(frame.error.code, frame.error.message, frame.error.data));
  }

  function end(error: Error | null): void {
    gone ??= error ?? new PeerBroke("it has ended");
    for (const asker of waiting.values()) asker.reject(gone);
    waiting.clear();
  }

  const over = (async (): Promise<Error | null> => {
    try {
      for await (const frame of frames) {
        if (gone !== null) break;
        take(frame);
      }
    } catch (error) {
      end(asError(error));
      return asError(error);
    }
    const how = gone;
    end(null);
    return how;
  })();

  return {
    over,
    ask(method, params, signal) {
      if (gone !== null) return Promise.reject(gone);
      signal.throwIfAborted();
      asked += 1;
      const id = asked;
      return new Promise((resolve, reject) => {
        const settle = (): void => signal.removeEventListener("abort", giveUp);
        const giveUp = (): void => {
          waiting.delete(id);
          givenUp.add(id);
          try {
            say({ method: "$/cancel", params: { id, reason: String(signal.reason) } });
          } catch {
            // Then it is not told; whoever gave up ends it.
          }
          reject(asError(signal.reason));
        };
        signal.addEventListener("abort", giveUp, { once: true });
        waiting.set(id, {
          resolve: (value) => (settle(), resolve(value)),
          reject: (error) => (settle(), reject(error)),
        });
        try {
          say({ id, method, params });
        } catch (error) {
          waiting.delete(id);
          settle();
          reject(asError(error));
        }
      });
    },
  };
}

const asError = (value: unknown): Error => (value instanceof Error ? value : new Error(String(value)));
