import { createHash } from "node:crypto";
import { posix } from "node:path";

/** One file or link of an artifact; folders are implied by their paths. */
export type TreeEntry =
  | { readonly kind: "file"; readonly path: string; readonly isExecutable: boolean; readonly content: Uint8Array }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "other"; readonly path: string };

export type DigestReading =
  | { readonly ok: true; readonly digest: string }
  | { readonly ok: false; readonly path: string; readonly why: string };

/**
 * The digest of everything that an artifact can run (FORMATS: "Artifact digest"): a record
 * `<mode> NUL <path> NUL <sha256 of the content, or of the link's target> NUL` for each file and link, the records
 * sorted by their bytes. A link that leaves the tree is refused: what it names is not covered, and so are devices.
 */
export function artifactDigest(entries: Iterable<TreeEntry>): DigestReading {
  const records: Buffer[] = [];
  for (const entry of entries) {
    const { path } = entry;
    if (!isInside(path)) return { ok: false, path, why: "The path leaves the artifact." };
    if (entry.kind === "other") return { ok: false, path, why: "Only files, links and folders may be in an artifact." };
    if (entry.kind === "link") {
      if (!isInside(posix.join(posix.dirname(path), entry.target)) || posix.isAbsolute(entry.target)) {
        return { ok: false, path, why: "The link leads out of the artifact." };
      }
      records.push(record("0777", path, Buffer.from(entry.target)));
    } else records.push(record(entry.isExecutable ? "0755" : "0644", path, entry.content));
  }
  const hash = createHash("sha256");
  for (const one of records.toSorted(Buffer.compare)) hash.update(one);
  return { ok: true, digest: `sha256:${hash.digest("hex")}` };
}

function record(mode: string, path: string, content: Uint8Array): Buffer {
  return Buffer.from(`${mode}\0${path}\0${createHash("sha256").update(content).digest("hex")}\0`);
}

function isInside(path: string): boolean {
  const normal = posix.normalize(path);
  return path !== "" && !posix.isAbsolute(normal) && normal !== ".." && !normal.startsWith("../");
}
