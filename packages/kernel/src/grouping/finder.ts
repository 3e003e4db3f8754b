import type { Event, Fingerprints } from "@prunella/contract";
import {
  createSimilarity,
  explainSimilarity,
  FINGERPRINT_VERSIONS,
  type DeepReadonly,
  type Similarity,
  type Trace,
} from "@prunella/scrub";
import { z } from "zod";
import type { Engine } from "../store/engine.ts";

/** Where an unknown fingerprint may lead; looked at only when the store does not know it. */
export interface Lead {
  /** Strict keys of the same event under earlier versions of the grouping. */
  readonly earlier: readonly string[];
  /** The fault whose frames are close enough; `detail` says how close and through what. */
  readonly similar: { readonly faultId: string; readonly detail: readonly string[] } | null;
}

export interface Found {
  readonly fingerprints: Fingerprints;
  /** Cleaned frames for comparing; null when there are none to compare by. */
  readonly trace: Trace | null;
  readonly lead: Lead | null;
}

export interface NewKey {
  readonly projectId: string;
  readonly fingerprint: string;
  readonly faultId: string;
  readonly trace: Trace | null;
  /** Whether it opened its fault. */
  readonly isFirst: boolean;
}

export interface Finder {
  find(projectId: string, event: DeepReadonly<Event>): Promise<Found>;
  /** After the commit: these fingerprints are known, and those of them are new. */
  committed(known: readonly string[], added: readonly NewKey[]): void;
}

/** Fingerprints that are remembered as known; forgetting one costs a comparison. */
const MAX_KNOWN = 50_000;
/** Newest traces of a project that are compared against; about a kilobyte each. */
const MAX_TRACES = 20_000;

const StoredTrace = z.strictObject({ type: z.string(), said: z.string(), frames: z.array(z.string()) });

export const nameOfKey = (projectId: string, fingerprint: string): string => `${projectId}\u0000${fingerprint}`;

/**
 * Finds out where an event belongs. A fingerprint that is known decides by itself, and costs nothing
 * more; an unknown one may have been known under an earlier version, or be close to a known fault.
 */
export function createFinder(db: Engine["reader"], versions = FINGERPRINT_VERSIONS): Finder {
  const [newest, ...older] = versions;
  const known = new Set<string>();
  const indexes = new Map<string, Promise<{ similarity: Similarity; traces: Map<string, Trace> }>>();

  async function load(projectId: string) {
    const rows = await db
      .selectFrom("fault_key")
      .select(["fault_id", "trace"])
      .where("project_id", "=", projectId)
      .where("trace", "is not", null)
      .orderBy("fault_id", "desc")
      .orderBy("fingerprint")
      .limit(MAX_TRACES)
      .execute();
    const index = {
      similarity: createSimilarity(undefined, { maxTraces: MAX_TRACES }),
      traces: new Map<string, Trace>(),
    };
    for (const { fault_id, trace } of rows.toReversed())
      remember(index, fault_id, StoredTrace.parse(JSON.parse(trace ?? "")));
    return index;
  }

  function indexOf(projectId: string) {
    let index = indexes.get(projectId);
    if (!index) {
      index = load(projectId);
      // A failed read is tried again with the next unknown fingerprint.
      index.catch(() => indexes.delete(projectId));
      indexes.set(projectId, index);
    }
    return index;
  }

  return {
    async find(projectId, event) {
      const { fingerprints, trace } = newest(event);
      const comparable = fingerprints.by === "stack" && trace.frames.length > 0 ? trace : null;
      if (known.has(nameOfKey(projectId, fingerprints.strict))) return { fingerprints, trace: comparable, lead: null };
      const earlier = older.map((version) => version(event).fingerprints.strict);
      if (!comparable) return { fingerprints, trace: null, lead: { earlier, similar: null } };
      const { similarity, traces } = await indexOf(projectId);
      const likest = similarity.attach(comparable);
      const other = likest ? traces.get(likest.fault) : undefined;
      const detail = likest
        ? [`likeness ${likest.score.toFixed(2)}`, ...(other ? sharedFrames(comparable, other) : [])]
        : [];
      return {
        fingerprints,
        trace: comparable,
        lead: { earlier, similar: likest ? { faultId: likest.fault, detail } : null },
      };
    },
    committed(names, added) {
      if (known.size + names.length > MAX_KNOWN) known.clear();
      for (const name of names) known.add(name);
      for (const { projectId, faultId, trace } of added) {
        if (trace)
          indexes.get(projectId)?.then(
            (index) => remember(index, faultId, trace),
            () => undefined,
          );
      }
    },
  };
}

function remember(index: { similarity: Similarity; traces: Map<string, Trace> }, faultId: string, trace: Trace): void {
  index.similarity.add(faultId, trace);
  if (!index.traces.has(faultId)) index.traces.set(faultId, trace);
}

function sharedFrames(a: Trace, b: Trace): string[] {
  return explainSimilarity(a, b).frames.map((pair) =>
    pair.kind === "same" ? `same ${pair.a}` : `kin ${pair.a} ~ ${pair.b}`,
  );
}
