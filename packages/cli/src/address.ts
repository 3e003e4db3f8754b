import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { PrunellaError, ServerFile } from "@prunella/contract";
import { environment } from "./environment.ts";

/** Where the server is looked for; every command takes these. */
export interface ServerOptions {
  readonly data: string;
  readonly url: string | undefined;
  readonly tokenFile: string | undefined;
}

export interface Address {
  readonly url: string;
  readonly token: string;
  /** Of the server's process; null when only --url is known. */
  readonly pid: number | null;
}

/** Where the server of the data folder (or the one at --url) is, and the token for it. Throws PRUNELLA_SERVER_NOT_FOUND and says what to do. */
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
      hint: "Start one with `prunella up`, or name its folder with --data or its address with --url.",
    });
  }
  // The environment's token is for the address that goes with it: a folder that somebody else left here names any.
  return { ...own, token: tokenFile === undefined ? own.token : (given ?? own.token) };
}

/** Null when there is none, or none that can be read. */
export function readServerFile(data: string): ServerFile | null {
  try {
    return ServerFile.parse(JSON.parse(readFileSync(join(data, "server.json"), "utf8")));
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

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

export const DEFAULT_DATA = "./.prunella";
