import { execFile, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../postgres-cluster.ts";

const run = promisify(execFile);

/** Where `build.sh` puts it. */
const BUILT =
  process.env["PRUNELLA_GITEA"] ??
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "prunella", "gitea-v1.25.5");

/** Whether this machine has a Gitea that can be started. */
export const hasGitea = (): boolean => existsSync(join(BUILT, "gitea"));

export interface Gitea extends AsyncDisposable {
  readonly url: string;
  /** A new person; `token` is for what the scopes say (`write:issue`), made as they would make it. */
  addUser(name: string, scopes: readonly string[]): Promise<{ readonly name: string; readonly token: string }>;
  /** A repository of that person, with one commit of these files on `main`. */
  addRepo(owner: string, repo: string, files?: Readonly<Record<string, string>>): Promise<void>;
  /** The API as its administrator. */
  api(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly json: unknown }>;
  /** A page as anybody sees it. */
  page(path: string): Promise<string>;
}

/** A real Gitea on a free loopback port, with a database of its own, thrown away in the end. */
export async function startGitea(): Promise<Gitea> {
  const folder = mkdtempSync(join(tmpdir(), "prunella-gitea-"));
  const isRoot = process.getuid?.() === 0;
  // It refuses to run as root, and whoever it runs as instead may not look into the home of root.
  execFileSync("cp", ["-al", join(BUILT, "gitea"), join(BUILT, "static"), folder]);
  for (const name of ["data", "custom", "repos", "home"]) mkdirSync(join(folder, name));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const ini = join(folder, "app.ini");
  writeFileSync(ini, settingsOf(folder, port, url, isRoot ? "nobody" : undefined));
  const ids = isRoot
    ? ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" })))
    : [];
  if (isRoot)
    for (const name of ["", "data", "custom", "repos", "home", "app.ini"])
      chownSync(join(folder, name), ids[0] ?? 0, ids[1] ?? 0);
  const as = { ...(isRoot ? { uid: ids[0], gid: ids[1] } : {}), cwd: folder, env: environment(folder) };
  const command = (...args: string[]) => run(join(folder, "gitea"), ["-c", ini, ...args], as);

  await command("migrate");
  const admin = await addPerson("prunella-admin", ["all"], true);
  const server = spawn(join(folder, "gitea"), ["-c", ini, "web"], { ...as, stdio: "ignore" });
  const ended = new Promise<void>((resolve) => void server.once("exit", () => resolve()));
  await answers(url, () => server.exitCode !== null);

  async function addPerson(name: string, scopes: readonly string[], isAdmin = false) {
    const password = randomBytes(18).toString("hex");
    const { stdout } = await command(
      ..."admin user create --must-change-password=false --access-token --access-token-scopes".split(" "),
      scopes.join(","),
      ...`--username ${name} --email ${name}@example.test --password ${password}`.split(" "),
      ...(isAdmin ? ["--admin"] : []),
    );
    const token = /[0-9a-f]{40}/.exec(stdout)?.[0];
    if (token === undefined) throw new Error(`Gitea made no token: ${stdout}`);
    return { name, token };
  }

  async function api(method: string, path: string, body?: unknown) {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `token ${admin.token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json: unknown = text === "" ? null : JSON.parse(text);
    return { status: answer.status, json };
  }

  async function must(method: string, path: string, body: unknown): Promise<void> {
    const { status, json } = await api(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path} was answered ${status}: ${JSON.stringify(json)}`);
  }

  return {
    url,
    api,
    addUser: (name, scopes) => addPerson(name, scopes),
    async addRepo(owner, repo, files = { "README.md": "# A repository\n" }) {
      await must("POST", `/admin/users/${owner}/repos`, { name: repo, default_branch: "main" });
      await must("POST", `/repos/${owner}/${repo}/contents`, {
        branch: "main",
        message: "The first files",
        files: Object.entries(files).map(([path, text]) => ({
          operation: "create",
          path,
          content: Buffer.from(text).toString("base64"),
        })),
      });
    },
    async page(path) {
      return (await fetch(url + path)).text();
    },
    async [Symbol.asyncDispose]() {
      server.kill("SIGTERM");
      const timer = setTimeout(() => server.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(timer);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const environment = (folder: string): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  HOME: join(folder, "home"),
  GITEA_WORK_DIR: folder,
  GITEA_CUSTOM: join(folder, "custom"),
  TMPDIR: join(folder, "home"),
});

const settingsOf = (folder: string, port: number, url: string, user: string | undefined): string => `
APP_NAME = A Gitea for tests
RUN_MODE = prod
WORK_PATH = ${folder}
${user === undefined ? "" : `RUN_USER = ${user}`}

[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${port}
ROOT_URL = ${url}/
STATIC_ROOT_PATH = ${join(folder, "static")}
APP_DATA_PATH = ${join(folder, "data")}
DISABLE_SSH = true
OFFLINE_MODE = true
LFS_START_SERVER = false

[database]
DB_TYPE = sqlite3
PATH = ${join(folder, "data", "gitea.db")}

[repository]
ROOT = ${join(folder, "repos")}

[security]
INSTALL_LOCK = true
SECRET_KEY = ${randomBytes(24).toString("hex")}
INTERNAL_TOKEN = ${randomBytes(48).toString("hex")}

[service]
DISABLE_REGISTRATION = true

[webhook]
ALLOWED_HOST_LIST = loopback

[cron.update_checker]
ENABLED = false

[log]
MODE = console
LEVEL = Error
`;

async function answers(url: string, hasEnded: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600 && !hasEnded(); tries += 1) {
    const isUp = await fetch(`${url}/api/v1/version`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("Gitea did not answer within a minute");
}
