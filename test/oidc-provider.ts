import { createServer } from "node:http";
import { Provider } from "oidc-provider";

export interface OidcFixture extends AsyncDisposable {
  readonly issuer: string;
  /** Who signs in over there from now on. */
  be(who: { readonly sub: string; readonly claims: Readonly<Record<string, unknown>> }): void;
  /** Where this server may send browsers back to. */
  allow(redirectUri: string): void;
  /** What a browser does between going there and coming back; the address that it comes back to. */
  signIn(url: string): Promise<URL>;
}

export const CLIENT = { id: "prunella", secret: ["not", "a", "secret", "of", "anybody"].join("-") };

/** The real provider on loopback, with a person who says yes to everything. */
export async function openOidcProvider(): Promise<OidcFixture> {
  let who: Parameters<OidcFixture["be"]>[0] = { sub: "nobody", claims: {} };
  const redirects: string[] = [];
  const server = createServer((request, response) => void handler?.(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  let handler: ReturnType<Provider["callback"]> | null = null;

  function start(): void {
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          redirect_uris: redirects.length === 0 ? [`${issuer}/nowhere`] : redirects,
          response_types: ["code"],
          grant_types: ["authorization_code"],
        },
      ],
      claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["preferred_username", "groups"] },
      conformIdTokenClaims: false,
      features: { devInteractions: { enabled: false } },
      findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ ...who.claims, sub }) }),
      interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
      cookies: { keys: ["test"] },
    });
    const callback = provider.callback();
    handler = async (request, response) => {
      if (request.url?.startsWith("/interaction/") !== true) return callback(request, response);
      const details = await provider.interactionDetails(request, response);
      const grant = new provider.Grant({ accountId: who.sub, clientId: CLIENT.id });
      grant.addOIDCScope("openid email profile");
      const grantId = await grant.save();
      const result = details.prompt.name === "login" ? { login: { accountId: who.sub } } : { consent: { grantId } };
      await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
    };
  }
  start();

  return {
    issuer,
    be: (given) => (who = given),
    allow(redirectUri) {
      redirects.push(redirectUri);
      start();
    },
    async signIn(url) {
      const cookies = new Map<string, string>();
      let at = new URL(url);
      for (let hop = 0; hop < 10; hop += 1) {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
        const answer = await fetch(at, { redirect: "manual", headers: { cookie } });
        for (const line of answer.headers.getSetCookie()) {
          const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          cookies.set(name, value);
        }
        const to = answer.headers.get("location");
        if (to === null) throw new Error(`the provider stays at ${at.href}: ${answer.status} ${await answer.text()}`);
        at = new URL(to, at);
        if (at.origin !== issuer) return at;
      }
      throw new Error("the provider goes round in circles");
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
