import { PrunellaError } from "@prunella/contract";
import { createGitea, createGithub, readManifestCode, type Forge } from "@prunella/forge";
import { isFileThere, newSecret, writeSecretFile } from "../platform/new-secret.ts";
import { oneVisit } from "../platform/one-visit.ts";
import { outboundFetch } from "../platform/outbound-fetch.ts";
import { readSecret, type SecretPlaces } from "../secret-place.ts";
import { compare, NEEDED } from "./check.ts";

export interface SetUp {
  readonly login: string;
  /** For the configuration file; secrets stand in it by the files that they are in. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly written: readonly string[];
  /** What is left to do by hand. */
  readonly next: readonly string[];
}

type Role = "triage" | "publisher";
const ASK_MS = 30_000;

/** A token's user at Gitea or Forgejo, looked at before it is written into any configuration. */
export async function setUpGitea(given: {
  readonly url: string;
  readonly tokenFile: string;
  readonly secretFile: string;
  readonly publicUrl: string;
  readonly places: SecretPlaces;
}): Promise<SetUp> {
  const token = readSecret("--user-token", { file: given.tokenFile }, given.places);
  const forge = createGitea({ url: given.url, token: () => token, fetch: outboundFetch });
  const login = await mustBeRight(forge, "triage");
  return {
    login,
    config: {
      kind: "gitea",
      base_url: given.url,
      token: { file: given.tokenFile },
      webhook_secret: { file: given.secretFile },
    },
    written: secretAt(given.secretFile),
    next: [
      `Let ${login} write issues: make it a collaborator of each repository.`,
      `Add a webhook (type Gitea, JSON, event "workflow runs") to each watched repository: ${hookOf(given.publicUrl, "gitea")}, with the secret in ${given.secretFile}.`,
      "Then: prunella forge check",
    ],
  };
}

/** A person's fine-grained token, which GitHub says little of. */
export async function setUpGithubToken(given: {
  readonly apiUrl: string;
  readonly tokenFile: string;
  readonly secretFile: string;
  readonly publicUrl: string;
  readonly places: SecretPlaces;
}): Promise<SetUp> {
  const token = readSecret("--user-token", { file: given.tokenFile }, given.places);
  if (!token.startsWith("github_pat_"))
    throw refused("This is no fine-grained token: a classic one reaches every repository of its owner.");
  const expiresAt = Date.now() + 3_600_000;
  const forge = createGithub({
    baseUrl: given.apiUrl,
    credentials: () => ({ token, expiresAt }),
    fetch: outboundFetch,
    clock: Date,
  });
  const login = await mustBeRight(forge, "triage");
  return {
    login,
    config: { base_url: given.apiUrl, token: { file: given.tokenFile }, webhook_secret: { file: given.secretFile } },
    written: secretAt(given.secretFile),
    next: [
      "GitHub does not say what this token may. Make sure that it reaches the repositories that are filed in and no other, with contents: read, issues: write and nothing more.",
      `Add a webhook (JSON, events workflow runs, check runs, check suites) to each watched repository: ${hookOf(given.publicUrl, "github")}, with the secret in ${given.secretFile}.`,
      "Then: prunella forge check",
    ],
  };
}

/** A new App: a person says yes on GitHub's own page, and what comes back is checked before it is kept. */
export async function setUpGithubApp(given: {
  readonly apiUrl: string;
  readonly pagesUrl: string;
  readonly organization: string | null;
  readonly name: string;
  readonly role: Role;
  readonly folder: string;
  readonly publicUrl: string;
  readonly onOpen: (url: string) => void;
  readonly signal?: AbortSignal;
}): Promise<SetUp> {
  const { role, folder } = given;
  const keyFile = `${folder}/${role}.pem`;
  const secretFile = `${folder}/hook.secret`;
  for (const file of role === "triage" ? [keyFile, secretFile] : [keyFile])
    if (isFileThere(file)) throw refused(`${file} is there already: it is not written over.`);
  const account = given.organization === null ? "" : `/organizations/${encodeURIComponent(given.organization)}`;
  const action = `${given.pagesUrl.replace(/\/$/, "")}${account}/settings/apps/new`;
  const { code } = await oneVisit({
    page: (back, state) => formOf(`${action}?state=${state}`, manifestOf(given, back)),
    onOpen: given.onOpen,
    ...(given.signal === undefined ? {} : { signal: given.signal }),
  });
  const made = await readManifestCode(
    { baseUrl: given.apiUrl, fetch: outboundFetch },
    code,
    AbortSignal.timeout(ASK_MS),
  );
  if (!made.ok) throw refused(`GitHub did not give the App: ${made.refusal.message}`);
  const app = made.value;
  assertExact("github", role, app.permissions, `Delete it at ${app.url} and begin again.`);
  writeSecretFile(keyFile, app.pem);
  const identity = { app_id: String(app.id), private_key: { file: keyFile } };
  const install = `Install it in the repositories that it is for, and in no other: ${app.url}/installations/new`;
  if (role === "publisher")
    return {
      login: `${app.slug}[bot]`,
      config: { publisher: { ...identity, repos: [] } },
      written: [keyFile],
      next: [install, "Name those repositories under forge.publisher.repos.", "Then: prunella forge check"],
    };
  writeSecretFile(secretFile, app.webhookSecret ?? newSecret());
  return {
    login: `${app.slug}[bot]`,
    config: { base_url: given.apiUrl, ...identity, webhook_secret: { file: secretFile } },
    written: [keyFile, secretFile],
    next: [install, "Then: prunella forge check"],
  };
}

async function mustBeRight(forge: Forge, role: Role): Promise<string> {
  const standing = await forge.standing(AbortSignal.timeout(ASK_MS));
  if (!standing.ok) throw refused(`The host does not answer to this token: ${standing.refusal.message}`);
  const { login, permissions } = standing.value;
  if (permissions !== null) assertExact(forge.kind, role, permissions, "Make another token, with exactly those.");
  else if (forge.kind === "gitea") throw refused("The host does not say what this token may, so it is not taken.");
  return login;
}

/** @throws PRUNELLA_CONFIG_INVALID where it may less than is needed, or more */
function assertExact(
  kind: Forge["kind"],
  role: Role,
  permissions: Readonly<Record<string, string>>,
  mend: string,
): void {
  const hears = kind === "github" && role === "triage" ? HEARS : {};
  const wrong = compare(permissions, NEEDED[kind][role], hears).filter(({ verdict }) => verdict !== "right");
  if (wrong.length === 0) return;
  const each = wrong.map(({ name, has, wanted }) => `${name}: ${has ?? "none"} instead of ${wanted ?? "none"}`);
  throw refused(`Its permissions are not those that are needed (${each.join(", ")}). Nothing was written. ${mend}`);
}

/** To hear of workflows and checks an App must be let read them. */
const HEARS = { actions: "read", checks: "read", statuses: "read", pull_requests: "read" } as const;

function manifestOf(given: { role: Role; name: string; publicUrl: string }, back: string) {
  const isTriage = given.role === "triage";
  return {
    name: given.name,
    url: given.publicUrl,
    public: false,
    redirect_url: back,
    hook_attributes: { url: hookOf(given.publicUrl, "github"), active: isTriage },
    default_permissions: { ...NEEDED.github[given.role], ...(isTriage ? HEARS : {}) },
    default_events: isTriage ? ["workflow_run", "check_run", "check_suite", "issues"] : [],
  };
}

const hookOf = (url: string, kind: Forge["kind"]): string => `${url.replace(/\/$/, "")}/forge/${kind}`;

function formOf(action: string, manifest: object): string {
  const safe = (text: string) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  return `<!doctype html><meta charset="utf-8"><title>Prunella</title>
<form method="post" action="${safe(action)}"><input type="hidden" name="manifest" value="${safe(JSON.stringify(manifest))}">
<p>GitHub asks next whether the App may be made, with the permissions that it is to have.</p>
<button>Go on to GitHub</button></form>`;
}

function secretAt(path: string): string[] {
  if (isFileThere(path)) return [];
  writeSecretFile(path, newSecret());
  return [path];
}

const refused = (detail: string) => new PrunellaError("PRUNELLA_CONFIG_INVALID", { detail });
