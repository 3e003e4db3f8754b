/** The ways in which PostgreSQL says that a connection is gone, or is not to be had now. */
const GONE = /^(?:57P0[123]|08...|ECONNRESET|ECONNREFUSED|EPIPE)$/;
/** What pg itself says of one, without a code. */
const GONE_WORDS = /^(?:Connection terminated|Client has encountered a connection error|timeout exceeded when trying)/;

/** True when a database went away, which is no defect of ours. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && GONE.test(error.code)) return true;
  return GONE_WORDS.test(error.message) || isConnectionLost(error.cause);
}
