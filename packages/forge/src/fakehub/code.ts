import type { Context, Hono } from "hono";
import type { FakeRepo } from "./state.ts";

interface Tools {
  document(name: string, known: unknown): unknown;
  no(context: Context, status: 404 | 422, message: string): Response;
  repoFor(context: Context, permission: string, access: "read" | "write"): FakeRepo | Response;
}

/** The routes that say what the code is: files and commits, as git has them. */
export function mountCode(app: Hono, { document, no, repoFor }: Tools): void {
  const NOWHERE = { git_url: null, html_url: null, download_url: null };
  const entry = (type: "file" | "dir", path: string, sha: string) => ({
    type,
    name: path.split("/").at(-1),
    path,
    sha,
    size: 0,
    ...NOWHERE,
  });

  app.get("/repos/:owner/:repo/contents/:path{.+}", async (context) => {
    const repo = repoFor(context, "contents", "read");
    if (repo instanceof Response) return repo;
    const path = context.req.param("path");
    const found = await repo.git.at(context.req.query("ref"), path);
    if (found === null) return no(context, 404, "Not Found");
    if (found.kind === "blob") {
      const { bytes, sha } = found;
      const known = { encoding: "base64", size: bytes.length, content: bytes.toString("base64") };
      return context.json(document("content-file", { ...entry("file", path, sha), ...known }));
    }
    const listed = await repo.git.list(found.sha);
    const entries = listed.map(({ name, kind, sha }) =>
      entry(kind === "tree" ? "dir" : "file", `${path}/${name}`, sha),
    );
    return context.json(document("content-directory", entries));
  });

  app.get("/repos/:owner/:repo/commits/:ref", async (context) => {
    const repo = repoFor(context, "contents", "read");
    if (repo instanceof Response) return repo;
    const named = await repo.git.commitOf(context.req.param("ref"));
    if (named === null) return no(context, 422, `No commit found for SHA: ${context.req.param("ref")}`);
    const { sha, tree, parents, author, committer, message } = await repo.git.commit(named);
    const commit = { author, committer, message, tree: { sha: tree } };
    return context.json(document("commit", { sha, commit, parents: parents.map((parent) => ({ sha: parent })) }));
  });
}
