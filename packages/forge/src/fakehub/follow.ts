import { headRef, type FakeRepo } from "./state.ts";

/** Pull requests follow their branches after a push: another head, or closed where one of the two branches is gone. */
export async function follow(repo: FakeRepo, atMs: number): Promise<void> {
  const refs = await repo.git.refs();
  const moved = new Map<string, string>();
  for (const pull of repo.pulls.filter(({ state }) => state === "open")) {
    const [head, base] = [pull.head, pull.base].map((branch) => refs.get(`refs/heads/${branch}`));
    if (head !== undefined && base !== undefined) {
      pull.baseSha = base;
      if (head === refs.get(headRef(pull))) continue;
      moved.set(headRef(pull), head);
    } else pull.state = "closed";
    pull.updatedAt = atMs;
  }
  await repo.git.point(moved);
}
