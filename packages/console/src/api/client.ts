import type { ApiError, InputOf, OperationAt, OutputOf, Route } from "@prunella/contract";
import { requestOf } from "@prunella/contract/request";
import { spoken } from "../parts/command-words.ts";
import { forgetEarly, takeEarly } from "./early.ts";
import { pageHeaders } from "./page-key.ts";
import { noteSent } from "./sent.ts";

/** What went wrong with one call, in words for a person. `status` 0: the server did not answer. */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly status: number;
  readonly code: string;
  readonly hint: string | null;

  constructor(status: number, code: string, message: string, hint: string | null) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

let serverCommand: string | undefined;
/** How the command was started that this server is; hints name it so that they can be typed as they stand. */
export const noteCommand = (command: string): void => void (serverCommand = command);

const signedOutListeners = new Set<() => void>();

/** Calls back whenever the server says that nobody is signed in. */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

/**
 * One operation of the same origin, with the types of the contract's table. Its tests hold every answer
 * against its schema, so the shape is taken at its word here and nowhere else.
 */
export async function call<R extends Route>(
  route: R,
  input: InputOf<OperationAt<R>>,
  signal?: AbortSignal,
): Promise<OutputOf<OperationAt<R>>> {
  const request = requestOf(route, input);
  const { method, path, body } = request;
  noteSent(request);
  let response: Response;
  try {
    if (method !== "GET") forgetEarly();
    response = await ((method === "GET" ? takeEarly(path) : null) ??
      fetch(path, {
        method,
        headers: { ...pageHeaders(), ...(body === null ? {} : { "content-type": "application/json" }) },
        body,
        cache: "no-store",
        signal: signal ?? null,
      }));
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiFailure(0, "OFFLINE", "Prunella does not answer.", "Check that the server runs, then try again.");
  }
  const text = await response.text();
  if (!response.ok) {
    const failure = failureFrom(response.status, text);
    // Other answers of 401 are about what was typed, and whoever typed it is still signed in.
    if (failure.code === "PRUNELLA_SIGN_IN_REQUIRED" && path !== "/v1/session")
      for (const listener of signedOutListeners) listener();
    throw failure;
  }
  const value: OutputOf<OperationAt<R>> = text === "" ? null : JSON.parse(text);
  return value;
}

function failureFrom(status: number, text: string): ApiFailure {
  let error: ApiError["error"] = { code: `HTTP_${status}`, message: `The server answered ${status}.`, hint: null };
  try {
    const parsed: Partial<ApiError> | null = JSON.parse(text);
    if (typeof parsed?.error?.message === "string") error = parsed.error;
  } catch {
    // Not JSON: some proxy answered. The status is all there is to say.
  }
  const hint = error.hint === null ? null : spoken(error.hint, serverCommand);
  return new ApiFailure(status, error.code, error.message, hint);
}
