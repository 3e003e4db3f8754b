import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";

/**
 * What `@prunella/client`, built as it is published, adds to the start of a program:
 *
 *     node bench/client-start.ts [runs] [path of a node]
 *
 * Each run is a fresh process that loads either an empty package (what Node itself takes to find and load
 * any package) or the client, and then calls `install`. Medians, in milliseconds.
 */
const root = join(import.meta.dirname, "..");
const runs = Number(process.argv[2] ?? 100);
const node = process.argv[3] ?? process.execPath;

const TIMED = (load: (name: string) => string): string => `
const now = () => Number(process.hrtime.bigint()) / 1e6;
(async () => {
  ${load("warm")};
  const begin = now();
  const { install } = process.argv[2] === "empty" ? ${load("empty")} : ${load("@prunella/client")};
  const loaded = now();
  install?.({ app: "bench", version: "1.0.0", endpoint: "https://crashes.example.org" });
  console.log(JSON.stringify([loaded - begin, now() - loaded]));
})();
`;

const folder = mkdtempSync(join(tmpdir(), "prunella-client-start-"));
try {
  execFileSync(process.execPath, [join(root, "scripts/build-packages.ts")], { stdio: "inherit" });
  const modules = join(folder, "node_modules");
  const target = join(modules, "@prunella/client");
  mkdirSync(target, { recursive: true });
  for (const part of ["package.json", "dist"])
    cpSync(join(root, "packages/client", part), join(target, part), { recursive: true });
  for (const name of ["warm", "empty"]) {
    mkdirSync(join(modules, name));
    const exports = { ".": { import: "./index.js", require: "./index.cjs" } };
    writeFileSync(join(modules, name, "package.json"), JSON.stringify({ name, type: "module", exports }));
    writeFileSync(join(modules, name, "index.js"), "export const one = 1;\n");
    writeFileSync(join(modules, name, "index.cjs"), "exports.one = 1;\n");
  }
  const programs = { esm: "start.mjs", cjs: "start.cjs" };
  writeFileSync(
    join(folder, programs.esm),
    TIMED((name) => `await import("${name}")`),
  );
  writeFileSync(
    join(folder, programs.cjs),
    TIMED((name) => `require("${name}")`),
  );

  const times = (file: string, which: string): number[] =>
    JSON.parse(execFileSync(node, [file, which], { cwd: folder, encoding: "utf8" }));
  const result = Object.fromEntries(
    Object.entries(programs).map(([kind, file]) => {
      const [empty, client]: [number[][], number[][]] = [[], []];
      // In turn, so that a busy moment of the machine meets both.
      for (let run = 0; run < runs; run++) {
        empty.push(times(file, "empty"));
        client.push(times(file, "client"));
      }
      const nothing = median(empty.map(([load = 0]) => load));
      const whole = median(client.map(([load = 0, start = 0]) => load + start));
      return [
        kind,
        {
          empty_package: nothing,
          import: median(client.map(([load = 0]) => load)),
          install: median(client.map(([, start = 0]) => start)),
          whole,
          more_than_empty: Math.round((whole - nothing) * 1000) / 1000,
        },
      ];
    }),
  );
  const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  console.log(JSON.stringify({ node: version, runs, cpus: availableParallelism(), load: loadavg()[0], ...result }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function median(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
  return Math.round(middle * 1000) / 1000;
}
