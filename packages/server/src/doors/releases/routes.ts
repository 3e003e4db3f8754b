import { PrunellaError } from "@prunella/contract";
import type { Deploy } from "@prunella/kernel";
import type { DoorKit } from "../door.ts";
import type { Arrival } from "../kit/arrival.ts";
import { textOrNull } from "../kit/bounded.ts";
import { parseRecord } from "../kit/record.ts";
import type { Assembled, AssembleRequest } from "./assemble.ts";
import { BUNDLE_BYTES, CHUNK_BYTES, readChunks, type Chunks } from "./chunks.ts";
import { knownReleases, type KnownRelease } from "./known-releases.ts";

/** What the door holds between requests. */
export interface Held {
  readonly kit: DoorKit;
  readonly chunks: Chunks;
  readonly assemble: (request: AssembleRequest) => Promise<Assembled>;
}

export interface Asked {
  readonly arrival: Arrival;
  /** What the address names. */
  readonly names: Readonly<Record<string, string | undefined>>;
}

interface Said {
  readonly status: number;
  /** Nothing for a 204. */
  readonly body?: unknown;
}

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly answer: (held: Held, asked: Asked) => Said | Promise<Said>;
}

const VERSION_MAX = 200;
const JSON_MAX = 1_048_576;
/** Chunks of one request, and what stands between them. */
const CHUNKS_PER_REQUEST = 8;
const REQUEST_MAX = (CHUNKS_PER_REQUEST + 1) * CHUNK_BYTES;
const CHUNKS_MAX = BUNDLE_BYTES / CHUNK_BYTES;
const SHA1 = /^[0-9a-f]{40}$/i;

const ORG = String.raw`^/api/0/organizations/[^/]{1,100}`;
const PROJECT = String.raw`^/api/0/projects/[^/]{1,100}/(?<project>[^/]{1,100})`;
const VERSION = String.raw`(?<version>[^/]{1,600})`;
const EITHER = String.raw`^/api/0/(?:organizations/[^/]{1,100}|projects/[^/]{1,100}/(?<project>[^/]{1,100}))`;

const route = (method: string, path: string, answer: Route["answer"]): Route => ({
  method,
  path: new RegExp(`${path}$`),
  answer,
});

/** The first that fits answers. */
export const ROUTES: readonly Route[] = [
  route("GET", "^/api/0", () => ({ status: 200, body: { version: "0", auth: { scopes: SCOPES }, user: null } })),
  route("GET", `${ORG}/chunk-upload`, (held, asked) => ({
    status: 200,
    body: { ...CHUNK_OPTIONS, url: `${originOf(held, asked)}/api/0/organizations/prunella/chunk-upload/` },
  })),
  route("POST", `${ORG}/chunk-upload`, upload),
  route("POST", `${ORG}/artifactbundle/assemble`, assemble),
  route("GET", `${ORG}/projects`, async (held) => ({ status: 200, body: (await projectsOf(held)).map(projectJson) })),
  route("GET", PROJECT, async (held, { names }) => ({
    status: 200,
    body: projectJson(await projectOf(held, names.project ?? "")),
  })),
  // Commits are nobody's subject here; without repositories, tools leave them out.
  route("GET", `${ORG}/repos`, () => ({ status: 200, body: [] })),
  route("GET", `${ORG}/releases/${VERSION}/previous-with-commits`, () => ({ status: 200, body: {} })),
  route("GET", `${EITHER}/releases`, listReleases),
  route("POST", `${EITHER}/releases`, async (held, asked) => putRelease(held, asked, await readBody(asked))),
  route("GET", `${EITHER}/releases/${VERSION}`, async (held, asked) => ({
    status: 200,
    body: await releaseJson(held, await releaseOf(held, asked)),
  })),
  route("PUT", `${EITHER}/releases/${VERSION}`, async (held, asked) =>
    putRelease(held, asked, { ...(await readBody(asked)), version: asked.names.version }),
  ),
  route("DELETE", `${EITHER}/releases/${VERSION}`, removeRelease),
  route("GET", `${EITHER}/releases/${VERSION}/deploys`, async (held, asked) => ({
    status: 200,
    body: (await releaseOf(held, asked)).deploys.map(deployJson),
  })),
  route("POST", `${EITHER}/releases/${VERSION}/deploys`, putDeploy),
];

const SCOPES = ["org:read", "project:read", "project:releases"];

const CHUNK_OPTIONS = {
  chunkSize: CHUNK_BYTES,
  chunksPerRequest: CHUNKS_PER_REQUEST,
  maxFileSize: BUNDLE_BYTES,
  maxRequestSize: CHUNKS_PER_REQUEST * CHUNK_BYTES,
  concurrency: 2,
  hashAlgorithm: "sha1",
  compression: ["gzip"],
  // sentry-cli 2 looks for the first before it thinks of the others, which it prefers.
  accept: ["release_files", "artifact_bundles", "artifact_bundles_v2"],
};

/**
 * As the client sees this server: tools send a token to no other address than the one they were given.
 * Behind a proxy that ends TLS, it or the configuration says so.
 */
function originOf({ kit }: Held, { arrival }: Asked): string {
  const { host = "127.0.0.1", "x-forwarded-proto": forwarded } = arrival.request.headers;
  const own = kit.config.server.public_url?.replace(/\/$/, "");
  // A proxy may be one of several, each with its word.
  const isTls = /^https\b/.test(String(forwarded)) || own === `https://${host}`;
  return `${isTls ? "https:" : "http:"}//${host}`;
}

async function upload({ chunks }: Held, { arrival }: Asked): Promise<Said> {
  const body = await arrival.body(REQUEST_MAX);
  for (const { checksum, bytes } of await readChunks(body, arrival.request.headers["content-type"] ?? ""))
    chunks.add(checksum, bytes);
  return { status: 200, body: {} };
}

async function assemble(held: Held, asked: Asked): Promise<Said> {
  const { checksum, chunks, projects, version } = await readBody(asked);
  const pieces = Array.isArray(chunks) ? chunks.filter((one): one is string => typeof one === "string") : [];
  if (typeof checksum !== "string" || ![checksum, ...pieces].every((one) => SHA1.test(one)))
    throw invalid("Checksums are SHA-1, in hex.");
  if (pieces.length === 0 || pieces.length > CHUNKS_MAX)
    throw invalid(`A bundle has 1 to ${CHUNKS_MAX} chunks; more than ${BUNDLE_BYTES} bytes are too many.`);
  const body = await held.assemble({
    checksum: checksum.toLowerCase(),
    chunks: pieces.map((one) => one.toLowerCase()),
    projectIds: await projectIdsOf(held, projects),
    release: textOrNull(version, VERSION_MAX),
  });
  return { status: 200, body };
}

async function listReleases(held: Held, { names }: Asked): Promise<Said> {
  const projectId = names.project === undefined ? null : (await projectOf(held, names.project)).project_id;
  const asked = (await knownReleases(held.kit.kernel)).filter(
    ({ projectIds }) => projectId === null || projectIds.includes(projectId),
  );
  return { status: 200, body: await Promise.all(asked.slice(0, 100).map((each) => releaseJson(held, each))) };
}

async function putRelease(held: Held, asked: Asked, body: Readonly<Record<string, unknown>>): Promise<Said> {
  const version = textOrNull(body.version, VERSION_MAX);
  if (version === null) throw invalid("The release has no version.");
  const { releases } = held.kit.kernel;
  const standing = await releases.list(version);
  const dateReleased = textOrNull(body.dateReleased, 40);
  for (const projectId of await projectsAsked(held, asked, version, body.projects))
    if (dateReleased === null) await releases.add({ projectId, version });
    else await releases.finalize({ projectId, version, dateReleased });
  const release = await releaseJson(held, await releaseNamed(held, version));
  return { status: standing.length === 0 ? 201 : 200, body: release };
}

async function putDeploy(held: Held, asked: Asked): Promise<Said> {
  const { environment, name, url, dateStarted, dateFinished, projects } = await readBody(asked);
  const label = textOrNull(environment, 64);
  if (label === null) throw invalid("The deploy names no environment.");
  const version = textOrNull(asked.names.version, VERSION_MAX) ?? "";
  const deploy: Deploy = {
    environment: label,
    name: textOrNull(name, 64),
    url: textOrNull(url, 512),
    date_started: textOrNull(dateStarted, 40),
    date_finished: textOrNull(dateFinished, 40) ?? new Date(held.kit.now()).toISOString(),
  };
  for (const projectId of await projectsAsked(held, asked, version, projects))
    await held.kit.kernel.releases.deploy({ projectId, version, deploy });
  return { status: 201, body: deployJson(deploy) };
}

/** Those that the address or the body names; of a release that stands already, its own. */
async function projectsAsked(held: Held, { names }: Asked, version: string, given: unknown) {
  if (names.project !== undefined) return [(await projectOf(held, names.project)).project_id];
  if (Array.isArray(given) && given.length > 0) return projectIdsOf(held, given);
  const [standing] = await knownReleases(held.kit.kernel, version);
  if (standing === undefined) throw invalid("Name at least one project.");
  return standing.projectIds;
}

/** With its source maps, as people expect who clean up. */
async function removeRelease(held: Held, asked: Asked): Promise<Said> {
  const { version, projectIds } = await releaseOf(held, asked);
  const { releases, sourceMaps } = held.kit.kernel;
  const only = asked.names.project === undefined ? null : (await projectOf(held, asked.names.project)).project_id;
  for (const map of await sourceMaps.list(only ?? undefined))
    if (map.release === version) await sourceMaps.remove(map.id);
  for (const projectId of projectIds)
    if (only === null || only === projectId) await releases.remove({ projectId, version });
  return { status: 204 };
}

const releaseOf = (held: Held, { names }: Asked): Promise<KnownRelease> => releaseNamed(held, names.version ?? "");

async function releaseNamed({ kit }: Held, version: string): Promise<KnownRelease> {
  const [release] = await knownReleases(kit.kernel, version);
  if (release === undefined) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such release." });
  return release;
}

const deployJson = ({ environment, name, url, date_started, date_finished }: Deploy) => ({
  environment,
  name,
  url,
  dateStarted: date_started,
  dateFinished: date_finished,
});

async function releaseJson(held: Held, { version, createdAt, dateReleased, projectIds, deploys }: KnownRelease) {
  const projects = (await projectsOf(held)).filter(({ project_id }) => projectIds.includes(project_id));
  return {
    version,
    shortVersion: version,
    dateCreated: new Date(createdAt).toISOString(),
    dateReleased,
    newGroups: 0,
    deployCount: deploys.length,
    projects: projects.map(projectJson),
  };
}

type ProjectRow = Awaited<ReturnType<DoorKit["kernel"]["projects"]["list"]>>[number];

const projectsOf = ({ kit }: Held): Promise<ProjectRow[]> => kit.kernel.projects.list();

const projectJson = ({ project_id, dsn_id, title }: ProjectRow) => ({ id: dsn_id, slug: project_id, name: title });

/** By its id, or by the number of its DSN. */
async function projectOf(held: Held, name: string): Promise<ProjectRow> {
  const found = (await projectsOf(held)).find(({ project_id, dsn_id }) => project_id === name || dsn_id === name);
  if (found) return found;
  throw new PrunellaError("PRUNELLA_NOT_FOUND", {
    detail: "There is no project of this name.",
    hint: "Name one of `prunella projects list`.",
  });
}

async function projectIdsOf(held: Held, names: unknown): Promise<string[]> {
  if (!Array.isArray(names) || names.length === 0 || names.length > 100) throw invalid("Name at least one project.");
  const ids = new Set<string>();
  for (const name of names) ids.add((await projectOf(held, textOrNull(name, 100) ?? "")).project_id);
  return [...ids];
}

async function readBody({ arrival }: Asked): Promise<Readonly<Record<string, unknown>>> {
  const body = parseRecord(await arrival.body(JSON_MAX));
  if (body === null) throw invalid("The body is not a JSON object.");
  return body;
}

const invalid = (detail: string) => new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail });
