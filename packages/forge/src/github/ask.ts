import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/core";
import { z } from "zod";
import type { Asked, ForgeRefusal, RepoName } from "../forge.ts";
import { refusalOf } from "./refusal.ts";
import type { NarrowToken } from "./types.ts";

export interface GithubSettings {
  /** `https://api.github.com`, or `https://<host>/api/v3` of one's own. */
  readonly baseUrl: string;
  /** Read with each use, so that a changed key or token counts at once. Throws where there is none now. */
  readonly credentials: () => GithubCredentials;
  /** The host's own fetch, which checks whom it reaches. */
  readonly fetch: typeof globalThis.fetch;
  readonly clock: { now(): number };
}

/** An App's identity, whose tokens are narrowed to each call, or one person's fine-grained token. */
export type GithubCredentials =
  | { readonly appId: string; readonly privateKey: string }
  | { readonly token: string; readonly expiresAt: number };

export type Permissions = Readonly<Record<string, "read" | "write">>;

export interface GithubAsk {
  /** One request with a token for this repository and these permissions alone. */
  ask<T>(
    route: string,
    of: RepoName & Readonly<Record<string, unknown>>,
    permissions: Permissions,
    schema: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<Asked<T>>;
  tokenFor(repo: RepoName, permissions: Permissions, signal: AbortSignal): Promise<Asked<NarrowToken>>;
  /** One request as the App itself, which no repository is asked about. */
  askAsApp<T>(
    route: string,
    of: Readonly<Record<string, unknown>>,
    schema: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<Asked<OfApp<T>>>;
  /** Whether we are an App; otherwise the token is a person's. */
  isApp(): boolean;
  /** The name under which we write. */
  myLogin(signal: AbortSignal): Promise<Asked<string>>;
}

export interface OfApp<T> {
  readonly data: T;
  /** Where its list goes on; null: it ends. */
  readonly cursor: string | null;
}

const Installation = z.object({ id: z.int() });
const App = z.object({ slug: z.string() });
const User = z.object({ login: z.string() });

export function createAsk(settings: GithubSettings): GithubAsk {
  const { clock, credentials } = settings;
  const options = { baseUrl: settings.baseUrl, request: { fetch: settings.fetch }, userAgent: "prunella" };
  const anonymous = new Octokit(options);
  const installations = new Map<string, number>();
  let app: { readonly key: string; readonly auth: ReturnType<typeof createAppAuth> } | null = null;
  let login: { readonly of: string; readonly name: string } | null = null;

  /** With tokens of its own, which are kept as long as the key is the same. */
  function appOf(given: Extract<GithubCredentials, { appId: string }>): ReturnType<typeof createAppAuth> {
    const key = `${given.appId} ${given.privateKey}`;
    if (app?.key !== key) {
      const { appId, privateKey } = given;
      app = { key, auth: createAppAuth({ appId, privateKey, request: anonymous.request }) };
      installations.clear();
    }
    return app.auth;
  }

  const answerTo = (route: string, of: object, authorization: string, signal: AbortSignal) =>
    anonymous.request(route, { ...of, headers: { authorization }, request: { ...options.request, signal } });
  const send = async (route: string, of: object, authorization: string, signal: AbortSignal): Promise<unknown> => {
    const { data } = await answerTo(route, of, authorization, signal);
    return data ?? null;
  };

  const wordOf = async (auth: ReturnType<typeof createAppAuth>): Promise<string> =>
    `bearer ${(await auth({ type: "app" })).token}`;

  async function installationOf(
    auth: ReturnType<typeof createAppAuth>,
    { owner, repo }: RepoName,
    signal: AbortSignal,
  ): Promise<number> {
    const name = `${owner}/${repo}`.toLowerCase();
    const known = installations.get(name);
    if (known !== undefined) return known;
    const route = "GET /repos/{owner}/{repo}/installation";
    const { id } = Installation.parse(await send(route, { owner, repo }, await wordOf(auth), signal));
    installations.set(name, id);
    return id;
  }

  async function tokenOf(repo: RepoName, permissions: Permissions, signal: AbortSignal, isNew: boolean) {
    const given = credentials();
    if ("token" in given) return { token: given.token, expiresAt: given.expiresAt, permissions, installationId: null };
    const auth = appOf(given);
    const installationId = await installationOf(auth, repo, signal);
    const of = { installationId, repositoryNames: [repo.repo], permissions };
    const made = await auth({ type: "installation", ...of, refresh: isNew });
    return { token: made.token, expiresAt: Date.parse(made.expiresAt), permissions: made.permissions, installationId };
  }

  async function attempt<T>(work: () => Promise<T>): Promise<Asked<T>> {
    try {
      return { ok: true, value: await work() };
    } catch (error) {
      return { ok: false, refusal: error instanceof z.ZodError ? UNREADABLE : refusalOf(error, clock.now()) };
    }
  }

  return {
    ask: (route, of, permissions, schema, signal) =>
      attempt(async () => {
        const { token } = await tokenOf(of, permissions, signal, false);
        return schema.parse(await send(route, of, `token ${token}`, signal));
      }),
    tokenFor: (repo, permissions, signal) => attempt(() => tokenOf(repo, permissions, signal, true)),
    askAsApp: (route, of, schema, signal) =>
      attempt(async () => {
        const given = credentials();
        if ("token" in given) throw new Error("There is no App here.");
        const { data, headers } = await answerTo(route, of, await wordOf(appOf(given)), signal);
        const cursor = /[?&]cursor=([^&>]+)[^>]*>; rel="next"/.exec(headers.link ?? "")?.[1] ?? null;
        return { data: schema.parse(data), cursor: cursor === null ? null : decodeURIComponent(cursor) };
      }),
    isApp: () => "appId" in credentials(),
    myLogin: (signal) =>
      attempt(async () => {
        const given = credentials();
        const of = "token" in given ? given.token : given.appId;
        if (login?.of === of) return login.name;
        const name =
          "token" in given
            ? User.parse(await send("GET /user", {}, `token ${given.token}`, signal)).login
            : `${App.parse(await send("GET /app", {}, await wordOf(appOf(given)), signal)).slug}[bot]`;
        login = { of, name };
        return name;
      }),
  };
}

const UNREADABLE: ForgeRefusal = {
  reason: "failed",
  status: 200,
  message: "The host's answer is not what its description says.",
  retryAfterMs: null,
};

/** Those two alone: whatever else an object holds would become parameters of a request. */
export const at = ({ owner, repo }: RepoName) => ({ owner, repo });
