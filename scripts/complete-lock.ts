/**
 * Completes package-lock.json: `node scripts/complete-lock.ts` after every `npm install` that changed
 * it. npm leaves out optional packages of other platforms when it could not fetch them, and then
 * `npm ci` refuses the lock on every machine. What is added is name, version, platform and the digest
 * that the registry gives, so npm passes it over where the platform does not fit, and checks it where it does.
 */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { isRecord } from "./json.ts";

type Entries = Record<string, Record<string, unknown>>;

const PATH = join(import.meta.dirname, "../package-lock.json");
const OS = ["android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32", "aix"];
const CPU = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64", "wasm32"];
const LIBC = new Map([
  ["gnu", "glibc"],
  ["gnueabihf", "glibc"],
  ["musl", "musl"],
  ["musleabihf", "musl"],
]);

/** Entries that the lock lacks, by their path in the tree. */
export function missingEntries(lock: unknown): Entries {
  const entries = entriesOf(lock);
  const missing: Entries = {};
  for (const [path, { optionalDependencies, dev }] of Object.entries(entries)) {
    if (!path.includes("node_modules/") || !isRecord(optionalDependencies)) continue;
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (typeof version !== "string" || !/^\d+\.\d+\.\d+/.test(version)) continue;
      const place = placeFor(`${path}/`, name, version, { ...entries, ...missing });
      if (place !== null)
        missing[place] = { version, ...platformOf(name), ...(dev === true ? { dev } : {}), optional: true };
    }
  }
  return missing;
}

export function entriesOf(lock: unknown): Entries {
  const packages = isRecord(lock) && isRecord(lock["packages"]) ? lock["packages"] : {};
  return Object.fromEntries(
    Object.entries(packages).filter((entry): entry is [string, Record<string, unknown>] => isRecord(entry[1])),
  );
}

/** Where Node would look, nearest first: null when it finds this version, else the outermost free place before another version. */
function placeFor(from: string, name: string, version: string, entries: Entries): string | null {
  let free: string | null = null;
  for (let folder = from; ; folder = folder.slice(0, folder.lastIndexOf("node_modules/", folder.length - 2))) {
    const place = `${folder}node_modules/${name}`;
    const found = entries[place];
    if (found) return found["version"] === version ? null : free;
    free = place;
    if (!folder.includes("node_modules/")) return free;
  }
}

/** Bindings carry their platform in their name: `binding-linux-x64-musl`. */
function platformOf(name: string): Record<string, readonly string[]> {
  const words = name.split("/").at(-1)?.split("-") ?? [];
  const os = OS.filter((each) => words.includes(each));
  const cpu = CPU.filter((each) => words.includes(each));
  const libc = os.includes("linux") ? words.flatMap((word) => LIBC.get(word) ?? []) : [];
  return { ...(cpu.length > 0 ? { cpu } : {}), ...(libc.length > 0 ? { libc } : {}), ...(os.length > 0 ? { os } : {}) };
}

/** Entries of packages that nobody could check: their path in the tree. */
export const withoutDigest = (entries: Entries): string[] =>
  Object.entries(entries)
    .filter(
      ([path, entry]) => path.includes("node_modules/") && entry["link"] !== true && entry["integrity"] === undefined,
    )
    .map(([path]) => path);

const ask = promisify(execFile);

/** What the registry says of a package's bytes; asked a few at a time. */
async function addDigests(entries: Entries): Promise<void> {
  const waiting = withoutDigest(entries);
  const askNext = async (): Promise<void> => {
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
      const entry = entries[path];
      const { stdout } = await ask("npm", ["view", `${name}@${String(entry?.["version"])}`, "dist.integrity"]);
      if (entry && /^sha512-\S+$/.test(stdout.trim())) entry["integrity"] = stdout.trim();
    }
  };
  await Promise.all(Array.from({ length: 4 }, askNext));
}

if (import.meta.main) {
  const lock: unknown = JSON.parse(readFileSync(PATH, "utf8"));
  if (!isRecord(lock)) throw new Error("package-lock.json is not an object");
  const entries = { ...entriesOf(lock), ...missingEntries(lock) };
  await addDigests(entries);
  const packages = Object.entries(entries).toSorted(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(PATH, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`);
}
