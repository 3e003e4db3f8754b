import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { read, trackedFiles } from "./files.ts";

/** Folders of a package in the order in which ARCHITECTURE.md draws them. */
function drawn(block: string, end: string): string[] {
  const map = read("ARCHITECTURE.md");
  const from = map.indexOf(`packages/${block} `);
  const lines = map.slice(from, map.indexOf(end, from)).split("\n").slice(1);
  return lines
    .flatMap((line) => (/^ {4}(\S+(?: \S+)*) {2,}/.exec(line)?.[1] ?? "").split(" "))
    .map((name) => name.replace("/<name>", ""))
    .filter((name) => name !== "" && !name.endsWith(".ts"));
}

/** Each import of a later folder, as `a → b (file)`. */
function backwards(packageFolder: string, order: readonly string[]): string[] {
  const found: string[] = [];
  for (const path of trackedFiles()) {
    if (!path.startsWith(`${packageFolder}/`) || !path.endsWith(".ts") || /(?:\.test|-fixture|-suite)\.ts$/.test(path))
      continue;
    const from = folderOf(packageFolder, path);
    for (const [, target] of read(path).matchAll(/from "(\.{1,2}\/[^"]+)"/g)) {
      const to = folderOf(packageFolder, join(dirname(path), target ?? ""));
      if (from === null || to === null || from === to) continue;
      if (!order.includes(from) || !order.includes(to) || order.indexOf(to) > order.indexOf(from))
        found.push(`${from} → ${to} (${path})`);
    }
  }
  return found;
}

/** Null: the file stands in no folder. */
function folderOf(packageFolder: string, path: string): string | null {
  const [folder, file] = path.slice(packageFolder.length + 1).split("/");
  return file === undefined ? null : (folder ?? null);
}

describe("the map", () => {
  it("is the order of the kernel's folders: none imports a later one", () => {
    const order = drawn("kernel", "packages/server");
    expect(order).toContain("store");
    expect(backwards("packages/kernel/src", order)).toEqual([]);
  });

  it("is the order of the scrubber's folders too", () => {
    const order = drawn("scrub", "packages/kernel");
    expect(order).toContain("engine");
    expect(backwards("packages/scrub/src", order)).toEqual([]);
  });

  it("knows no remedy by name outside its folder and the list of the kernel", () => {
    const named = trackedFiles().filter(
      (path) =>
        path.startsWith("packages/kernel/src/") &&
        !/^packages\/kernel\/src\/(?:remedies\/restart\/|kernel\.ts$|store\/)/.test(path) &&
        path.endsWith(".ts") &&
        !/(?:\.test|-fixture|-suite)\.ts$/.test(path) &&
        /restart/i.test(read(path).replace(/\/\*\*[^]*?\*\/|\/\/.*/g, "")),
    );
    expect(named).toEqual([]);
  });
});
