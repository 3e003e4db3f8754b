import type { Problems } from "./problems.ts";
import { firstOf, widerTile } from "./superseded.ts";
import { parseTilePath, tilePath, type TileReader, type TileRef } from "./tiles.ts";
import { sameBytes } from "./tree.ts";

/**
 * Looks at the files that no checkpoint names: a partial tile left from an earlier, smaller tree must
 * be the beginning of the tile that took its place; a tile beyond the tree is the start of a
 * publication that has not finished, whose content the next one decides; the rest has no business here.
 * Does nothing when the reader cannot list.
 */
export async function checkOtherFiles(
  reader: TileReader,
  size: number,
  vkey: string,
  problems: Problems,
): Promise<void> {
  if (reader.list === undefined) return;
  for await (const path of reader.list()) {
    if (problems.full()) return;
    // Writers rename into place; what a killed one leaves behind is not part of the ledger.
    if (path === "checkpoint" || path.endsWith(".tmp")) continue;
    const ref = parseTilePath(path);
    if (path === "vkey") await checkVkeyFile(reader, vkey, problems);
    else if (ref === null) problems.add(`${JSON.stringify(path.slice(0, 80))} is not a file of the ledger.`, null);
    else await checkSuperseded(reader, ref, size, problems);
  }
}

async function checkVkeyFile(reader: TileReader, vkey: string, problems: Problems): Promise<void> {
  const bytes = await reader.read("vkey");
  if (
    bytes === null ||
    sameBytes(bytes, Buffer.from(`${vkey.replace(/\n$/, "")}\n`)) ||
    sameBytes(bytes, Buffer.from(vkey))
  )
    return;
  problems.add("The file vkey is not the key that was asked for.", null);
}

async function checkSuperseded(reader: TileReader, ref: TileRef, size: number, problems: Problems): Promise<void> {
  const wider = widerTile(ref, size);
  const [bytes, whole] =
    wider === null ? [null, null] : await Promise.all([reader.read(tilePath(ref)), reader.read(tilePath(wider))]);
  if (wider === null || bytes === null || whole === null) return;
  const expected = problems.attempt(() => firstOf(whole, wider, ref.width));
  if (expected !== null && !sameBytes(bytes, expected))
    problems.add(`${tilePath(ref)} is not the beginning of ${tilePath(wider)}.`, null);
}
