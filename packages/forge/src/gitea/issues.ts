import { z } from "zod";
import { as, hasLabel, marked, TOO_MANY } from "../asked.ts";
import type { Asked, Forge, ForgeIssue, RepoName } from "../forge.ts";
import { openOnce } from "../open-once.ts";
import type { GiteaAsk } from "./ask.ts";
import type { MyLogin } from "./login.ts";
import { repoPath } from "./repo-path.ts";

const Label = z.object({ id: z.int(), name: z.string() });
const Labels = z.array(Label);
const Issue = z.object({
  number: z.int(),
  html_url: z.string(),
  title: z.string(),
  body: z.string(),
  state: z.string(),
  user: z.object({ login: z.string() }).nullable(),
  labels: z.array(Label).nullable(),
});
const Issues = z.array(Issue);
const Comment = z.object({ id: z.int(), body: z.string(), user: z.object({ login: z.string() }).nullable() });
const Comments = z.array(Comment);

/** What Gitea gives at most, unless its owner says otherwise (`[api] MAX_RESPONSE_ITEMS`). */
const PAGE = 50;
const MOST_PAGES = 20;
const LABEL_PAGES = 10;
/** Gitea knows no reason of closing; by these names people say it with a label. */
const NOT_PLANNED = /^(?:kind\/|status\/|resolution\/)?(?:not[ -]planned|won'?t[ -]?fix|invalid|duplicate)$/i;
const COLOUR = "#6e5494";

type Issuing = Pick<Forge, "issue" | "findIssue" | "labelled" | "openIssue" | "editIssue" | "commentOnIssue">;

/** Issues and comments on Gitea. Ours are looked for in the list of what we wrote, which needs no search. */
export function createIssues(ask: GiteaAsk, myLogin: MyLogin): Issuing {
  const findIssue: Forge["findIssue"] = async (repo, { marker, since }, signal) => {
    const me = await myLogin(signal);
    if (!me.ok) return me;
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const query = {
        created_by: me.value,
        state: "all",
        type: "issues",
        since: new Date(since).toISOString(),
        limit: PAGE,
        page,
      };
      const found = await ask({ path: `${repoPath(repo)}/issues`, query }, Issues, signal);
      if (!found.ok) return found;
      const ours = found.value.find(({ body, user }) => user?.login === me.value && body.includes(marker));
      if (ours !== undefined) return { ok: true, value: issueOf(ours) };
      // A host may give fewer than asked for: only an empty page is the last one.
      if (found.value.length === 0) return { ok: true, value: null };
    }
    return TOO_MANY;
  };

  /** Gitea wants labels by their number; one that is not there yet is made. */
  async function labelsOf(repo: RepoName, names: readonly string[], signal: AbortSignal): Promise<Asked<number[]>> {
    const ids: number[] = [];
    const known = new Map<string, number>();
    for (let page = 1; names.length > 0 && page <= MOST_PAGES; page += 1) {
      const there = await ask({ path: `${repoPath(repo)}/labels`, query: { limit: PAGE, page } }, Labels, signal);
      if (!there.ok) return there;
      for (const { id, name } of there.value) known.set(name.toLowerCase(), id);
      if (there.value.length === 0) break;
    }
    for (const name of names) {
      const id = known.get(name.toLowerCase());
      const body = { name, color: COLOUR };
      const found =
        id === undefined
          ? as(await ask({ method: "POST", path: `${repoPath(repo)}/labels`, body }, Label, signal), (made) => made.id)
          : ({ ok: true, value: id } as const);
      if (!found.ok) return found;
      ids.push(found.value);
    }
    return { ok: true, value: ids };
  }

  return {
    findIssue,
    async issue(repo, number, signal) {
      return as(await ask({ path: `${repoPath(repo)}/issues/${number}` }, Issue, signal), issueOf);
    },
    async labelled(repo, label, signal) {
      const numbers: number[] = [];
      for (let page = 1; page <= LABEL_PAGES; page += 1) {
        const query = { labels: label, state: "all", type: "issues", limit: PAGE, page };
        const found = await ask({ path: `${repoPath(repo)}/issues`, query }, Issues, signal);
        if (!found.ok) return found;
        // Of a label that the repository does not have it gives all issues.
        numbers.push(
          ...found.value
            .map(issueOf)
            .filter(hasLabel(label))
            .map(({ number }) => number),
        );
        if (found.value.length === 0) break;
      }
      return { ok: true, value: numbers };
    },
    openIssue: (repo, draft, signal) =>
      openOnce({
        isFirst: draft.isFirst === true,
        find: () => findIssue(repo, draft, signal),
        async make() {
          const labels = await labelsOf(repo, draft.labels, signal);
          if (!labels.ok) return labels;
          const body = { title: draft.title, body: marked(draft), labels: labels.value };
          return as(await ask({ method: "POST", path: `${repoPath(repo)}/issues`, body }, Issue, signal), issueOf);
        },
      }),
    async editIssue(repo, number, edit, signal) {
      const path = `${repoPath(repo)}/issues/${number}`;
      return as(await ask({ method: "PATCH", path, body: edit }, Issue, signal), issueOf);
    },
    async commentOnIssue(repo, number, of, signal) {
      const me = await myLogin(signal);
      if (!me.ok) return me;
      // All of an issue's comments come at once: this list knows no pages.
      const there = await ask({ path: `${repoPath(repo)}/issues/${number}/comments` }, Comments, signal);
      if (!there.ok) return there;
      // Anybody can write our marker: a comment is ours by its author.
      const ours = there.value.find(({ body, user }) => user?.login === me.value && body.includes(of.marker));
      const body = { body: marked(of) };
      const asked =
        ours === undefined
          ? await ask({ method: "POST", path: `${repoPath(repo)}/issues/${number}/comments`, body }, Comment, signal)
          : await ask({ method: "PATCH", path: `${repoPath(repo)}/issues/comments/${ours.id}`, body }, Comment, signal);
      return as(asked, ({ id }) => ({ id, isNew: ours === undefined }));
    },
  };
}

function issueOf({ number, html_url: url, title, body, state, labels }: z.infer<typeof Issue>): ForgeIssue {
  const names = (labels ?? []).map(({ name }) => name);
  const isClosed = state === "closed";
  const closedAs = names.some((name) => NOT_PLANNED.test(name)) ? "not_planned" : "completed";
  return {
    number,
    url,
    title,
    body,
    state: isClosed ? "closed" : "open",
    closedAs: isClosed ? closedAs : null,
    labels: names,
  };
}
