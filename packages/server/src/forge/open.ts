import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { PrunellaError, type Config } from "@prunella/contract";
import {
  createGitea,
  createGithub,
  createPatientFetch,
  createRememberingFetch,
  withPublisher,
  type Forge,
  type Github,
  type Limits,
  type Waits,
} from "@prunella/forge";
import { outboundFetch } from "../platform/outbound-fetch.ts";
import { readSecret, type SecretPlaces } from "../secret-place.ts";

export interface OpenedForge {
  readonly forge: Forge;
  /** The same, where it is GitHub. */
  readonly github: Github | null;
  /** Who publishes, where that is another one; at most one. */
  readonly publisher: readonly Forge[];
  /** As it stands now, so that a changed one counts at once. */
  readonly webhookSecret: () => string;
  /** Where its pages are. */
  readonly pages: string;
  /** The key that dispatches are signed with; null where this is no kernel of others' plugins. */
  readonly signing: { readonly privateKey: KeyObject; readonly publicKey: KeyObject } | null;
  /** For the log to leave out: all that there ever were. */
  readonly secrets: () => readonly string[];
  /** What the host said last of how much it may be asked; null: nothing. */
  readonly limits: () => Limits | null;
  /** What answered last said that it is a double. */
  readonly isDouble: () => boolean;
  /** Where it is, as one word. */
  readonly place: string;
}

/** A person's token says nothing of its end; it is asked for anew with each use. */
const PERSONAL_TOKEN_MS = 3_600_000;

/**
 * The forge of the configuration with its secrets: read once, so that a missing one is told when the server starts,
 * and again with each use, so that they can be changed while it runs.
 *
 * @throws PRUNELLA_CONFIG_INVALID
 */
export function openForge(
  { forge: given, ubiquityos }: Config,
  places: SecretPlaces,
  { now, waits }: { readonly now: () => number; readonly waits: (place: string) => Waits },
): OpenedForge | null {
  if (given === null) return null;
  const secrets = new Set<string>();
  const secretAt = (key: string, place: Parameters<typeof readSecret>[1]): (() => string) => {
    const read = () => {
      const secret = readSecret(key, place, places);
      secrets.add(secret);
      return secret;
    };
    read();
    return read;
  };
  const place = `${given.kind} ${given.base_url}`;
  const { fetch, limits, isDouble } = createPatientFetch({
    fetch: createRememberingFetch(outboundFetch),
    waits: waits(place),
    now,
  });
  const webhookSecret = secretAt("forge.webhook_secret", given.webhook_secret);
  const opening = { secretAt, now, fetch };
  const first = adapterOf(given, "forge", opening);
  const publisher =
    given.publisher === null ? null : adapterOf({ ...given, ...given.publisher }, "forge.publisher", opening);
  const publishing = publisher && { publisher: publisher.forge, repos: given.publisher?.repos ?? [] };
  const github = first.github && publishing ? withPublisher(first.github, publishing) : first.github;
  const forge = github ?? (publishing ? withPublisher(first.forge, publishing) : first.forge);
  const signing = ubiquityos === null ? null : keysOf(secretAt("ubiquityos.signing_key", ubiquityos.signing_key)());
  return {
    forge,
    github,
    publisher: publisher === null ? [] : [publisher.forge],
    webhookSecret,
    pages: (given.pages_url ?? new URL(given.base_url).origin).replace(/\/$/, ""),
    signing,
    secrets: () => [...secrets],
    limits,
    isDouble,
    place,
  };
}

interface Opening {
  readonly secretAt: (key: string, place: Parameters<typeof readSecret>[1]) => () => string;
  readonly now: () => number;
  readonly fetch: typeof globalThis.fetch;
}

type Who = Pick<NonNullable<Config["forge"]>, "kind" | "base_url" | "app_id" | "private_key" | "token">;

function adapterOf(given: Who, key: string, { secretAt, now, fetch }: Opening) {
  const token = given.token === null ? null : secretAt(`${key}.token`, given.token);
  if (given.kind === "gitea") {
    if (token === null) throw invalid(`${key}.token: gitea knows no Apps.`);
    return { github: null, forge: createGitea({ url: given.base_url, token, fetch }) };
  }
  const credentials =
    token === null ? appOf(given, key, secretAt) : () => ({ token: token(), expiresAt: now() + PERSONAL_TOKEN_MS });
  const github = createGithub({ baseUrl: given.base_url, credentials, fetch, clock: { now } });
  return { github, forge: github };
}

function appOf({ app_id: appId, private_key: place }: Who, key: string, secretAt: Opening["secretAt"]) {
  if (appId === null || place === null) throw invalid(`${key}: either app_id with private_key, or token.`);
  const privateKey = secretAt(`${key}.private_key`, place);
  return () => ({ appId, privateKey: privateKey() });
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
