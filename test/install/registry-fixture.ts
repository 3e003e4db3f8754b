import { execFileSync } from "node:child_process";
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  linkSync,
  copyFileSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Registry extends AsyncDisposable {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: string[];
}

/**
 * A registry on loopback that knows the Node of this system, made of the one that this project runs on, and those of
 * `installed` as they lie in this project. Parts for other systems are known by name, as npm wants it of what it
 * leaves out.
 */
export async function openRegistry(
  versions: Readonly<Record<string, string>>,
  installed: readonly string[] = [],
): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), "prunella-registry-"));
  const mine = `node-${process.platform}-${process.arch}`;
  const tarballs = new Map([[mine, tarballOf(folder, mine, versions[mine] ?? "")]]);
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    const name = decodeURIComponent(path.slice(1));
    if (path.endsWith(".tgz")) {
      const of = name.slice(0, -".tgz".length);
      const tarball = tarballs.get(of) ?? packed(folder, of);
      tarballs.set(of, tarball);
      response.writeHead(200, { "content-type": "application/octet-stream", "content-length": statSync(tarball).size });
      return void createReadStream(tarball).pipe(response);
    }
    const version = installed.includes(name) ? String(manifestOf(name)["version"]) : versions[name];
    if (version === undefined) return void response.writeHead(404).end("{}");
    const manifest = {
      ...(installed.includes(name) ? withoutScripts(manifestOf(name)) : systemOf(name)),
      name,
      version,
      dist: { tarball: `http://${request.headers.host}/${name}.tgz` },
    };
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ name, "dist-tags": { latest: version }, versions: { [version]: manifest } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const modules = join(import.meta.dirname, "../../node_modules");

function manifestOf(name: string): Record<string, unknown> {
  const value: unknown = JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"));
  return typeof value === "object" && value !== null ? { ...value } : {};
}

const withoutScripts = ({ scripts: _scripts, ...manifest }: Record<string, unknown>): object => manifest;

function systemOf(name: string): object {
  const [, platform = "", arch = ""] = /(linux|darwin|win)-(\w+)$/.exec(name) ?? [];
  return { os: [platform === "win" ? "win32" : platform], cpu: [arch] };
}

/** One as it lies here, which may be large. */
function packed(folder: string, name: string): string {
  const file = join(folder, `${name.replaceAll("/", "-")}.tgz`);
  execFileSync("tar", ["-cf", file, "-C", join(modules, name), "--transform", "s,^\\.,package,", "."]);
  return file;
}

/** Not compressed: npm sees that by itself, and 150 MB would take their time. */
function tarballOf(folder: string, name: string, version: string): string {
  const bin = join(folder, "package/bin");
  mkdirSync(bin, { recursive: true });
  try {
    linkSync(process.execPath, join(bin, "node"));
  } catch {
    // Another disk.
    copyFileSync(process.execPath, join(bin, "node"));
  }
  writeFileSync(join(folder, "package/package.json"), JSON.stringify({ name, version }));
  const file = join(folder, "node.tgz");
  execFileSync("tar", ["-cf", file, "-C", folder, "package"]);
  return file;
}
