import { nearest } from "@prunella/contract/nearest";
import { isMap, isScalar, LineCounter, parseDocument, type Document } from "yaml";
import { z } from "zod";
import { LISTENABLE } from "../events.ts";
import { readIdentifier, type PluginIdentifier } from "../identifier.ts";

/** What a configuration says of one plugin. */
export const PluginSettings = z
  .object({
    with: z.record(z.string(), z.unknown()).nullish(),
    runsOn: z.array(z.string()).default([]),
    skipBotEvents: z.boolean().optional(),
  })
  .nullable()
  .transform((given) => ({
    with: given?.with ?? {},
    /** Empty: what the plugin's manifest listens to. */
    runsOn: given?.runsOn ?? [],
    /** Undefined: as the manifest has it. */
    skipBotEvents: given?.skipBotEvents,
  }));
export type PluginSettings = z.infer<typeof PluginSettings>;

const WholeConfig = z.looseObject({
  imports: z.array(z.string()).nullish(),
  plugins: z.record(z.string(), PluginSettings).nullish(),
});

export interface ConfiguredPlugin {
  readonly plugin: PluginIdentifier;
  readonly settings: PluginSettings;
}

export interface UbiquityConfig {
  /** `owner/repo` of configurations that this one builds upon. */
  readonly imports: readonly string[];
  readonly plugins: ReadonlyMap<string, ConfiguredPlugin>;
}

/** One mistake, with the line that a person should look at. */
export interface ConfigMistake {
  readonly line: number;
  readonly column: number;
  /** Keys from the top: `plugins`, the plugin, `runsOn`, 0. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export type ConfigReading =
  | { readonly ok: true; readonly config: UbiquityConfig; readonly document: LocatedDocument }
  | { readonly ok: false; readonly mistakes: readonly ConfigMistake[] };

/** A parsed document that still knows where everything stands in its text. */
export interface LocatedDocument {
  at(path: readonly (string | number)[]): { readonly line: number; readonly column: number };
}

const MOST_CHARACTERS = 1_048_576;

/** Reads `.ubiquity-os.config.yml`; every mistake comes with its line. An empty file is a configuration of nothing. */
export function readConfig(text: string): ConfigReading {
  const counter = new LineCounter();
  if (text.length > MOST_CHARACTERS) return wrong(1, 1, [], `At most ${MOST_CHARACTERS} characters are read.`);
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  if (document.errors.length > 0) {
    return {
      ok: false,
      mistakes: document.errors
        .map((error) => ({ ...counter.linePos(error.pos[0]), path: [], message: error.message }))
        .map(located),
    };
  }
  const where = locate(document, counter);
  const read = WholeConfig.safeParse(valueOf(document));
  if (!read.success) {
    return {
      ok: false,
      mistakes: read.error.issues.map((issue) => {
        const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
        return { ...where.at(path), path, message: `${path.join(".") || "the file"}: ${issue.message}` };
      }),
    };
  }
  return assemble(read.data, where);
}

function assemble(whole: z.infer<typeof WholeConfig>, where: LocatedDocument): ConfigReading {
  const mistakes: ConfigMistake[] = [];
  const note = (path: (string | number)[], message: string) => mistakes.push({ ...where.at(path), path, message });
  const plugins = new Map<string, ConfiguredPlugin>();
  for (const [id, settings] of Object.entries(whole.plugins ?? {})) {
    const read = readIdentifier(id);
    if (!read.ok) note(["plugins", id], wanted(`"${id}" is no plugin`, read.expected, read.nearest));
    else plugins.set(id, { plugin: read.plugin, settings });
    for (const [at, name] of settings.runsOn.entries()) {
      if (LISTENABLE.has(name)) continue;
      note(
        ["plugins", id, "runsOn", at],
        wanted(`"${name}" is no event`, "an event or event.action", nearest(name, LISTENABLE)),
      );
    }
  }
  for (const [at, name] of (whole.imports ?? []).entries()) {
    if (!/^[\w.-]+\/[\w.-]+$/.test(name))
      note(["imports", at], wanted(`"${name}" cannot be imported`, "owner/repo", null));
  }
  if (mistakes.length > 0) return { ok: false, mistakes };
  return { ok: true, config: { imports: whole.imports ?? [], plugins }, document: where };
}

const wanted = (what: string, expected: string, meant: string | null) =>
  `${what}; expected ${expected}${meant === null ? "" : `, such as ${meant}`}.`;

const located = ({
  line,
  col,
  path,
  message,
}: {
  line: number;
  col: number;
  path: string[];
  message: string;
}): ConfigMistake => ({
  line,
  column: col,
  path,
  message,
});

const wrong = (line: number, column: number, path: string[], message: string): ConfigReading => ({
  ok: false,
  mistakes: [{ line, column, path, message }],
});

function valueOf(document: Document): unknown {
  return document.toJS({ maxAliasCount: 100 }) ?? {};
}

/** The key where there is one, so that a mistake about an absent value points at what it is absent from. */
function locate(document: Document, counter: LineCounter): LocatedDocument {
  return {
    at(path) {
      let node: unknown = document.contents;
      let offset = 0;
      for (const part of path) {
        if (isMap(node)) {
          const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
          if (pair === undefined) break;
          offset = startOf(pair.key) ?? offset;
          node = pair.value;
        } else {
          node = document.getIn(path.slice(0, path.indexOf(part) + 1), true);
          offset = startOf(node) ?? offset;
        }
      }
      const { line, col } = counter.linePos(offset);
      return { line, column: col };
    },
  };
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== "object" || node === null || !("range" in node) || !Array.isArray(node.range)) return undefined;
  const [start] = node.range;
  return typeof start === "number" ? start : undefined;
}
