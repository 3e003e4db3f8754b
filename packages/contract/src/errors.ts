/**
 * Codes are promises to operators: each one has a heading in docs/errors.md, and a test holds the
 * page and this list equal. `status` is the HTTP status a door answers with; `exit` is the CLI's
 * (1: the caller can fix it, 2: a defect of ours).
 */
export const ERRORS = {
  PRUNELLA_INTERNAL: { status: 500, exit: 2, text: "Something broke inside Prunella." },
  PRUNELLA_NODE_TOO_OLD: { status: 500, exit: 1, text: "Prunella needs Node 24.12 or newer." },
  PRUNELLA_CONFIG_INVALID: { status: 409, exit: 1, text: "The configuration is not valid." },
  PRUNELLA_DATA_FOLDER_OWNED: { status: 409, exit: 1, text: "Another server owns this data folder." },
  PRUNELLA_SERVER_NOT_FOUND: { status: 503, exit: 1, text: "No running server was found." },
  PRUNELLA_PORT_IN_USE: { status: 500, exit: 1, text: "The port is already in use." },
  PRUNELLA_DATABASE_UNREACHABLE: { status: 503, exit: 1, text: "The database cannot be reached." },
  PRUNELLA_USAGE: { status: 400, exit: 1, text: "The command line is not valid." },
  PRUNELLA_REQUEST_INVALID: { status: 400, exit: 1, text: "The request is not valid." },
  PRUNELLA_QUERY_INVALID: { status: 400, exit: 1, text: "The search could not be understood." },
  PRUNELLA_REQUEST_TOO_LARGE: { status: 413, exit: 1, text: "The request is larger than this address takes." },
  PRUNELLA_METHOD_NOT_ALLOWED: { status: 405, exit: 1, text: "This address does not take that method." },
  PRUNELLA_NOT_FOUND: { status: 404, exit: 1, text: "There is no such thing." },
  PRUNELLA_AMBIGUOUS: { status: 409, exit: 1, text: "That short id means more than one thing." },
  PRUNELLA_CONFLICT: { status: 409, exit: 1, text: "That does not fit the present state." },
  PRUNELLA_SIGN_IN_REQUIRED: { status: 401, exit: 1, text: "Sign in first." },
  PRUNELLA_SIGN_IN_CODE_INVALID: { status: 401, exit: 1, text: "That sign-in link is used up or too old." },
  PRUNELLA_INVITATION_INVALID: { status: 401, exit: 1, text: "That invitation is used up, too old or withdrawn." },
  PRUNELLA_SIGN_IN_REFUSED: { status: 401, exit: 1, text: "That does not sign anybody in." },
  PRUNELLA_TOO_MANY_TRIES: { status: 429, exit: 1, text: "Too many tries; wait a while." },
  PRUNELLA_PASSWORD_WEAK: { status: 400, exit: 1, text: "That password is too easy to guess." },
  PRUNELLA_PROVIDER_FAILED: { status: 502, exit: 1, text: "The other provider did not sign anybody in." },
  PRUNELLA_ROLE_REQUIRED: { status: 403, exit: 1, text: "Your role does not allow that." },
  PRUNELLA_TOKEN_LIMITED: { status: 403, exit: 1, text: "That token is not for this." },
  PRUNELLA_HOST_UNKNOWN: { status: 421, exit: 1, text: "That request was meant for another host." },
  PRUNELLA_FORBIDDEN_ORIGIN: { status: 403, exit: 1, text: "That request came from another site." },
  PRUNELLA_INGEST_KEY_MISSING: { status: 401, exit: 1, text: "The request carries no DSN key." },
  PRUNELLA_INGEST_KEY_WRONG: { status: 403, exit: 1, text: "The DSN key does not belong to this project." },
  PRUNELLA_INGEST_PROJECT_UNKNOWN: { status: 404, exit: 1, text: "There is no project with this number." },
  PRUNELLA_INGEST_TOO_LARGE: { status: 413, exit: 1, text: "The request is larger than the limit." },
  PRUNELLA_INGEST_MALFORMED: { status: 400, exit: 1, text: "The body is not a valid envelope or event." },
  PRUNELLA_INGEST_ENCODING: { status: 400, exit: 1, text: "The body does not decompress." },
  PRUNELLA_INGEST_BUSY: { status: 429, exit: 1, text: "Too much is coming in; try again later." },
  PRUNELLA_DOORS_AWAY: { status: 503, exit: 1, text: "The doors are being opened again." },
  PRUNELLA_PERMIT_INVALID: { status: 409, exit: 1, text: "The permit cannot be redeemed." },
  PRUNELLA_PLUGIN_INVALID: { status: 400, exit: 1, text: "That plugin cannot be installed." },
  PRUNELLA_PLUGIN_CHANGED: { status: 409, exit: 1, text: "The plugin is not what was installed." },
  PRUNELLA_PLUGIN_BLOCKED: { status: 403, exit: 1, text: "The plugin may not do that." },
  PRUNELLA_PLUGIN_SOURCE: { status: 409, exit: 1, text: "The plugin's source cannot be read." },
  PRUNELLA_PLUGIN_QUOTA: { status: 409, exit: 1, text: "The plugin keeps more than its quota." },
  PRUNELLA_UNSCRUBBED: { status: 500, exit: 2, text: "Unscrubbed text was about to be written." },
  PRUNELLA_LEDGER_BROKEN: { status: 500, exit: 1, text: "The ledger does not verify." },
  PRUNELLA_LEDGER_KEY_NEEDED: {
    status: 500,
    exit: 1,
    text: "This data folder lacks the key of its database's ledger.",
  },
  PRUNELLA_LEDGER_ENTRY_TOO_LARGE: { status: 500, exit: 2, text: "A ledger entry is larger than 65535 bytes." },
} as const;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorDetail {
  /** What exactly is wrong, naming the thing. Never text that an outsider wrote, never a secret. */
  readonly detail?: string;
  /** What to do next, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The one error class. Broken promises are thrown; expected answers are values. */
export class PrunellaError extends Error {
  override readonly name = "PrunellaError";
  readonly code: ErrorCode;
  readonly detail: string | null;
  readonly hint: string | null;

  constructor(code: ErrorCode, { detail, hint, cause }: ErrorDetail = {}) {
    super(
      detail === undefined ? ERRORS[code].text : `${ERRORS[code].text} ${detail}`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.detail = detail ?? null;
    this.hint = hint ?? null;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get exit(): number {
    return ERRORS[this.code].exit;
  }
}
