import type { CallToolResult, Tool } from "@modelcontextprotocol/client";
import { VERSION } from "@prunella/contract";
import type { SandboxedProcess } from "../../platform/sandbox/engine.ts";
import { createLine } from "./line.ts";

/** Since this one a client asks at once; before it there is an `initialize` that both sides answer. */
export const MODERN = "2026-07-28";

export type Era = "modern" | "legacy";
export const eraOf = (protocol: string): Era => (protocol >= MODERN ? "modern" : "legacy");

/** To say what it speaks. */
const HELLO_MS = 10_000;
/** Of its list of tools. */
const MAX_PAGES = 8;

export interface Session {
  /** The version that was agreed on. */
  readonly protocol: string;
  tools(signal: AbortSignal): Promise<readonly Tool[]>;
  call(tool: string, args: Record<string, unknown>, of: CallOptions): Promise<CallToolResult>;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  onProgress(said: { readonly done: number; readonly total?: number; readonly text?: string }): void;
}

/**
 * Speaks with a server of the Model Context Protocol by its own people's library. It is offered nothing of ours: no
 * roots, no model, no person to ask.
 */
export async function openSession(
  process: SandboxedProcess,
  era: Era,
  given: { readonly signal: AbortSignal; onLog(text: string): void },
): Promise<Session> {
  const { Client } = await import("@modelcontextprotocol/client");
  const line = createLine(process);
  const client = new Client(
    { name: "prunella", version: VERSION },
    {
      capabilities: {},
      versionNegotiation: { mode: era === "modern" ? { pin: MODERN } : "legacy", probe: { timeoutMs: HELLO_MS } },
      listMaxPages: MAX_PAGES,
      inputRequired: { autoFulfill: false },
      jsonSchemaValidator: {
        // What a stranger wrote is made into no program here: its patterns could take for ever.
        getValidator() {
          throw new Error("the schemas of a server are not compiled");
        },
      },
    },
  );
  client.setNotificationHandler("notifications/message", ({ params: { data } }) =>
    given.onLog(typeof data === "string" ? data : JSON.stringify(data)),
  );
  /** What broke the line says more than that it is closed. */
  const telling = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } catch (error) {
      given.signal.throwIfAborted();
      throw line.failure() ?? error;
    }
  };
  await telling(client.connect(line, { signal: given.signal, timeout: HELLO_MS }));
  return {
    protocol: client.getNegotiatedProtocolVersion() ?? "unknown",
    tools: async (signal) => (await telling(client.listTools({}, { signal, timeout: HELLO_MS }))).tools,
    call: (name, args, { signal, timeoutMs, onProgress }) =>
      telling(
        client.callTool(
          { name, arguments: args },
          {
            signal,
            timeout: timeoutMs,
            onprogress: ({ progress, total, message }) =>
              onProgress({
                done: progress,
                ...(total === undefined ? {} : { total }),
                ...(message === undefined ? {} : { text: message }),
              }),
          },
        ),
      ),
  };
}
