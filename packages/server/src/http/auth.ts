import { timingSafeEqual } from "node:crypto";
import { PrunellaError, TOKEN_PREFIX, type PersonalToken } from "@prunella/contract";
import { PAGE_HEADER, SESSION_COOKIE } from "@prunella/contract/operations";
import { EVERYTHING, type Kernel, type Rights } from "@prunella/kernel";

/** All of the kernel that it takes to know a caller. */
type SessionHolder = { readonly access: Pick<Kernel["access"], "whoHas" | "whoseToken"> };

interface Known {
  /** null: who holds the data folder, or whom a link of it signed in. */
  readonly person: { readonly id: string; readonly name: string } | null;
  readonly rights: Rights;
}
export type Caller = Known &
  (
    | { readonly kind: "token" }
    /** `session` is its secret. */
    | { readonly kind: "session"; readonly session: string; readonly sessionId: string }
    | { readonly kind: "personal"; readonly token: PersonalToken }
  );

/**
 * Who calls the operator API: the holder of the data folder's token, a person with a token of theirs, or a
 * signed-in browser. A browser's writes must come from our own pages, whatever its cookie rules are.
 * `linkSignIn` false: browsers that a link signed in are nobody's any more.
 */
export async function authenticate(
  request: Request,
  kernel: SessionHolder,
  { token, linkSignIn }: { readonly token: string; readonly linkSignIn: boolean },
): Promise<Caller> {
  const bearer = /^Bearer (.{1,200})$/.exec(request.headers.get("authorization") ?? "")?.[1];
  if (bearer !== undefined) {
    if (isSame(bearer, token)) return { kind: "token", person: null, rights: EVERYTHING };
    const found = bearer.startsWith(TOKEN_PREFIX) ? await kernel.access.whoseToken(bearer) : null;
    if (found !== null)
      return { kind: "personal", person: found.token.person, rights: found.rights, token: found.token };
    throw new PrunellaError("PRUNELLA_SIGN_IN_REQUIRED", {
      detail: "The token is not this server's.",
      hint: "The data folder's stands in its server.json; a personal one may have expired or been revoked.",
    });
  }
  const session = readSession(request);
  const found = session === null ? null : await kernel.access.whoHas(session);
  if (session === null || found === null || (found.person === null && !linkSignIn)) {
    throw new PrunellaError("PRUNELLA_SIGN_IN_REQUIRED", {
      hint: "Run `prunella sign-in` in a terminal and open the link it prints.",
    });
  }
  if (request.method !== "GET" && request.method !== "HEAD") assertFromOurPage(request);
  return { kind: "session", session, ...found };
}

/** A browser says where a write comes from; what says nothing is none of ours. */
function assertFromOurPage(request: Request): void {
  if (request.headers.get("origin") === null && request.headers.get("sec-fetch-site") === null)
    throw new PrunellaError("PRUNELLA_FORBIDDEN_ORIGIN", { detail: "It does not say where it comes from." });
  assertSameOrigin(request);
}

export function assertSameOrigin(request: Request): void {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const host = request.headers.get("host");
  const isOurs = site === null ? origin === null || hostOf(origin) === host : site === "same-origin" || site === "none";
  if (!isOurs || (origin !== null && hostOf(origin) !== host)) throw new PrunellaError("PRUNELLA_FORBIDDEN_ORIGIN");
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

/** Half of a session's secret is the cookie, half is the page's: neither is worth anything alone. */
export function splitSession(token: string): { cookie: string; page_key: string } {
  const half = Math.ceil(token.length / 2);
  return { cookie: token.slice(0, half), page_key: token.slice(half) };
}

/** Over HTTPS no other host, and no program that answers without TLS, can set or shadow it. */
const nameOfCookie = (isSecure: boolean): string => (isSecure ? `__Host-${SESSION_COOKIE}` : SESSION_COOKIE);

export function cookieOf(url: string, value: string): string {
  const isSecure = url.startsWith("https:");
  return `${nameOfCookie(isSecure)}=${value}${isSecure ? "; Secure" : ""}`;
}

/** The session that a request names, whether there is one or not. */
export function readSession(request: Request): string | null {
  const key = request.headers.get(PAGE_HEADER);
  const cookies = new Map(
    (request.headers.get("cookie") ?? "").split(";").map((part): [string, string] => {
      const at = part.indexOf("=");
      return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    }),
  );
  const cookie = cookies.get(nameOfCookie(true)) ?? cookies.get(nameOfCookie(false));
  return key === null || !cookie ? null : cookie + key;
}

export function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
