import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import { z } from "zod";
import type { SandboxedProcess } from "../../platform/sandbox/engine.ts";
import { PeerBroke } from "../broker/rpc.ts";

/** Words of a server in one life of its process, those that answer included; more is a flood. */
const MAX_MESSAGES = 20_000;

const Id = z.union([z.int(), z.string().max(100)]);
const Message = z.union([
  z.looseObject({ jsonrpc: z.literal("2.0"), method: z.string().min(1).max(200), id: Id.optional() }),
  z.looseObject({ jsonrpc: z.literal("2.0"), id: Id, result: z.looseObject({}) }),
  z.looseObject({
    jsonrpc: z.literal("2.0"),
    id: Id.nullish(),
    error: z.looseObject({ code: z.int(), message: z.string() }),
  }),
]);
const isMessage = (value: unknown): value is JSONRPCMessage => Message.safeParse(value).success;

export interface Line extends Transport {
  /** Why nothing more of it is listened to; null while all is well. */
  failure(): Error | null;
}

/**
 * The line to a server in the sandbox, for the client's library: it hands on what is a message and ends at the first
 * thing that is none, at an answer that nobody asked for, and at a flood.
 */
export function createLine(process: SandboxedProcess): Line {
  const asked = new Set<number | string>();
  let failure: Error | null = null;
  let messages = 0;

  const check = (frame: unknown): JSONRPCMessage => {
    messages += 1;
    if (messages > MAX_MESSAGES) throw new PeerBroke(`it sent more than ${MAX_MESSAGES} messages`);
    if (!isMessage(frame)) throw new PeerBroke("it sent a frame that is no request, notice or answer of JSON-RPC 2.0");
    if (!("method" in frame) && frame.id !== undefined && !asked.delete(frame.id))
      throw new PeerBroke("it answered what nobody asked");
    return frame;
  };

  const line: Line = {
    failure: () => failure,
    async start() {
      void listen();
    },
    async send(message) {
      if ("method" in message && "id" in message) asked.add(message.id);
      if (!process.send(message)) throw new PeerBroke("it does not read what it is sent");
    },
    async close() {
      await process.kill();
    },
  };

  async function listen(): Promise<void> {
    try {
      for await (const frame of process.frames) line.onmessage?.(check(frame));
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(String(error));
    }
    await process.kill();
    line.onclose?.();
  }

  return line;
}
