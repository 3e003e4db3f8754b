import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ERRORS, PrunellaError, type ErrorCode } from "@prunella/contract";
import { environment } from "./environment.ts";
import { field, number, text } from "./read.ts";

/** Where the server is looked for; every command takes these. */
export interface ServerOptions {
  readonly data: string;
  readonly url: string | undefined;
  readonly tokenFile: string | undefined;
}

export interface Client {
  readonly url: string;
  get(path: string, query?: Readonly<Record<string, string | undefined>>): Promise<unknown>;
  post(path: string, body?: unknown): Promise<unknown>;
  delete(path: string): Promise<unknown>;
}

interface Address {
  readonly url: string;
  readonly token: string;
  /** Of the server's process; null when only --url is known. */
  readonly pid: number | null;
}

/** Long enough for a ledger of a million entries to be verified. */
const ANSWER_MS = 600_000;

/** Finds the server of the data folder (or the one at --url). Throws PRUNELLA_SERVER_NOT_FOUND and says what to do. */
export function connect(options: ServerOptions): Client {
  const address = locate(options);

  async function call(method: "GET" | "POST" | "DELETE", url: URL, body?: unknown): Promise<unknown> {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${address.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_MS),
      redirect: "error",
    }).catch((cause: unknown) => {
      throw notAnswering(options, address, cause);
    });
    const answer = await response.text();
    if (response.status === 204) return null;
    const value = parseJson(answer);
    if (response.ok && value !== undefined) return value;
    throw toError(value, response.status, address.url);
  }

  return {
    url: address.url,
    get(path, query = {}) {
      const url = new URL(path, address.url);
      for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
      return call("GET", url);
    },
    post: (path, body = {}) => call("POST", new URL(path, address.url), body),
    delete: (path) => call("DELETE", new URL(path, address.url)),
  };
}

/** Where the server is and the token for it. Throws as `connect` does. */
export function locate({ data, url, tokenFile }: ServerOptions): Address {
  const own = readServerFile(data);
  const given = tokenFile === undefined ? environment.token() : readToken(tokenFile);
  if (url !== undefined) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new PrunellaError("PRUNELLA_USAGE", {
        detail: `--url ${url} is not an address such as http://127.0.0.1:4500.`,
      });
    const token = given ?? (own !== null && new URL(own.url).origin === new URL(url).origin ? own.token : null);
    if (token === null)
      throw new PrunellaError("PRUNELLA_SIGN_IN_REQUIRED", {
        detail: `No token for ${url} was given.`,
        hint: "Set PRUNELLA_TOKEN or use --token-file; the token stands in server.json of the server's data folder.",
      });
    return { url, token, pid: null };
  }
  if (own === null) {
    throw new PrunellaError("PRUNELLA_SERVER_NOT_FOUND", {
      detail: `There is no server.json in ${resolve(data)}.`,
      hint: `Start one with \`prunella up${dataFlag(data)}\`, or name its folder with --data or its address with --url.`,
    });
  }
  return { ...own, token: given ?? own.token };
}

/** Null when there is none, or none that can be read. */
export function readServerFile(data: string): { url: string; token: string; pid: number } | null {
  try {
    const value: unknown = JSON.parse(readFileSync(join(data, "server.json"), "utf8"));
    const found = { url: text(value, "url"), token: text(value, "token"), pid: number(value, "pid") };
    return URL.canParse(found.url) && found.token !== "" ? found : null;
  } catch {
    return null;
  }
}

function readToken(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_USAGE", { detail: `The token file ${path} cannot be read.`, cause });
  }
}

function notAnswering({ data }: ServerOptions, { url, pid }: Address, cause: unknown): PrunellaError {
  if (pid === null)
    return new PrunellaError("PRUNELLA_SERVER_NOT_FOUND", {
      detail: `${url} does not answer.`,
      hint: "Check the address given with --url.",
      cause,
    });
  const owner = isAlive(pid) ? `process ${pid} is there but ${url} does not answer` : `process ${pid} is gone`;
  return new PrunellaError("PRUNELLA_SERVER_NOT_FOUND", {
    detail: `${join(resolve(data), "server.json")} is stale: ${owner}.`,
    hint: `Start the server again: prunella up${dataFlag(data)}`,
    cause,
  });
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** For commands that a person is to copy, so a path with spaces stays one word. */
export const dataFlag = (data: string): string => (data === DEFAULT_DATA ? "" : ` --data ${quoted(data)}`);
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
export const DEFAULT_DATA = "./.prunella";

function parseJson(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    return undefined;
  }
}

const isCode = (value: unknown): value is ErrorCode => typeof value === "string" && Object.hasOwn(ERRORS, value);

function toError(answer: unknown, status: number, url: string): PrunellaError {
  const error = field(answer, "error");
  const code = field(error, "code");
  if (!isCode(code))
    return new PrunellaError("PRUNELLA_SERVER_NOT_FOUND", {
      detail: `What answers at ${url} (status ${status}) is not a Prunella server of this version.`,
      hint: "Check --url and --data.",
    });
  const detail = text(error, "message").replace(ERRORS[code].text, "").trim();
  const hint = text(error, "hint");
  return new PrunellaError(code, { ...(detail === "" ? {} : { detail }), ...(hint === "" ? {} : { hint }) });
}
