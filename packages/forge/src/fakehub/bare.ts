import { mustGit, runGit } from "./git.ts";

export type Files = Readonly<Record<string, string | null>>;

export interface Change {
  readonly filename: string;
  readonly previous_filename?: string;
  readonly status: "added" | "removed" | "modified" | "renamed" | "copied" | "changed";
  readonly additions: number;
  readonly deletions: number;
  readonly changes: number;
  readonly sha: string | null;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signed;
  readonly committer: Signed;
  readonly message: string;
}
interface Signed {
  readonly name: string;
  readonly email: string;
  readonly date: string;
}

/** What is at a path: bytes of a file, or names of a folder. */
export type Found =
  | { readonly kind: "blob"; readonly sha: string; readonly bytes: Buffer }
  | { readonly kind: "tree"; readonly sha: string };

/** What a commit is made of; null deletes a file. */
interface Written {
  readonly branch: string;
  readonly files: Files;
  readonly author: string;
  readonly message: string;
  readonly atMs: number;
}

/** A bare repository of git, asked and changed by git alone. */
export interface Bare {
  readonly path: string;
  /** It is there from now on, for who asks it by another way. */
  ready(): Promise<void>;
  /** Each ref by its full name, and the commit that it is at. */
  refs(): Promise<ReadonlyMap<string, string>>;
  /** The commit that a branch, a tag or a hash names; undefined: the default branch. */
  commitOf(ref: string | undefined): Promise<string | null>;
  commit(sha: string): Promise<Commit>;
  at(ref: string | undefined, path: string): Promise<Found | null>;
  list(tree: string): Promise<readonly { readonly name: string; readonly kind: string; readonly sha: string }[]>;
  /** One more commit on a branch, which is made of `from` where it is new; `alsoAs`: another ref to be at it too. */
  write(of: Written & { readonly alsoAs?: string; readonly from?: string }): Promise<string>;
  /** What one commit changed since it left the other. */
  changes(base: string, head: string): Promise<readonly Change[]>;
  /** The tree of both; null: git cannot say, because it is too old to try. */
  tryMerge(base: string, head: string): Promise<{ readonly tree: string } | "conflict" | null>;
  /** A commit of a tree, and a branch moved from its first parent to it; null: the branch had moved on. */
  land(of: {
    readonly branch: string;
    readonly tree: string;
    readonly parents: readonly [string, ...string[]];
    readonly author: string;
    readonly message: string;
    readonly atMs: number;
  }): Promise<string | null>;
  /** Refs to commits, all or none. */
  point(refs: ReadonlyMap<string, string>): Promise<void>;
}

const STATUS: Readonly<Record<string, Change["status"]>> = {
  A: "added",
  D: "removed",
  M: "modified",
  R: "renamed",
  C: "copied",
  T: "changed",
};
const HASH = /^[0-9a-f]{40}$/;
const emailOf = (login: string) => `${login.replaceAll(/[<>\s]/g, "")}@fakehub.invalid`;

/**
 * In a folder that is there, with its first commit. It is made when it is first asked for: most of what is tried with
 * repositories is about issues, and never comes to their code.
 */
export function createBare(folder: string, name: string, first: Written): Bare {
  const path = `${folder}/${name}.git`;
  const defaultBranch = first.branch;
  let made: Promise<void> | null = null;
  async function make(): Promise<void> {
    await mustGit(folder, ["init", "--quiet", "--bare", "--template=", `--initial-branch=${defaultBranch}`, path]);
    await mustGit(path, ["fast-import", "--quiet"], { input: imported(first, null) });
  }
  const ready = () => (made ??= make());
  const git = async (args: readonly string[], input?: string | Buffer): Promise<Buffer> => {
    await ready();
    return mustGit(path, args, input === undefined ? {} : { input });
  };

  /** The names by which git may know what a caller calls so, one a line; nothing where git would take it for more. */
  function namesOf(ref: string | undefined, end: string): string {
    const named = ref === undefined || ref === "HEAD" ? `refs/heads/${defaultBranch}` : ref;
    // `main~1`, `@{1}` and their like are words of git's command line and no names.
    if (/[\s~^:?*[\\]|\.\.|@\{|^-/.test(named)) return "";
    const full = named.startsWith("refs/") ? [named] : [`refs/heads/${named}`, `refs/tags/${named}`];
    return [...full, ...(/^[0-9a-f]{7,40}$/.test(named) ? [named] : [])].map((one) => `${one}${end}\n`).join("");
  }

  const bare: Bare = {
    path,
    ready,
    async refs() {
      const lines = (await git(["for-each-ref", "--format=%(objectname) %(refname)"])).toString().split("\n");
      return new Map(lines.filter(Boolean).map((line) => [line.slice(41), line.slice(0, 40)]));
    },
    async commitOf(ref) {
      const said = (await git(["cat-file", "--batch-check"], namesOf(ref, "^{commit}"))).toString();
      return /^([0-9a-f]{40}) commit /m.exec(said)?.[1] ?? null;
    },
    async commit(sha) {
      const format = ["%H", "%T", "%P", "%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%B"].join("%x00");
      const said = (await git(["log", "-1", `--format=${format}`, sha, "--"])).toString();
      const [hash = "", tree = "", parents = "", an = "", ae = "", at = "", cn = "", ce = "", ct = "", message = ""] =
        said.split("\0");
      return {
        sha: hash,
        tree,
        parents: parents.split(" ").filter(Boolean),
        author: { name: an, email: ae, date: at },
        committer: { name: cn, email: ce, date: ct },
        message: message.trimEnd(),
      };
    },
    async at(ref, file) {
      if (file.includes("\n") || file.split("/").some((part) => ["", ".", ".."].includes(part))) return null;
      let said = await git(["cat-file", "--batch"], namesOf(ref, `:${file}`));
      while (said.length > 0) {
        const end = said.indexOf("\n");
        const [, sha, kind, size] = /^([0-9a-f]{40}) (blob|tree) (\d+)$/.exec(said.subarray(0, end).toString()) ?? [];
        if (sha === undefined) said = said.subarray(end + 1);
        else if (kind === "tree") return { kind: "tree", sha };
        else return { kind: "blob", sha, bytes: said.subarray(end + 1, end + 1 + Number(size)) };
      }
      return null;
    },
    async list(tree) {
      const lines = (await git(["ls-tree", "-z", tree])).toString().split("\0");
      return lines.flatMap((line) => {
        const [, kind, sha, name] = /^\d+ (\w+) ([0-9a-f]{40})\t([^]+)$/.exec(line) ?? [];
        return kind === undefined || sha === undefined || name === undefined ? [] : [{ kind, sha, name }];
      });
    },
    async write(of) {
      const head = (await bare.refs()).get(`refs/heads/${of.branch}`) ?? of.from ?? null;
      const sha = (await git(["fast-import", "--quiet"], imported(of, head, of.alsoAs))).toString().trim();
      if (!HASH.test(sha)) throw new Error(`git fast-import made ${sha}`);
      return sha;
    },
    async changes(base, head) {
      const args = ["diff", "--raw", "--numstat", "-z", "--no-abbrev", "--find-renames", `${base}...${head}`, "--"];
      return changesOf((await git(args)).toString().split("\0"));
    },
    async tryMerge(base, head) {
      await ready();
      const { code, out } = await runGit(path, ["merge-tree", "--write-tree", base, head]);
      if (code === 1) return "conflict";
      return code === 0 ? { tree: out.toString().slice(0, 40) } : null;
    },
    async land({ branch, tree, parents, author, message, atMs }) {
      const date = `${Math.floor(atMs / 1_000)} +0000`;
      const env: NodeJS.ProcessEnv = {};
      for (const who of ["AUTHOR", "COMMITTER"])
        Object.assign(env, {
          [`GIT_${who}_NAME`]: author,
          [`GIT_${who}_EMAIL`]: emailOf(author),
          [`GIT_${who}_DATE`]: date,
        });
      const args = ["commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent])];
      const sha = (await mustGit(path, args, { input: message, env })).toString().trim();
      // Git itself compares, so that nobody's push in between is lost.
      const { code } = await runGit(path, ["update-ref", `refs/heads/${branch}`, sha, parents[0]]);
      return code === 0 ? sha : null;
    },
    async point(refs) {
      if (refs.size > 0)
        await git(["update-ref", "--stdin"], [...refs].map(([name, sha]) => `update ${name} ${sha}\n`).join(""));
    },
  };
  return bare;
}

/** What `git fast-import` is told of one commit; it answers its hash. */
function imported({ branch, files, author, message, atMs }: Written, parent: string | null, alsoAs?: string): Buffer {
  const signed = `${author} <${emailOf(author)}> ${Math.floor(atMs / 1_000)} +0000`;
  const parts = [
    `commit refs/heads/${branch}\nmark :1\nauthor ${signed}\ncommitter ${signed}\n${data(message)}`,
    parent === null ? "" : `from ${parent}\n`,
    ...Object.entries(files).map(([name, text]) =>
      text === null ? `D ${quoted(name)}\n` : `M 100644 inline ${quoted(name)}\n${data(text)}`,
    ),
    alsoAs === undefined ? "\n" : `\nreset ${alsoAs}\nfrom :1\n\n`,
    "get-mark :1\n",
  ];
  return Buffer.from(parts.join(""));
}

const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
/** As `fast-import` reads a path: between quotes, so that none ends early. */
const quoted = (path: string) =>
  `"${path
    .replaceAll("\\", "\\\\")
    .replaceAll('"', String.raw`\"`)
    .replaceAll("\n", String.raw`\n`)}"`;

/** Of `git diff --raw --numstat -z`: first what was done to each file, then how many lines. */
function changesOf(tokens: readonly string[]): readonly Change[] {
  const found = new Map<string, Omit<Change, "additions" | "deletions" | "changes">>();
  const counted: Change[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] ?? "";
    if (token.startsWith(":")) {
      const [, , before, after, did = ""] = token.split(" ");
      const status = STATUS[did.charAt(0)] ?? "changed";
      const first = tokens[(at += 1)] ?? "";
      const isMoved = status === "renamed" || status === "copied";
      const filename = isMoved ? (tokens[(at += 1)] ?? "") : first;
      const sha = (status === "removed" ? before : after) ?? null;
      found.set(filename, { filename, status, sha, ...(isMoved ? { previous_filename: first } : {}) });
      continue;
    }
    const [, added, deleted, name] = /^(\d+|-)\t(\d+|-)\t([^]*)$/.exec(token) ?? [];
    if (name === undefined) continue;
    // A file that was moved stands with both its names, each by itself.
    const filename = name === "" ? (tokens[(at += 2)] ?? "") : name;
    const change = found.get(filename);
    // Of bytes that are no text nothing is counted.
    const [additions, deletions] = [Number(added === "-" ? 0 : added), Number(deleted === "-" ? 0 : deleted)];
    if (change !== undefined) counted.push({ ...change, additions, deletions, changes: additions + deletions });
  }
  return counted;
}
