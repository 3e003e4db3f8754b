import { encodedMappings, FlattenMap, type EncodedSourceMap } from "@jridgewell/trace-mapping";
import { PrunellaError } from "@prunella/contract";
import type { Scrubber } from "@prunella/scrub";
import { z } from "zod";

/** One map as JSON text, in bytes. Larger bundles are split by their builders long before. */
export const MAX_MAP_BYTES = 33_554_432;
/** A bundle of 10 MB has about two million; each costs some 90 bytes of memory once decoded. */
const MAX_SEGMENTS = 4_000_000;
const MAX_SECTIONS = 10_000;
/** Of a section's beginning: an empty line costs memory too. */
const MAX_OFFSET = 1_000_000;

const FlatMap = z.object({
  version: z.literal(3),
  file: z.string().nullish(),
  sourceRoot: z.string().nullish(),
  sources: z.array(z.string().nullable()),
  sourcesContent: z.array(z.string().nullable()).nullish(),
  names: z.array(z.string()).nullish(),
  mappings: z.string(),
  ignoreList: z.array(z.int().min(0)).nullish(),
  x_google_ignoreList: z.array(z.int().min(0)).nullish(),
});
const Offset = z.int().min(0).max(MAX_OFFSET);
const SectionedMap = z.object({
  version: z.literal(3),
  sections: z
    .array(z.object({ offset: z.object({ line: Offset, column: Offset }), map: FlatMap }))
    .min(1)
    .max(MAX_SECTIONS),
});

export interface CheckedMap {
  /** The map as it is stored: flat, its paths resolved, nothing in it unscrubbed. */
  readonly map: EncodedSourceMap;
  /** Of the built file that it belongs to, as the map itself says; null when it does not. */
  readonly file: string | null;
  readonly debugId: string | null;
}

/**
 * A source map (ECMA-426, version 3, also one in sections) as it may be stored. Sources hold whatever
 * their authors wrote, so they are scrubbed; where that would move lines, that source's content is left
 * out. `breathe` is awaited between pieces of about a megabyte. Throws PRUNELLA_REQUEST_INVALID.
 */
export async function checkMap(
  given: unknown,
  { scrubText, breathe }: { scrubText: Scrubber["scrubText"]; breathe: () => Promise<void> },
): Promise<CheckedMap> {
  const value = typeof given === "string" ? parseJson(given) : given;
  const flat = flatten(value);
  const content: (string | null)[] = [];
  let sinceBreath = 0;
  for (const source of flat.sourcesContent ?? []) {
    content.push(source === null ? null : scrubLines(source, scrubText));
    sinceBreath += source?.length ?? 0;
    if (sinceBreath < 1_000_000) continue;
    sinceBreath = 0;
    await breathe();
  }
  const names: string[] = [];
  for (const name of flat.names) {
    names.push(scrubText(name).text.value);
    if (names.length % 50_000 === 0) await breathe();
  }
  const debugId = z.object({ debugId: z.string().optional(), debug_id: z.string().optional() }).safeParse(value).data;
  return {
    map: {
      ...flat,
      names,
      sources: flat.sources.map((path) => (path === null ? null : scrubText(path).text.value)),
      sourcesContent: content,
    },
    file: z.object({ file: z.string().min(1) }).safeParse(value).data?.file ?? null,
    debugId: debugId?.debugId ?? debugId?.debug_id ?? null,
  };
}

/** `webpack://shop/./src/pay.ts` and `../../src/pay.ts` are both `src/pay.ts`: where the build ran says nothing. */
export function sourcePath(path: string): string {
  return path
    .replace(/^(?:webpack(?:-internal)?|turbopack|rspack|ng|app|file):\/{2,3}(?:[^/]*\/(?=\.))?/, "")
    .replace(/^(?:\.{0,2}\/)+/, (lead) => (lead === "/" ? "/" : ""))
    .slice(0, 512);
}

function parseJson(text: string): unknown {
  try {
    // Servers that guard against script inclusion put this line before the map.
    return JSON.parse(text.replace(/^\)\]\}'[^\n]*\n/, ""));
  } catch {
    throw invalid("It is not JSON.");
  }
}

function flatten(value: unknown): EncodedSourceMap & { names: string[] } {
  const isSectioned = typeof value === "object" && value !== null && "sections" in value;
  const parsed = isSectioned ? SectionedMap.safeParse(value) : FlatMap.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const at = issue?.path.map(String).join(".") ?? "";
    throw invalid(at === "version" ? "Only version 3 is known." : `${at || "It"}: ${issue?.message ?? "not valid"}.`);
  }
  const parts = "sections" in parsed.data ? parsed.data.sections.map(({ map }) => map) : [parsed.data];
  checkMappings(parts.map(({ mappings }) => mappings));
  try {
    const whole =
      "sections" in parsed.data
        ? new FlattenMap({
            version: 3,
            sections: parsed.data.sections.map(({ offset, map }) => ({ offset, map: plain(map) })),
          })
        : new FlattenMap(plain(parsed.data));
    return {
      version: 3,
      names: whole.names,
      sources: whole.resolvedSources.map((path, at) => (whole.sources[at] === null ? null : path)),
      sourcesContent: whole.sourcesContent ?? [],
      mappings: encodedMappings(whole),
      ignoreList: whole.ignoreList ?? [],
    };
  } catch (cause) {
    throw invalid("It cannot be read.", cause);
  }
}

const plain = (map: z.infer<typeof FlatMap>): EncodedSourceMap => ({
  version: 3,
  names: map.names ?? [],
  sources: map.sources.map((path) => (path === null ? null : sourcePath(rooted(path, map.sourceRoot ?? "")))),
  sourcesContent: map.sourcesContent ?? [],
  mappings: map.mappings,
  ignoreList: map.ignoreList ?? map.x_google_ignoreList ?? [],
});

const rooted = (path: string, root: string): string =>
  root === "" || /^(?:\/|[a-z][a-z0-9+.-]*:)/i.test(path) ? path : `${root.replace(/\/$/, "")}/${path}`;

/** Mappings are numbers in base 64: what else stands there could be text that nobody scrubbed. */
function checkMappings(all: readonly string[]): void {
  let segments = 0;
  for (const mappings of all) {
    if (/[^A-Za-z0-9+/,;]/.test(mappings)) throw invalid("mappings: not base 64 VLQ.");
    if (/[A-Za-z0-9+/]{60}/.test(mappings)) throw invalid("mappings: a segment is too long.");
    for (let at = 0; at < mappings.length; at += 1) {
      const code = mappings.charCodeAt(at);
      if (code === 44 || code === 59) segments += 1;
    }
  }
  if (segments > MAX_SEGMENTS) throw invalid(`mappings: more than ${MAX_SEGMENTS} segments.`);
}

/** Null when a placeholder would stand for several lines: every line after it would be shown as another. */
function scrubLines(source: string, scrubText: Scrubber["scrubText"]): string | null {
  const { text, redactions } = scrubText(source);
  const moved = redactions.some(({ start, length }) => source.slice(start, start + length).includes("\n"));
  return moved ? null : text.value;
}

const invalid = (detail: string, cause?: unknown): PrunellaError =>
  new PrunellaError("PRUNELLA_REQUEST_INVALID", {
    detail: `The source map is not valid. ${detail}`,
    hint: "Upload the .map file that your bundler wrote beside the built file.",
    cause,
  });
