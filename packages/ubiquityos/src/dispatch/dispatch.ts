import type { KeyObject } from "node:crypto";
import type { Failure } from "../failure/plugin-error.ts";
import type { ReadyPlugin } from "../route.ts";
import { encodeDispatch, type Dispatch, type DispatchInputs } from "./inputs.ts";

/** What a plugin answered at once; a workflow answers later, by its state. */
export type Sent =
  | { readonly ok: true; readonly output: unknown; readonly runUrl: string | null; readonly retryCount: number }
  | { readonly ok: false; readonly failure: Failure };

export interface Answered {
  readonly status: number;
  readonly text: string;
}

/** What may be done outside, all of it the host's: this package reaches nothing by itself. */
export interface DispatchHands {
  /** A request to a worker's URL, checked by the host as every other. Throws where none could be made. */
  post(url: string, body: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answered>;
  startWorkflow(
    at: WorkflowAt,
    inputs: Readonly<Record<string, string | undefined>>,
    signal: AbortSignal,
  ): Promise<WorkflowStart>;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface WorkflowAt {
  readonly owner: string;
  readonly repo: string;
  readonly workflowId: string;
  readonly ref: string | null;
}

export type WorkflowStart =
  | { readonly ok: true; readonly runUrl: string | null }
  /** `isMissing`: the default branch has no such file, so that waiting helps nothing. */
  | { readonly ok: false; readonly status: number | null; readonly message: string; readonly isMissing: boolean };

/** A repository that is new answers 404 until its workflows are indexed (FEATURES A27). */
const RETRY_MS = 10_000;
const MOST_RETRIES = 12;

/** Hands one event to one plugin. Never throws: what went wrong is a value, with the status that came back. */
export async function sendTo(
  { plugin }: ReadyPlugin,
  dispatch: Dispatch,
  privateKey: KeyObject,
  hands: DispatchHands,
  signal: AbortSignal,
): Promise<Sent> {
  const inputs = encodeDispatch(dispatch, privateKey);
  try {
    if (plugin.type === "http") return await toWorker(plugin.url, inputs, hands, signal);
    return await toWorkflow(plugin, inputs, hands, signal);
  } catch (error) {
    const category = signal.aborted ? "timeout" : "dispatch";
    return failed({ category, message: wordsOf(error), status: null, raw: null, retryCount: 0, error });
  }
}

async function toWorker(url: string, inputs: DispatchInputs, hands: DispatchHands, signal: AbortSignal): Promise<Sent> {
  const headers = { "Content-Type": "application/json", "X-Hub-Signature-256": `sha256=${inputs.signature}` };
  const { status, text } = await hands.post(url, JSON.stringify(inputs), headers, signal);
  if (status < 200 || status > 299) {
    return failed({ category: "http", message: `HTTP ${status}: ${text}`, status, raw: text, retryCount: 0 });
  }
  const answer = readAnswer(text);
  if (answer === null || answer.stateId !== inputs.stateId) {
    const message =
      answer === null ? "The answer is no JSON of {stateId, output}." : "The answer is for another dispatch.";
    return failed({ category: "validation", message, status, raw: text, retryCount: 0 });
  }
  return { ok: true, output: answer.output, runUrl: null, retryCount: 0 };
}

function readAnswer(text: string): { stateId: unknown; output: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("stateId" in value)) return null;
    return { stateId: value.stateId, output: "output" in value ? value.output : null };
  } catch {
    return null;
  }
}

/** Starts a workflow, however long its host takes to know of one that is new. */
export async function toWorkflow(
  at: WorkflowAt,
  inputs: Readonly<Record<string, string | undefined>>,
  hands: Pick<DispatchHands, "startWorkflow" | "sleep">,
  signal: AbortSignal,
): Promise<Sent> {
  for (let retryCount = 0; ; retryCount += 1) {
    const started = await hands.startWorkflow(at, inputs, signal);
    if (started.ok) return { ok: true, output: null, runUrl: started.runUrl, retryCount };
    const { status, message, isMissing } = started;
    // Asked again only where nothing can have been started: a 404 says that there was nothing to start.
    if (status === 404 && !isMissing && retryCount < MOST_RETRIES) {
      await hands.sleep(RETRY_MS, signal);
      continue;
    }
    return failed({ category: "workflow", message, status, raw: null, retryCount });
  }
}

function failed(of: Omit<Failure, "stack" | "responseSnippet"> & { error?: unknown }): Sent {
  const { error, ...failure } = of;
  const stack = error instanceof Error ? (error.stack ?? null) : null;
  return { ok: false, failure: { ...failure, stack, responseSnippet: failure.raw } };
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
