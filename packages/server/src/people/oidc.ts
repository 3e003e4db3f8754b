import { PrunellaError, type OidcConfig } from "@prunella/contract";
import type { Kernel } from "@prunella/kernel";
import type { Configuration, CustomFetch } from "openid-client";
import { z } from "zod";

/** To sign in over there. */
const ANSWER_MS = 10 * 60_000;
const ASK_MS = 10_000;
export const CALLBACK = "/oidc/callback";
/** Ties what comes back to the browser that set out; it comes with a link of another site, so not `Strict`. */
export const OIDC_COOKIE = "prunella_oidc";

/** What is kept of somebody who set out. */
const Journey = z.strictObject({ nonce: z.string(), verifier: z.string(), browser: z.string() });

interface Deps {
  readonly config: OidcConfig;
  readonly secret: string | null;
  readonly kernel: Pick<Kernel, "access">;
  readonly now: () => number;
  readonly url: () => string;
}

export type Oidc = ReturnType<typeof createOidc>;

/** Signing in by another provider: authorization code with PKCE, state and nonce. */
export function createOidc({ config, secret, kernel: { access }, now, url }: Deps) {
  const load = () => import("openid-client");
  let found: Promise<Configuration> | null = null;

  /** What the provider says of itself; asked for again when it did not answer. */
  async function provider(): Promise<Configuration> {
    const client = await load();
    const issuer = new URL(config.issuer);
    found ??= client.discovery(
      issuer,
      config.client_id,
      secret === null ? { token_endpoint_auth_method: "none" } : secret,
      secret === null ? client.None() : undefined,
      {
        timeout: ASK_MS / 1_000,
        [client.customFetch]: ask,
        // The schema lets nothing but this machine be reached in the clear.
        ...(issuer.protocol === "http:" ? { execute: [client.allowInsecureRequests] } : {}),
      },
    );
    try {
      return await found;
    } catch (cause) {
      found = null;
      throw failed("It does not answer as a provider.", cause);
    }
  }

  return {
    title: config.title,

    /** Where the browser goes, and what it takes along. */
    async begin(): Promise<{ url: string; browser: string }> {
      const client = await load();
      const known = await provider();
      const [state, nonce, verifier, browser] = [
        client.randomState(),
        client.randomNonce(),
        client.randomPKCECodeVerifier(),
        client.randomState(),
      ];
      await access.keepChallenge({
        kind: "oidc",
        secret: state,
        data: JSON.stringify({ nonce, verifier, browser } satisfies z.input<typeof Journey>),
        expiresAt: now() + ANSWER_MS,
      });
      const to = client.buildAuthorizationUrl(known, {
        redirect_uri: url() + CALLBACK,
        scope: "openid email profile",
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
      });
      return { url: to.href, browser };
    },

    /** A one-time code that signs the person in who has come back. */
    async finish(query: URLSearchParams, browser: string | null): Promise<string> {
      const client = await load();
      const state = query.get("state") ?? "";
      const kept = await access.takeChallenge("oidc", state);
      if (kept === null) throw failed("Nobody set out from here with this state, or it was too long ago.");
      const journey = Journey.parse(JSON.parse(kept));
      if (journey.browser !== browser) throw failed("Another browser set out.");
      const known = await provider();
      const here = new URL(`${url()}${CALLBACK}?${query.toString()}`);
      const tokens = await client
        .authorizationCodeGrant(known, here, {
          expectedState: state,
          expectedNonce: journey.nonce,
          pkceCodeVerifier: journey.verifier,
          idTokenExpected: true,
        })
        .catch((cause: unknown) => {
          throw failed("What it said does not hold.", cause);
        });
      const claims = tokens.claims();
      if (claims === undefined) throw failed("It said nothing of who it is.");
      const verifiedMail = mailOf(claims);
      const mayComeIn = admits(config, claims, verifiedMail);
      if (!mayComeIn && hasRules(config))
        throw new PrunellaError("PRUNELLA_SIGN_IN_REFUSED", {
          detail: "That identity may not come in here.",
          hint: "An owner says who may: oidc.mail_domains and oidc.claim.",
        });
      return access.mintFor({
        identity: {
          issuer: known.serverMetadata().issuer,
          subject: claims.sub,
          name: textOf(claims["preferred_username"]) ?? verifiedMail?.split("@")[0] ?? "person",
          verifiedMail,
        },
        mayBeNew: mayComeIn,
        role: config.role,
        project: config.project,
      });
    },
  };
}

type Claims = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

/** What the provider has not verified, anybody can have written. */
const mailOf = (claims: Claims): string | null =>
  claims["email_verified"] === true ? (textOf(claims["email"])?.toLowerCase() ?? null) : null;

const hasRules = ({ mail_domains, claim }: OidcConfig): boolean => mail_domains.length > 0 || claim !== null;

/** Every rule that stands there has to hold; without one nobody new comes in. */
export function admits(config: OidcConfig, claims: Claims, verifiedMail: string | null): boolean {
  const { mail_domains: domains, claim } = config;
  if (domains.length > 0 && !domains.includes(verifiedMail?.split("@").at(-1) ?? "")) return false;
  if (claim !== null && ![claims[claim.name]].flat().includes(claim.value)) return false;
  return hasRules(config);
}

/** Redirects are not followed, and what does not answer in time is given up. Forms are all that is sent. */
const ask: CustomFetch = (address, { body, headers, method }) =>
  fetch(address, {
    body: body instanceof URLSearchParams ? body : null,
    headers,
    method,
    redirect: "error",
    signal: AbortSignal.timeout(ASK_MS),
  });

const failed = (detail: string, cause?: unknown): PrunellaError =>
  new PrunellaError("PRUNELLA_PROVIDER_FAILED", { detail, hint: "Try again from the sign-in page.", cause });
