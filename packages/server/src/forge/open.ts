import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { PrunellaError, type Config } from "@prunella/contract";
import { createGitea, createGithub, type Forge, type Github, type GithubCredentials } from "@prunella/forge";
import { outboundFetch } from "../platform/outbound-fetch.ts";
import { readSecret, type SecretPlaces } from "../secret-place.ts";

export interface OpenedForge {
  readonly forge: Forge;
  /** The same, where it is GitHub. */
  readonly github: Github | null;
  readonly webhookSecret: string;
  /** Where its pages are. */
  readonly pages: string;
  /** The key that dispatches are signed with; null where this is no kernel of others' plugins. */
  readonly signing: { readonly privateKey: KeyObject; readonly publicKey: KeyObject } | null;
  /** For the log to leave out. */
  readonly secrets: readonly string[];
}

/** A person's token says nothing of its end; it is asked for anew with each use. */
const PERSONAL_TOKEN_MS = 3_600_000;

/**
 * The forge of the configuration with its secrets, read once, so that a missing one is told when the server starts.
 *
 * @throws PRUNELLA_CONFIG_INVALID
 */
export function openForge(
  { forge: given, ubiquityos }: Config,
  places: SecretPlaces,
  now: () => number,
): OpenedForge | null {
  if (given === null) return null;
  const secrets: string[] = [];
  const secretAt = (key: string, place: Parameters<typeof readSecret>[1]): string => {
    const secret = readSecret(key, place, places);
    secrets.push(secret);
    return secret;
  };
  const webhookSecret = secretAt("forge.webhook_secret", given.webhook_secret);
  const credentials = credentialsOf(given, secretAt, now);
  const github =
    given.kind === "github"
      ? createGithub({ baseUrl: given.base_url, credentials, fetch: outboundFetch, clock: { now } })
      : null;
  const forge = github ?? createGitea({ url: given.base_url, token: tokenOf(credentials), fetch: outboundFetch });
  const signing = ubiquityos === null ? null : keysOf(secretAt("ubiquityos.signing_key", ubiquityos.signing_key));
  return {
    forge,
    github,
    webhookSecret,
    pages: (given.pages_url ?? new URL(given.base_url).origin).replace(/\/$/, ""),
    signing,
    secrets,
  };
}

function credentialsOf(
  given: NonNullable<Config["forge"]>,
  secretAt: (key: string, place: Parameters<typeof readSecret>[1]) => string,
  now: () => number,
): GithubCredentials {
  if (given.token !== null)
    return { token: secretAt("forge.token", given.token), expiresAt: now() + PERSONAL_TOKEN_MS };
  if (given.app_id === null || given.private_key === null)
    throw invalid("forge: either app_id with private_key, or token.");
  return { appId: given.app_id, privateKey: secretAt("forge.private_key", given.private_key) };
}

function tokenOf(credentials: GithubCredentials): string {
  if ("token" in credentials) return credentials.token;
  throw invalid("forge.token: gitea knows no Apps.");
}

function keysOf(pem: string) {
  try {
    const privateKey = createPrivateKey(pem);
    if (privateKey.asymmetricKeyType === "rsa") return { privateKey, publicKey: createPublicKey(privateKey) };
  } catch (cause) {
    throw invalid("ubiquityos.signing_key is no private key in PEM.", cause);
  }
  throw invalid("ubiquityos.signing_key is no RSA key: make one with openssl genpkey -algorithm RSA.");
}

const invalid = (detail: string, cause?: unknown) => new PrunellaError("PRUNELLA_CONFIG_INVALID", { detail, cause });
