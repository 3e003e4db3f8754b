import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where Debian's golang-golang-x-mod-dev puts the sources; GOPATH mode needs no module proxy. */
const GOPATH = "/usr/share/gocode";
const go = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/local/go/bin", "/usr/lib/go/bin"]
  .map((folder) => join(folder, "go"))
  .find((path) => existsSync(path));

export const hasOracle = go !== undefined && existsSync(`${GOPATH}/src/golang.org/x/mod/sumdb/tlog`);

/** What Go's own packages say about a folder: `ok …`, or what is wrong. */
export function askOracle(folder: string, vkey: string, work: string): string {
  const oracle = join(work, "oracle");
  if (!existsSync(oracle)) {
    const env = { ...process.env, GO111MODULE: "off", GOPATH, GOFLAGS: "", GOPROXY: "off", GOTOOLCHAIN: "local" };
    execFileSync(go ?? "go", ["build", "-o", oracle, join(import.meta.dirname, "../ledger-oracle/main.go")], { env });
  }
  const { stdout, stderr } = spawnSync(oracle, [folder, vkey], { encoding: "utf8" });
  return `${stdout}${stderr}`.trim();
}
