import { createServer, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { answerGit } from "@prunella/forge/fakehub";

export interface GitServer extends AsyncDisposable {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: string[];
}

type Between = (request: { path: string; body: Buffer }, response: ServerResponse) => Buffer | "answered";

/**
 * For tests: git's own server behind a real port of this machine, over the bare repositories of a folder. `between`
 * sees each request first, and may answer it or change what git's server is asked.
 */
export async function openGitServer(folder: string, between: Between = ({ body }) => body): Promise<GitServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const path = request.url ?? "";
      asked.push(path);
      const body = between({ path, body: await buffer(request) }, response);
      if (body === "answered") return;
      const { pathname, search } = new URL(path, "http://localhost");
      const header = (name: string) => request.headers[name]?.toString() ?? null;
      const method = request.method ?? "GET";
      const said = await answerGit(folder, { method, path: pathname, query: search.slice(1), header, body });
      response.writeHead(said.status, said.headers).end(said.body);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
