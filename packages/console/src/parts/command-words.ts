import type { WireRequest } from "@prunella/contract/request";

/** Where it is not known how the server was started; in any folder but a checkout it runs nothing at all. */
const USUAL = "npx --no-install prunella";

/** Not what stands in a path or in a file's name, nor what can be typed already. */
const BARE = /(?<![\w./'-]|--no-install )prunella(?= [a-z])/g;

/** A text that names commands as `prunella …`, as they can be typed. */
export const spoken = (text: string, command: string = USUAL): string => text.replace(BARE, () => command);

/** A call of the operator API; the token is the reader's to set, and stands in \`server.json\`. */
export function curlOf({ method, path, body }: WireRequest, origin: string): string {
  const parts = [
    `curl${method === "GET" ? "" : ` -X ${method}`} ${quoted(origin + path)}`,
    `-H "authorization: Bearer $PRUNELLA_TOKEN"`,
    ...(body === null ? [] : [`-H 'content-type: application/json'`, `-d ${quoted(body)}`]),
  ];
  return parts.join(" \\\n  ");
}

/** For a POSIX shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
