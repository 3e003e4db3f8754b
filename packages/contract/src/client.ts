import type { z } from "zod";
import { ERRORS, PrunellaError, type ErrorCode } from "./errors.ts";
import { parseJson } from "./json.ts";
import {
  ApiError,
  OPERATIONS,
  type InputOf,
  type Operation,
  type OperationId,
  type Operations,
  type OutputOf,
} from "./operations/index.ts";
import { requestOf, type WireRequest } from "./request.ts";

export type { WireRequest } from "./request.ts";

export interface WireAnswer {
  readonly status: number;
  readonly text: string;
}

/** Streams are followed, not called. */
export type CallId = { [K in OperationId]: Operations[K] extends { readonly streams: true } ? never : K }[OperationId];

type Input<K extends CallId> = InputOf<Operations[K]>;
type Arguments<K extends CallId> = Partial<Input<K>> extends Input<K> ? [input?: Input<K>] : [input: Input<K>];

/** The table with what each operation answers as a plain type, which the compiler can follow from an id. */
const TYPED: {
  readonly [K in OperationId]: Operation & { readonly output: z.ZodType<OutputOf<Operations[K]>> };
} = OPERATIONS;

/** One operation by its id: `await call("get_fault", { id })`. */
export type Call = <K extends CallId>(id: K, ...input: Arguments<K>) => Promise<OutputOf<Operations[K]>>;

/**
 * The typed client: builds requests, reads answers by their schemas and throws the catalogue's errors.
 * `send` does what reaches the network; `stranger` says what it means when something else than a Prunella
 * of this version answered.
 */
export function createClient(
  send: (request: WireRequest, id: CallId) => Promise<WireAnswer>,
  stranger: (status: number) => PrunellaError,
): Call {
  return async <K extends CallId>(id: K, ...[input]: Arguments<K>): Promise<OutputOf<Operations[K]>> => {
    const operation = TYPED[id];
    const answer = await send(requestOf(`${operation.method} ${operation.path}`, input ?? {}), id);
    const value = parseJson(answer.text);
    if (answer.status !== operation.status) throw errorOf(value) ?? stranger(answer.status);
    if (value === undefined && answer.status !== 204) throw stranger(answer.status);
    return read(operation.output, value);
  };
}

/** A server of a later version may say more than the schema knows, and that is fine; never less, never otherwise. */
function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") throw misfit(issue);
    const holder = issue.path.reduce(at, value);
    if (typeof holder === "object" && holder !== null)
      for (const key of issue.keys) Reflect.deleteProperty(holder, key);
  }
  const again = schema.safeParse(value);
  if (again.success) return again.data;
  throw misfit(again.error.issues[0]);
}

const at = (value: unknown, key: PropertyKey): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;

function misfit(issue: { readonly path: PropertyKey[]; readonly message: string } | undefined): PrunellaError {
  return new PrunellaError("PRUNELLA_REQUEST_INVALID", {
    detail: `The server's answer is not one that this version knows: ${issue?.path.map(String).join(".") || "as a whole"}: ${issue?.message ?? "not valid"}.`,
    hint: "Server and command must be of one version.",
  });
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);

function errorOf(value: unknown): PrunellaError | null {
  const { data } = ApiError.safeParse(value);
  if (data === undefined || !isCode(data.error.code)) return null;
  const { code, message, hint } = data.error;
  const detail = message.replace(ERRORS[code].text, "").trim();
  return new PrunellaError(code, { ...(detail === "" ? {} : { detail }), ...(hint === null ? {} : { hint }) });
}
