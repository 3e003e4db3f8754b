import type { Files } from "./bare.ts";
import type { Fakehub } from "./fakehub.ts";
import { follow } from "./follow.ts";
import { headRef, nextNumber, type FakePull, type FakeRepo } from "./state.ts";

/** Somebody opens a pull request from a branch of these files, which are those of its base and what is different. */
export async function addPull(
  hub: Fakehub,
  name: string,
  given: Partial<FakePull> & { readonly head: string; readonly files: Files },
): Promise<FakePull> {
  const repo = repoOf(hub, name);
  const { files, ...more } = given;
  const base = more.base ?? repo.defaultBranch;
  const baseSha = await repo.git.commitOf(base);
  if (baseSha === null) throw new Error(`The double's ${name} has no ${base}.`);
  const pull: FakePull = {
    number: nextNumber(repo),
    author: "ada",
    title: "A change",
    body: "",
    base,
    baseSha,
    labels: [],
    requested: [],
    reviews: [],
    createdAt: Date.now(),
    updatedAt: Date.now(),
    isDraft: false,
    state: "open",
    mergedAs: null,
    ...more,
  };
  // In the list before git is asked, so that nobody gets its number too.
  repo.pulls.push(pull);
  await repo.git.write({
    branch: pull.head,
    files,
    from: baseSha,
    author: pull.author,
    message: `${pull.title}, on ${pull.head}`,
    atMs: pull.createdAt,
    alsoAs: headRef(pull),
  });
  return pull;
}

/** One more commit on a branch; null deletes a file. The commit's hash. */
export async function push(hub: Fakehub, name: string, branch: string, files: Files): Promise<string> {
  const repo = repoOf(hub, name);
  const sha = await repo.git.write({ branch, files, author: "ada", message: "More", atMs: Date.now() });
  await follow(repo, Date.now());
  return sha;
}

/** The commit that a branch is at. */
export async function commitOf(hub: Fakehub, name: string, branch: string): Promise<string> {
  const sha = await repoOf(hub, name).git.commitOf(branch);
  if (sha === null) throw new Error(`The double's ${name} has no ${branch}.`);
  return sha;
}

/** The text of a file; null where there is none. */
export async function textOf(hub: Fakehub, name: string, branch: string, path: string): Promise<string | null> {
  const found = await repoOf(hub, name).git.at(branch, path);
  return found?.kind === "blob" ? found.bytes.toString() : null;
}

function repoOf(hub: Fakehub, name: string): FakeRepo {
  const repo = hub.state.repos.get(name);
  if (repo === undefined) throw new Error(`The double has no ${name}.`);
  return repo;
}
