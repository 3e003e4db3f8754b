import { parseJson } from "@prunella/contract/json";
import { z } from "zod";
import { send } from "../../platform/outbound.ts";
import type { RequestKey } from "../../platform/plugins/request-key.ts";
import { RpcError } from "../broker/rpc.ts";
import { OutsideFailed } from "./failure.ts";

/** As a frame of a plugin that runs here. */
const MAX_ANSWER_BYTES = 4_194_304;
const SNIPPET = 1_000;

const Answer = z.union([
  z.object({ jsonrpc: z.literal("2.0"), id: z.string(), result: z.object({ output: z.unknown() }) }),
  z.object({
    jsonrpc: z.literal("2.0"),
    id: z.string(),
    error: z.object({ code: z.int(), message: z.string().max(100_000), data: z.unknown().optional() }),
  }),
]);

export interface HttpCall {
  readonly url: string;
  readonly invocation: string;
  /** `commands/hi`, `events/fault.new`. */
  readonly method: string;
  readonly params: object;
  readonly now: number;
}

/**
 * One request to a plugin's address, signed as Standard Webhooks says (`v1a`, Ed25519), and its answer: the same
 * JSON-RPC that a plugin here speaks. It is made once: nobody knows what a lost answer has done.
 *
 * @throws OutsideFailed where there was no answer that counts
 * @throws RpcError for an error of its own
 */
export async function callHttp(call: HttpCall, key: RequestKey, signal: AbortSignal): Promise<unknown> {
  const { invocation: id, url } = call;
  const body = JSON.stringify({ jsonrpc: "2.0", id, method: call.method, params: call.params });
  const seconds = String(Math.floor(call.now / 1_000));
  const { status, text } = await post(url, body, signal, {
    "content-type": "application/json",
    "user-agent": "prunella",
    "webhook-id": id,
    "webhook-timestamp": seconds,
    "webhook-signature": key.sign(id, seconds, body),
  });
  const snippet = text.slice(0, SNIPPET);
  if (status !== 200)
    throw new OutsideFailed(
      `It answered with the status ${status}${status >= 300 && status < 400 ? ", to go elsewhere" : ""}.`,
      {
        category: "http",
        status,
        snippet,
      },
    );
  const read = Answer.safeParse(parseJson(text));
  if (!read.success)
    throw new OutsideFailed("Its answer is no answer of JSON-RPC 2.0 with an output.", {
      category: "validation",
      status,
      snippet,
    });
  if (read.data.id !== id)
    throw new OutsideFailed("Its answer is for another invocation.", { category: "validation", status, snippet });
  if ("error" in read.data) throw new RpcError(read.data.error.code, read.data.error.message);
  return read.data.result.output;
}

async function post(
  url: string,
  body: string,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const answer = await send(url, {
      method: "POST",
      headers,
      body: Buffer.from(body),
      signal,
      maxBytes: MAX_ANSWER_BYTES,
      reach: "outward",
    });
    return { status: answer.status, text: answer.body.toString() };
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : "it was not reached";
    throw new OutsideFailed(`${new URL(url).host} was not reached: ${why}`, { category: "http" });
  }
}
