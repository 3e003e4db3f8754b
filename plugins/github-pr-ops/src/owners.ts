interface Rule {
  readonly owners: readonly string[];
  owns(path: string): boolean;
}
export interface Owners {
  /** By path; empty: nobody owns it. */
  of(path: string): readonly string[];
  /** Lines that could not be read. */
  readonly unread: readonly string[];
}

/** Where each kind of host looks, in its order, and what of several lines holds. */
export const PLACES: Readonly<Record<string, readonly string[]>> = {
  github: [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"],
  gitea: ["CODEOWNERS", "docs/CODEOWNERS", ".gitea/CODEOWNERS", ".forgejo/CODEOWNERS"],
};

/** On GitHub the last pattern that fits says who; on Gitea every expression that fits does, and `!` turns one around. */
export function readOwners(kind: string, text: string): Owners {
  const unread: string[] = [];
  const rules = text.split("\n").flatMap((line): Rule[] => {
    const said = kind === "github" ? line.replace(/(?:^|\s)#.*$/, "") : (/^(?:\\.|[^#\\])*/.exec(line)?.[0] ?? "");
    const words = said.match(/(?:\\.|\S)+/g)?.map((word) => word.replaceAll(/\\(.)/g, "$1")) ?? [];
    const [pattern, ...owners] = words;
    if (pattern === undefined) return [];
    try {
      const names = owners.map((one) => one.replace(/^@/, ""));
      return [kind === "github" ? gitPattern(pattern, names) : expression(pattern, names)];
    } catch {
      unread.push(line.trim());
      return [];
    }
  });
  return {
    unread,
    of: (path) =>
      kind === "github"
        ? (rules.findLast((rule) => rule.owns(path))?.owners ?? [])
        : [...new Set(rules.filter((rule) => rule.owns(path)).flatMap(({ owners }) => owners))],
  };
}

/** GitHub: like .gitignore, without `!` and without ranges. */
const gitPattern = (pattern: string, owners: readonly string[]): Rule => {
  if (/^!|[[\]]/.test(pattern)) throw new Error("GitHub knows no such pattern");
  const expected = glob(pattern);
  return { owners, owns: (path) => expected.test(path) };
};

/** Gitea (1.25, `ParseCodeOwnersLine`): an expression of the whole path. */
const expression = (pattern: string, owners: readonly string[]): Rule => {
  const isTurned = pattern.startsWith("!");
  const expected = new RegExp(`^(?:${pattern.slice(isTurned ? 1 : 0)})$`, "u");
  return { owners, owns: (path) => expected.test(path) !== isTurned };
};

/** A pattern of .gitignore: with a slash before its end from the root, otherwise at any depth; a folder holds what is in it. */
export function glob(pattern: string): RegExp {
  const isRooted = pattern.replace(/\/$/, "").includes("/");
  const isFolder = pattern.endsWith("/");
  // Several `**` in a row say what one says, and would be tried in every way.
  const path = pattern.replaceAll(/^\/|\/$/g, "").replaceAll(/(?:\*\*\/){2,}/g, "**/");
  const parts = path.split("/");
  const source = parts
    .map((part, nth) => {
      const isLast = nth === parts.length - 1;
      if (part === "**") return isLast ? ".*" : "(?:[^/]+/)*";
      const inner = part.replaceAll(/\*+|\?|[^*?]+/g, (one) =>
        one.startsWith("*") ? "[^/]*" : one === "?" ? "[^/]" : one.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"),
      );
      return isLast ? inner : `${inner}/`;
    })
    .join("");
  // `docs/*` holds the files of a folder and not those deeper down.
  const below = isFolder ? "/.*" : parts.at(-1) === "*" || parts.at(-1) === "**" ? "" : "(?:/.*)?";
  return new RegExp(`^${isRooted ? "" : "(?:.*/)?"}${source}${below}$`, "su");
}
