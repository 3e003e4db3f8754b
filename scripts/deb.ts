/**
 * Makes `dist/prunella_<version>_<arch>.deb` of the staged folder of scripts/pack.ts: the command, the Node
 * that it needs and a hardened unit. Needs dpkg-deb.
 *
 *     node scripts/deb.ts             as it is published
 *     node scripts/deb.ts --fast      hardly compressed, for tests
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isRecord, text } from "./json.ts";

const root = join(import.meta.dirname, "..");
const toAt = process.argv.indexOf("--to");
const to = resolve(toAt === -1 ? join(root, "dist") : (process.argv[toAt + 1] ?? ""));
const stage = join(to, "stage");
const build = join(to, "deb");
const files = join(root, "packaging/debian");

execFileSync(process.execPath, [join(root, "scripts/pack.ts"), "--stage", "--to", to], {
  stdio: ["ignore", "ignore", "inherit"],
});
rmSync(build, { recursive: true, force: true });
put(stage, "usr/lib/prunella");
put(process.execPath, "usr/lib/prunella/node/bin/node", 0o755);
put(join(files, "prunella.sh"), "usr/bin/prunella", 0o755);
put(join(files, "prunella.service"), "usr/lib/systemd/system/prunella.service");
put(join(files, "sysusers.conf"), "usr/lib/sysusers.d/prunella.conf");
put(join(files, "prunella.yaml"), "etc/prunella/prunella.yaml", 0o640);
for (const name of ["README.md", "CHANGELOG.md", "docs/configuration.md", "docs/guides"])
  put(join(root, name), `usr/share/doc/prunella/${name.replace("docs/", "")}`);
put(join(stage, "THIRD-PARTY.txt"), "usr/share/doc/prunella/THIRD-PARTY.txt");
put(join(root, "LICENSE"), "usr/share/doc/prunella/copyright");

const manifest: unknown = JSON.parse(readFileSync(join(stage, "package.json"), "utf8"));
const version = isRecord(manifest) ? text(manifest["version"]) : "";
const arch = run("dpkg", "--print-architecture");
const [kilobytes = "0"] = run("du", "-sk", build).split(/\s/);
write("DEBIAN/conffiles", "/etc/prunella/prunella.yaml\n");
for (const name of ["postinst", "prerm", "postrm"]) put(join(files, name), `DEBIAN/${name}`, 0o755);
write(
  "DEBIAN/control",
  `Package: prunella
Version: ${version}
Architecture: ${arch}
Maintainer: The Prunella authors <prunella@localhost>
Installed-Size: ${kilobytes}
Depends: libc6 (>= 2.28), libstdc++6, libatomic1, passwd
Section: admin
Priority: optional
Description: self-hosted, self-healing control plane
 Takes in failures of programs, heals what it may inside hard limits, proves
 what it did in a ledger that cannot be rewritten unseen, and asks a person the
 rest. It brings the Node.js that it runs on.
`,
);
const target = join(to, `prunella_${version}_${arch}.deb`);
const packing = process.argv.includes("--fast") ? ["-Zgzip", "-z1"] : ["-Zxz"];
run("dpkg-deb", "--root-owner-group", ...packing, "--build", build, target);
console.log(target);

/** A file or a folder, readable by everybody unless it is said otherwise. */
function put(from: string, to: string, mode?: number): void {
  const path = join(build, to);
  mkdirSync(dirname(path), { recursive: true });
  cpSync(from, path, { recursive: true, dereference: true });
  if (mode !== undefined) chmodSync(path, mode);
}

function write(to: string, content: string): void {
  mkdirSync(dirname(join(build, to)), { recursive: true });
  writeFileSync(join(build, to), content);
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();
}
