import { createHash } from "node:crypto";
import { PrunellaError, type NewSourceMap } from "@prunella/contract";
import type { Reached } from "../door.ts";
import { readBundle, type Bundle, type BundleMap } from "./bundle.ts";
import { BUNDLE_BYTES, type Chunks } from "./chunks.ts";

export interface AssembleRequest {
  /** SHA-1 of the whole bundle. */
  readonly checksum: string;
  /** SHA-1 of each piece, in order. */
  readonly chunks: readonly string[];
  /** Ids of projects, which are there. */
  readonly projectIds: readonly string[];
  readonly release: string | null;
}

/** As clients poll for it. */
export interface Assembled {
  readonly state: "not_found" | "assembling" | "ok" | "error";
  readonly missingChunks: readonly string[];
  readonly detail: string | null;
}

/** Asked again within this time, a client hears what came of its bundle. */
const REMEMBERED_MS = 600_000;
const REMEMBERED_MAX = 256;
/** Clients poll; none shall wait longer for one answer. */
const WAIT_MS = 10_000;

/**
 * Puts bundles together and hands their source maps to the kernel, one bundle after the other: each may
 * take a good part of the memory.
 */
export function createAssembly(kernel: Reached, chunks: Chunks, now: () => number) {
  const outcomes = new Map<string, { until: number; outcome: Promise<Assembled> }>();
  let queue: Promise<unknown> = Promise.resolve();

  return async function assemble(request: AssembleRequest): Promise<Assembled> {
    const key = [request.checksum, request.release ?? "", ...request.projectIds].join(" ");
    const known = outcomes.get(key);
    if (known !== undefined && known.until > now()) return withinTime(known.outcome);
    const missingChunks = chunks.missing(request.chunks);
    if (missingChunks.length > 0) return { state: "not_found", missingChunks, detail: null };
    const bytes = chunks.take(request.chunks);
    if (bytes === null) return { state: "not_found", missingChunks: request.chunks, detail: null };
    const outcome = queue.then(() => keep(kernel, bytes, request)).catch(asFailure);
    queue = outcome;
    outcomes.set(key, { until: now() + REMEMBERED_MS, outcome });
    if (outcomes.size > REMEMBERED_MAX) for (const oldest of outcomes.keys()) if (outcomes.delete(oldest)) break;
    return withinTime(outcome);
  };
}

async function withinTime(outcome: Promise<Assembled>): Promise<Assembled> {
  const { promise, resolve } = Promise.withResolvers<Assembled>();
  const timer = setTimeout(() => resolve({ state: "assembling", missingChunks: [], detail: null }), WAIT_MS);
  try {
    return await Promise.race([outcome, promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function keep(kernel: Reached, bytes: Buffer, request: AssembleRequest): Promise<Assembled> {
  if (bytes.length > BUNDLE_BYTES) return failure(`A bundle has at most ${BUNDLE_BYTES} bytes.`);
  if (createHash("sha1").update(bytes).digest("hex") !== request.checksum)
    return failure("The bundle is not what its checksum says.");
  const bundle = readBundle(bytes);
  let refused = 0;
  let why: string | null = null;
  for (const projectId of request.projectIds)
    for (const map of bundle.maps) {
      try {
        await kernel.sourceMaps.add(await asNewMap(map, projectId, request.release ?? bundle.release));
      } catch (thrown) {
        refused += 1;
        why ??= whyOf(thrown);
      }
    }
  if (why === null) return { state: "ok", missingChunks: [], detail: null };
  return failure(`${refused} of ${countOf(bundle, request)} source maps were not taken. The first: ${why}`);
}

const countOf = ({ maps }: Bundle, { projectIds }: AssembleRequest): number => maps.length * projectIds.length;

async function asNewMap(
  { debugId, file, text }: BundleMap,
  project: string,
  release: string | null,
): Promise<NewSourceMap> {
  // All operations come with it, and doors are up before them.
  const schemas = await import("@prunella/contract/operations");
  const parsed = schemas.NewSourceMap.safeParse({
    project,
    map: text(),
    file,
    ...(debugId === null ? {} : { debug_id: debugId }),
    ...(release === null ? {} : { release }),
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
    detail: `${issue?.path.map(String).join(".") ?? ""}: ${issue?.message ?? "not valid"}.`,
  });
}

/** Our own errors say what is wrong; anything else says nothing to the outside. */
function whyOf(thrown: unknown): string {
  if (!(thrown instanceof PrunellaError) || thrown.status >= 500) throw thrown;
  return [thrown.detail ?? thrown.message, thrown.hint].filter((part) => part !== null).join(" ");
}

function asFailure(thrown: unknown): Assembled {
  return failure(
    thrown instanceof PrunellaError && thrown.status < 500
      ? (thrown.detail ?? thrown.message)
      : "The bundle could not be stored now; send it again.",
  );
}

const failure = (detail: string): Assembled => ({ state: "error", missingChunks: [], detail });
