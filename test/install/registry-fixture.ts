import { execFileSync } from "node:child_process";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  linkSync,
  copyFileSync,
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
 * A registry on loopback that knows programs of this system: the Node that this project runs on, and those of
 * packages that it has installed. Those of other systems are known by name, as npm wants it of what it leaves out.
 */
export async function openRegistry(versions: Readonly<Record<string, string>>): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), "prunella-registry-"));
  const mine = `node-${process.platform}-${process.arch}`;
  const tarballs = new Map([[`/${mine}.tgz`, tarballOf(folder, mine, versions[mine] ?? "")]]);
  for (const name of Object.keys(versions)) {
    const installed = join(import.meta.dirname, "../../node_modules", name);
    if (!name.startsWith("@") || !existsSync(installed)) continue;
    const file = join(folder, `${name.replace("/", "-")}.tgz`);
    execFileSync("tar", ["-cf", file, "--transform", "s,^\\.,package,", "-C", installed, "."]);
    tarballs.set(`/${name}.tgz`, file);
  }
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "");
    asked.push(path);
    const tarball = tarballs.get(path);
    if (tarball !== undefined) {
      response.writeHead(200, { "content-type": "application/octet-stream", "content-length": statSync(tarball).size });
      return void createReadStream(tarball).pipe(response);
    }
    const name = path.slice(1);
    const version = versions[name];
    if (version === undefined) return void response.writeHead(404).end("{}");
    const [, platform = "", arch = ""] = /(linux|darwin|win)(?:32)?-(\w+?)(?:-glibc)?$/.exec(name) ?? [];
    const manifest = {
      name,
      version,
      os: [platform === "win" ? "win32" : platform],
      cpu: [arch],
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
