import { PrunellaError, type SourceMapRow } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { pageOf, printMore, type Paging } from "../paging.ts";
import { print, printJson, progress } from "../print.ts";
import { meansId, shortId } from "../terminal/short-id.ts";
import { table } from "../terminal/table.ts";
import { plain } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";
import { findMaps, readMapFile } from "./source-map-files.ts";

export interface UploadOptions {
  readonly release?: string;
  readonly project: string;
  readonly urlPrefix: string;
}

/** One after the other, so that a large build never stands in memory as a whole; what was sent stays when one is refused. */
export async function uploadMaps(common: Common, paths: readonly string[], options: UploadOptions): Promise<void> {
  const found = findMaps(paths);
  const call = connect(common);
  const uploaded: SourceMapRow[] = [];
  const prefix = options.urlPrefix.replace(/\/+$/, "");
  for (const [at, file] of found.entries()) {
    progress(`${at + 1} of ${found.length}: ${plain(file.builtFile)}`);
    const { map, debugId } = readMapFile(file);
    if (debugId === "" && options.release === undefined)
      throw new PrunellaError("PRUNELLA_USAGE", {
        detail: `${plain(file.path)} has no debug id, so frames would not find it.`,
        hint: "Name the release that events carry with --release, or let the bundler write debug ids.",
      });
    const answer = await call("add_source_map", {
      project: options.project,
      ...(debugId === "" ? {} : { debug_id: debugId }),
      release: options.release,
      file: `${prefix}/${file.builtFile}`,
      map,
    }).catch((cause: unknown) => {
      progress(null);
      if (!(cause instanceof PrunellaError)) throw cause;
      throw new PrunellaError(cause.code, {
        detail: `${plain(file.path)}: ${cause.detail ?? "refused."} ${uploaded.length} of ${found.length} were uploaded before it.`,
        ...(cause.hint === null ? {} : { hint: cause.hint }),
        cause,
      });
    });
    uploaded.push(answer.source_map);
  }
  progress(null);
  if (common.json) return printJson({ source_maps: uploaded });
  print(
    `Uploaded ${uploaded.length} source ${uploaded.length === 1 ? "map" : "maps"}, found ${options.release === undefined ? "by debug id" : `by debug id or by release ${plain(options.release)}`}; secrets in sources were taken out.\nEvents that come from now on are shown as the code was written. See: ${commandLine(common, "sourcemaps list")}`,
  );
}

export async function listMaps(common: Common, options: Paging & { project?: string }): Promise<void> {
  const answer = await connect(common)("list_source_maps", { project: options.project });
  const { rows: maps, next } = pageOf(answer.source_maps, ({ id }) => id, options);
  if (common.json) return printJson({ source_maps: maps, next });
  if (maps.length === 0)
    return print(
      `There are no source maps. How those of a build are uploaded: ${commandLine(common, "sourcemaps upload --help")}`,
    );
  const now = Date.now();
  const columns = [
    { title: "ID" },
    { title: "PROJECT" },
    { title: "SINCE" },
    { title: "RELEASE" },
    { title: "DEBUG ID" },
    { title: "KIB" },
    { title: "FILE" },
  ];
  print(
    table(
      columns,
      maps.map((map) => [
        shortId(map.id),
        map.project_id,
        relative(map.created_at, now),
        plain(map.release ?? "-"),
        map.debug_id?.slice(0, 8) ?? "-",
        String(Math.ceil(map.bytes / 1024)),
        plain(map.file ?? ""),
      ]),
    ),
  );
  printMore(
    common,
    `sourcemaps list --limit ${options.limit}${options.project === undefined ? "" : ` --project ${options.project}`}`,
    next,
  );
}

export async function removeMaps(
  common: Common,
  typed: string | undefined,
  options: { release?: string },
): Promise<void> {
  if ((typed === undefined) === (options.release === undefined))
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "Name either the id of one source map or --release.",
      hint: "See `prunella sourcemaps list`.",
    });
  const call = connect(common);
  const { source_maps: maps } = await call("list_source_maps");
  const chosen = typed === undefined ? maps.filter((map) => map.release === options.release) : [oneOf(maps, typed)];
  if (chosen.length === 0)
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail: `There is no source map of release ${plain(options.release ?? "")}.`,
    });
  for (const map of chosen) await call("remove_source_map", { id: map.id });
  if (common.json) return printJson({ removed: chosen });
  print(`Removed ${chosen.length} source ${chosen.length === 1 ? "map" : "maps"}; what was shown with them stays.`);
}

function oneOf(maps: readonly SourceMapRow[], typed: string): SourceMapRow {
  const wanted = typed.trim().toLowerCase();
  const found = maps.filter((map) => meansId(wanted, map.id));
  const [only] = found;
  if (only !== undefined && found.length === 1 && wanted.length >= 4) return only;
  throw new PrunellaError("PRUNELLA_USAGE", {
    detail:
      found.length > 1 && wanted.length >= 4
        ? `${found.length} source maps fit ${plain(typed)}.`
        : `There is no source map ${plain(typed)}.`,
    hint: "See `prunella sourcemaps list` for their ids.",
  });
}
