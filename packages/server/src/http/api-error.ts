import { ERRORS, PrunellaError, type ApiError } from "@prunella/contract";
import type { Log } from "@prunella/kernel";

/** Unknown errors say nothing about themselves. */
export function toApiError(error: PrunellaError): ApiError {
  const message = error.code === "PRUNELLA_INTERNAL" ? ERRORS.PRUNELLA_INTERNAL.text : error.message;
  return { error: { code: error.code, message, hint: error.hint } };
}

/** What whoever called is told of an error; ours alone hears of what was none of theirs. */
export function answerOf(error: unknown, log: Log): { readonly status: number; readonly text: string } {
  if (!(error instanceof PrunellaError))
    log.warn(`a request failed: ${error instanceof Error ? error.message : "unknown"}`);
  const known = error instanceof PrunellaError ? error : new PrunellaError("PRUNELLA_INTERNAL");
  return { status: known.status, text: JSON.stringify(toApiError(known)) };
}
