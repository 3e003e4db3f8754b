import { dirname, normalize } from "node:path/posix";
import { describe, expect, it } from "vitest";
import { read, trackedFiles } from "./files.ts";

/**
 * The order of ARCHITECTURE.md's map: a folder, or a file beside the folders, imports what stands before
 * it and nothing that stands after it. Types count as well: who reads one file has to know the other.
 */
const ORDER: Readonly<Record<string, readonly string[]>> = {
  "packages/kernel/src": inOrder(`ports.ts ids.ts actors.ts store nodes core.ts ledger work access projects audit notify
    gate attempts escalations triggers rehearsal envelopes remedies grouping sourcemaps releases search intake faults drills investigations probes heartbeats filings promotions plugins retention assembly kernel.ts door-kernel.ts index.ts`),
  "packages/scrub/src": inOrder("text disguise engine keys rules faces stacks fingerprint index.ts"),
  "packages/server/src":
    inOrder(`platform secret-place.ts nearest.ts config.ts fixing.ts scrub-policy.ts log-lines.ts backup.ts migrate.ts ledger-key-files.ts ledger-begin.ts
    ledger-publisher.ts checkpoints probes triggers.ts window-mistakes.ts idle-triggers.ts check-config.ts doctor.ts watches.ts reload.ts notify ledger-check.ts metrics plugins forge doors supervisor people ubiquityos http server.ts index.ts`),
};

function inOrder(names: string): string[] {
  return names.split(/\s+/);
}

/** What of Node reaches the machine: files, network, processes. */
const MACHINE =
  /^(?:node:(?:fs|net|http|https|http2|tls|dns|dgram|child_process|os|sqlite|worker_threads)(?:\/.*)?|pg)$/;
/** Beside `platform`, which files of the server do, and by what. */
const REACHES: Readonly<Record<string, readonly string[]>> = {
  "backup.ts": ["node:fs"],
  "checkpoints/file.ts": ["node:fs", "node:fs/promises"],
  "config.ts": ["node:fs"],
  "doctor.ts": ["fetch", "node:fs"],
  "http/hosts.ts": ["node:net"],
  "http/server.ts": ["node:http"],
  "http/static.ts": ["node:fs"],
  "ledger-key-files.ts": ["node:fs"],
  "people/oidc.ts": ["fetch"],
  "people/passkeys.ts": ["node:net"],
  "migrate.ts": ["node:fs"],
  "supervisor/http-port.ts": ["fetch"],
};

const isTest = (path: string): boolean => /\.test\.ts$|-fixture\.ts$|-suite\.ts$/.test(path);
const sourcesOf = (root: string): string[] =>
  trackedFiles().filter((path) => path.startsWith(`${root}/`) && path.endsWith(".ts") && !isTest(path));
const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:\bfrom|\bimport\(|^import) ?"([^"]+)"/gm)].map(([, name = ""]) => name);
/** The folder or the file beside the folders that a path below the root belongs to. */
const areaOf = (path: string): string => path.split("/", 1)[0] ?? "";

/** Everything in `root` that runs against its order. */
function wrongWays(root: string, files: readonly { readonly path: string; readonly text: string }[]): string[] {
  const order = ORDER[root] ?? [];
  return files.flatMap(({ path, text }) => {
    const from = path.slice(root.length + 1);
    if (!order.includes(areaOf(from))) return [`${path} stands in no place of the order`];
    return importsOf(text).flatMap((name) => {
      const to = name.startsWith(".") ? normalize(`${dirname(path)}/${name}`) : "";
      if (!to.startsWith(`${root}/`)) return [];
      const area = areaOf(to.slice(root.length + 1));
      return area === areaOf(from) || order.indexOf(area) < order.indexOf(areaOf(from))
        ? []
        : [`${path} imports ${name}`];
    });
  });
}

describe("the direction of imports", () => {
  it.each(Object.keys(ORDER))("follows the map in %s", (root) => {
    const files = sourcesOf(root).map((path) => ({ path, text: read(path) }));
    expect(files.length).toBeGreaterThan(10);
    expect(wrongWays(root, files)).toEqual([]);
  });

  it.each([
    ["kernel", "packages/server "],
    ["scrub", "packages/kernel "],
  ])("is the order that the map draws, in %s", (name, end) => {
    const map = read("ARCHITECTURE.md");
    const from = map.indexOf(`packages/${name} `);
    const drawn = map
      .slice(from, map.indexOf(end, from))
      .split("\n")
      .slice(1)
      .flatMap((line) => (/^ {4}(\S+(?: \S+)*) {2,}/.exec(line)?.[1] ?? "").split(" "))
      .map((folder) => folder.replace("/<name>", ""))
      .filter((folder) => folder !== "");
    const order = ORDER[`packages/${name}/src`] ?? [];
    expect(drawn.length).toBeGreaterThan(5);
    expect(drawn.toSorted((a, b) => order.indexOf(a) - order.indexOf(b))).toEqual(drawn);
    expect(drawn.filter((folder) => !order.includes(folder))).toEqual([]);
  });

  it("is told when it is wrong", () => {
    const root = "packages/kernel/src";
    const found = (path: string, text: string) => wrongWays(root, [{ path: `${root}/${path}`, text }]);
    expect(found("store/a.ts", 'import type { Core } from "../core.ts";')).toHaveLength(1);
    expect(found("store/a.ts", 'const late = await import("../gate/gate.ts");')).toHaveLength(1);
    expect(found("elsewhere/a.ts", "")).toHaveLength(1);
    expect(found("gate/a.ts", 'import { rows } from "../store/rows.ts";\nimport { z } from "zod";')).toEqual([]);
  });

  it("lets nothing but the restart itself speak of it in the kernel", () => {
    const root = "packages/kernel/src/";
    const found = sourcesOf("packages/kernel/src").filter((path) => {
      const text = read(path);
      // Where all areas are put together it is named, as one of them.
      const lines =
        path === `${root}kernel.ts` || path.startsWith(`${root}assembly/`)
          ? text.split("\n").filter((line) => !/createRestart|remedies\/restart/.test(line))
          : [text];
      return !path.startsWith(`${root}remedies/restart/`) && lines.some((line) => /restart/i.test(line));
    });
    expect(found).toEqual([]);
  });
});

describe("the machine", () => {
  it("is reached by the server's platform, and beside it by few files that are named here", () => {
    const root = "packages/server/src/";
    const reached = sourcesOf("packages/server/src").flatMap((path) => {
      const text = read(path).replaceAll(/^import type [^;]+;/gm, "");
      const built = [...text.matchAll(/getBuiltinModule\("([^"]+)"\)/g)].map(([, name = ""]) => name);
      const fetches = /\bfetch\(/.test(text) ? ["fetch"] : [];
      const used = [...importsOf(text), ...built].filter((name) => MACHINE.test(name));
      const all = [...new Set([...used, ...fetches])].toSorted();
      return path.startsWith(`${root}platform/`) || all.length === 0 ? [] : [[path.slice(root.length), all] as const];
    });
    expect(Object.fromEntries(reached)).toEqual(REACHES);
  });
});
