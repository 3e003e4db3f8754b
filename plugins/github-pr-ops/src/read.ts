/** What the host answered, read field by field: a plugin is its own files, so no library of schemas stands here. */
export type Pull = ReturnType<typeof pullOf>;
export type File = ReturnType<typeof fileOf>;
export type Review = ReturnType<typeof reviewOf>;
export type Check = ReturnType<typeof checkOf>;

export const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((from, name) => {
    const isThere = typeof from === "object" && from !== null && Object.hasOwn(from, name);
    return isThere ? Reflect.get(from, name) : undefined;
  }, value);
export const listAt = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
};
/** @throws Error where it is no text: nothing is decided on half an answer */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  if (typeof found !== "string") throw new Error(`the host's answer has no ${path.join(".")}`);
  return found;
}
export const maybe = (value: unknown): string | null => (typeof value === "string" ? value : null);
/** Whoever it was has no account any more. */
const GONE = "(gone)";
const numberAt = (value: unknown, name: string): number => Number(at(value, name) ?? 0);
const texts = (value: unknown, name: string): string[] => listAt(value, name).map(String);

export function pullOf(value: unknown) {
  const mergeable = at(value, "isMergeable");
  return {
    number: numberAt(value, "number"),
    url: textAt(value, "url"),
    title: textAt(value, "title"),
    author: maybe(at(value, "author")) ?? GONE,
    // What is not said is taken for the answer that does less.
    isOurs: at(value, "isOurs") !== false,
    state: textAt(value, "state"),
    isDraft: at(value, "isDraft") !== false,
    /** null: the host does not say, or not yet. */
    isMergeable: typeof mergeable === "boolean" ? mergeable : null,
    labels: texts(value, "labels"),
    requested: texts(value, "requested"),
    base: textAt(value, "base", "ref"),
    head: textAt(value, "head", "sha"),
    additions: numberAt(value, "additions"),
    deletions: numberAt(value, "deletions"),
    changedFiles: numberAt(value, "changedFiles"),
    updatedAt: numberAt(value, "updatedAt"),
  };
}

export const fileOf = (value: unknown) => ({
  path: textAt(value, "path"),
  before: maybe(at(value, "before")),
  status: textAt(value, "status"),
});
export const reviewOf = (value: unknown) => ({
  author: maybe(at(value, "author")) ?? GONE,
  state: textAt(value, "state"),
  sha: maybe(at(value, "sha")),
  mayWrite: at(value, "mayWrite") === true,
});
export const checkOf = (value: unknown) => ({ name: textAt(value, "name"), state: textAt(value, "state") });

/** `https://host/owner/name/pull/7`, or `/pulls/7` as Gitea has it, with whatever page of it is open. */
export function addressOf(url: string): { readonly repo: string; readonly number: number; readonly page: string } {
  const parsed = URL.parse(url);
  const found = /^(\/.*)?\/([\w.-]+\/[\w.-]+)\/(?:pull|pulls)\/([1-9]\d{0,9})(?:\/.*)?$/.exec(parsed?.pathname ?? "");
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || found === null)
    throw new Error("that is no address of a pull request, such as https://git.example.com/acme/shop/pulls/7");
  const [, prefix = "", repo = "", number = ""] = found;
  return { repo, number: Number(number), page: `${parsed.host}${prefix}/${repo}`.toLowerCase() };
}
