import { ERRORS, type ApiError, type PrunellaError } from "@prunella/contract";

/** Unknown errors say nothing about themselves. */
export function toApiError(error: PrunellaError): ApiError {
  const message = error.code === "PRUNELLA_INTERNAL" ? ERRORS.PRUNELLA_INTERNAL.text : error.message;
  return { error: { code: error.code, message, hint: error.hint } };
}
