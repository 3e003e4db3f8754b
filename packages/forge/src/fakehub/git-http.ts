import { spawn } from "node:child_process";
import { buffer } from "node:stream/consumers";
import { surroundings } from "./git.ts";

export interface GitAsked {
  readonly method: string;
  /** Below the folder: `/acme/shop.git/info/refs`. */
  readonly path: string;
  /** Without its `?`. */
  readonly query: string;
  /** null: it was not said. */
  header(name: string): string | null;
  readonly body: Buffer;
  /** Who may push; left out: nobody may. */
  readonly pusher?: string;
}

export interface GitAnswered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Git's own server over the bare repositories of a folder, asked as a web server asks it (CGI, `git http-backend`). */
export async function answerGit(folder: string, asked: GitAsked): Promise<GitAnswered> {
  const child = spawn("git", ["http-backend"], {
    env: {
      ...surroundings(),
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: "1",
      // Where a pull request is at is for the host to say, and for nobody to push.
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "receive.hideRefs",
      GIT_CONFIG_VALUE_0: "refs/pull",
      PATH_INFO: asked.path,
      QUERY_STRING: asked.query,
      REQUEST_METHOD: asked.method,
      CONTENT_TYPE: asked.header("content-type") ?? "",
      HTTP_CONTENT_ENCODING: asked.header("content-encoding") ?? "",
      GIT_PROTOCOL: asked.header("git-protocol") ?? "",
      REMOTE_ADDR: "127.0.0.1",
      ...(asked.pusher === undefined ? {} : { REMOTE_USER: asked.pusher }),
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve());
  });
  child.stdin.on("error", () => undefined).end(asked.body);
  const [said] = await Promise.all([buffer(child.stdout), ended]);
  const end = said.indexOf("\r\n\r\n");
  const { Status: status = "200", ...headers } = Object.fromEntries(
    said
      .subarray(0, end)
      .toString("latin1")
      .split("\r\n")
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
  return { status: Number.parseInt(status, 10), headers, body: said.subarray(end + 4) };
}
