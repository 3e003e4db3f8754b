import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readManifest } from "@prunella/ubiquityos";

/**
 * What becomes of real manifests: `npm run bench:manifests -- FILE.jsonl`, a line `{repo, blob, text}` each. A reason
 * is the first fault of a manifest. The last line is JSON: `{total, accepted, refused: {reason: count}}`.
 */
const { positionals } = parseArgs({ allowPositionals: true });
const [path] = positionals;
if (path === undefined || positionals.length !== 1) {
  console.error("One file of manifests is needed, such as npm run bench:manifests -- manifests.jsonl");
  process.exit(1);
}

const refused: Record<string, number> = {};
const places = new Map<string, number>();
let total = 0;
let accepted = 0;
for (const line of readFileSync(path, "utf8").split("\n")) {
  if (line.trim() === "") continue;
  total += 1;
  const read = readManifest(JSON.parse(line).text);
  if (read.ok) {
    accepted += 1;
    continue;
  }
  const [{ reason, path: at }] = read.problems;
  refused[reason] = (refused[reason] ?? 0) + 1;
  const place = `${reason} ${at.replace(/^\/commands\/[^/]+/, "/commands/*").replaceAll(/\/\d+/g, "/#")}`;
  places.set(place, (places.get(place) ?? 0) + 1);
}
for (const [place, count] of [...places].toSorted((a, b) => b[1] - a[1])) console.log(`${count}\t${place}`);
console.log(JSON.stringify({ total, accepted, refused }));
