import { follow } from "./follow.ts";
import { answerGit } from "./git-http.ts";
import { nameOf, type FakeState } from "./state.ts";

const PLACE = /^\/(?<owner>[^/]+)\/(?<repo>[^/]+?)(?:\.git)?\/(?<what>info\/refs|git-upload-pack|git-receive-pack)$/;

interface Tools {
  readonly state: FakeState;
  readonly folder: string;
  readonly clock: { now(): number };
}

/** Where `git clone` and `git push` come in, beside the API and with the same tokens; null: it asks for no code. */
export function createCodeDoor({ state, folder, clock }: Tools): (request: Request) => Promise<Response | null> {
  return async (request) => {
    const { pathname, search, searchParams } = new URL(request.url);
    const { owner = "", repo: called = "", what = "" } = PLACE.exec(pathname)?.groups ?? {};
    if (what === "") return null;
    const service = what === "info/refs" ? searchParams.get("service") : what;
    if (service !== "git-upload-pack" && service !== "git-receive-pack") return no(403, "Please upgrade your git.");

    const given = tokenIn(request);
    const known = state.tokens.get(given ?? "");
    const token = known !== undefined && known.expiresAt > clock.now() ? known : null;
    if (given !== null && token === null) return no(401, "Bad credentials");
    const repo = state.repos.get(nameOf(owner, called));
    const reaches = repo !== undefined && token !== null && token.repos.has(nameOf(owner, called));
    const held = reaches ? token.permissions["contents"] : undefined;
    const mayRead = repo?.isPrivate === false || held !== undefined;
    // Whether there is one is nothing for strangers; whoever has shown no token is asked for it.
    if (repo === undefined || !mayRead) return token === null ? no(401, "Sign in") : no(404, "Repository not found.");
    const isPush = service === "git-receive-pack";
    if (isPush && token === null) return no(401, "Sign in");
    if (isPush && held !== "write") return no(403, "Write access to repository not granted.");

    await repo.git.ready();
    const { status, headers, body } = await answerGit(folder, {
      method: request.method,
      // Each where it was made, however it was called.
      path: `${repo.git.path.slice(folder.length)}/${what}`,
      query: search.slice(1),
      header: (name) => request.headers.get(name),
      body: Buffer.from(await request.arrayBuffer()),
      ...(isPush && token !== null ? { pusher: token.login } : {}),
    });
    if (what === "git-receive-pack") await follow(repo, clock.now());
    return new Response(new Uint8Array(body), { status, headers });
  };
}

/** Git sends a token as a password, under any name. */
function tokenIn(request: Request): string | null {
  const said = request.headers.get("authorization") ?? "";
  const basic = /^basic (?<text>\S+)$/i.exec(said)?.groups?.["text"];
  if (basic !== undefined) return Buffer.from(basic, "base64").toString().split(":").slice(1).join(":");
  return /^(?:bearer|token) (?<token>\S+)$/i.exec(said)?.groups?.["token"] ?? null;
}

const no = (status: 401 | 403 | 404, message: string): Response =>
  new Response(`${message}\n`, {
    status,
    headers: {
      "content-type": "text/plain",
      ...(status === 401 ? { "www-authenticate": 'Basic realm="A double of GitHub"' } : {}),
    },
  });
