import { EngineLine, type Rung } from "@prunella/contract";
import type { Usage } from "./budget.ts";
import { isTool, promptOf, TOOLS, toolTable, type ToolName } from "./tools.ts";

/** A program that reads and writes lines of JSON. Its output ends with the program, its time, or too much of it. */
export interface Conversation {
  readonly lines: AsyncIterable<string>;
  write(line: string): void;
  /** Ends it with all that it started. */
  end(): void;
  /** Why there are no more lines; known once there are none. */
  readonly why: () => "ended" | "timeout" | "flood" | "not_started";
}

export type Converse = (command: readonly string[], signal: AbortSignal) => Conversation;

export type Answer =
  | { readonly kind: "answer"; readonly text: string }
  | { readonly kind: "fallback"; readonly reason: string };

/** More calls than this are a program that goes round in circles. */
const MOST_CALLS = 50;

/**
 * Lets a program investigate: it is told what is known and its tools, asks for them line by line, says what it
 * used, and ends with a message. Whatever it writes that is no such line ends it.
 */
export async function converseWith(
  talk: Conversation,
  brief: unknown,
  rung: Rung,
  does: {
    readonly tool: (name: ToolName, input: unknown) => Promise<unknown>;
    /** False when nothing more may be spent. */
    readonly used: (usage: Usage) => Promise<boolean>;
  },
): Promise<Answer> {
  let calls = 0;
  const fallback = (reason: string): Answer => ({ kind: "fallback", reason });
  try {
    talk.write(JSON.stringify({ prompt: promptOf(), tools: toolTable(), rung, brief }));
    for await (const line of talk.lines) {
      const parsed = parseLine(line);
      if (parsed === null) return fallback("engine_garbage");
      if ("message" in parsed) {
        const text = parsed.message.trim();
        return text === "" ? fallback("engine_empty") : { kind: "answer", text };
      }
      if ("usage" in parsed) {
        const { call_id, model, input_tokens, output_tokens, cost_micros } = parsed.usage;
        const mayGoOn = await does.used({
          callId: call_id,
          model,
          inputTokens: input_tokens,
          outputTokens: output_tokens,
          costMicros: cost_micros,
        });
        if (!mayGoOn) return fallback("budget_exhausted");
        continue;
      }
      calls += 1;
      if (calls > MOST_CALLS) return fallback("engine_too_many_calls");
      talk.write(JSON.stringify({ id: parsed.call.id, ...(await answerCall(parsed.call, does.tool)) }));
    }
    return fallback(WHY[talk.why()]);
  } finally {
    talk.end();
  }
}

const WHY = {
  ended: "engine_empty",
  timeout: "engine_timeout",
  flood: "engine_flood",
  not_started: "engine_down",
} as const;

/** A tool that is not in the list does not exist, whatever it is called. */
async function answerCall(
  { tool, input }: { readonly tool: string; readonly input: unknown },
  does: (name: ToolName, input: unknown) => Promise<unknown>,
): Promise<{ result: unknown } | { error: string }> {
  if (!isTool(tool)) return { error: `unknown_tool: there are ${Object.keys(TOOLS).join(", ")}` };
  const parsed = TOOLS[tool].input.safeParse(input);
  if (!parsed.success) return { error: `invalid_input: ${parsed.error.issues[0]?.message ?? "not valid"}` };
  return { result: await does(tool, parsed.data) };
}

function parseLine(line: string): EngineLine | null {
  try {
    const parsed = EngineLine.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
