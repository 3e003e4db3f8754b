import { z } from "zod";
import { as, hasLabel, marked, TOO_MANY } from "../asked.ts";
import type { Forge, ForgeIssue } from "../forge.ts";
import { openOnce } from "../open-once.ts";
import { at, type GithubAsk } from "./ask.ts";

const Issue = z.object({
  number: z.int(),
  html_url: z.string(),
  title: z.string(),
  body: z.string().nullish(),
  state: z.string(),
  state_reason: z.string().nullish(),
  user: z.object({ login: z.string() }).nullable(),
  labels: z.array(z.union([z.string(), z.object({ name: z.string().nullish() })])),
  pull_request: z.unknown().optional(),
});
const Issues = z.array(Issue);
const Comment = z.object({ id: z.int() });
const Comments = z.array(
  Comment.extend({ body: z.string().nullish(), user: z.object({ login: z.string() }).nullable() }),
);

const PAGE = 100;
/** Pages that are looked through for ours; what is further back than 1,000 of our own was filed long ago. */
const MOST_PAGES = 10;
const LABEL_PAGES = 5;
const WRITE = { issues: "write" } as const;
const READ = { issues: "read" } as const;

type Issuing = Pick<Forge, "issue" | "findIssue" | "labelled" | "openIssue" | "editIssue" | "commentOnIssue">;

/**
 * Issues and comments on GitHub. Ours are looked for in the list of what we wrote, which knows an issue as soon as it
 * is there: the search learns of it later.
 */
export function createIssues({ ask, myLogin }: GithubAsk): Issuing {
  const findIssue: Forge["findIssue"] = async (repo, { marker, since }, signal) => {
    const me = await myLogin(signal);
    if (!me.ok) return me;
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const of = { creator: me.value, state: "all", since: new Date(since).toISOString(), per_page: PAGE, page };
      const found = await ask("GET /repos/{owner}/{repo}/issues", { ...at(repo), ...of }, READ, Issues, signal);
      if (!found.ok) return found;
      const ours = found.value.find(
        ({ body, user, pull_request }) =>
          pull_request === undefined && user?.login === me.value && body?.includes(marker) === true,
      );
      if (ours !== undefined) return { ok: true, value: issueOf(ours) };
      if (found.value.length < PAGE) return { ok: true, value: null };
    }
    return TOO_MANY;
  };

  return {
    findIssue,
    async issue(repo, number, signal) {
      const route = "GET /repos/{owner}/{repo}/issues/{issue_number}";
      return as(await ask(route, { ...at(repo), issue_number: number }, READ, Issue, signal), issueOf);
    },
    async labelled(repo, label, signal) {
      const numbers: number[] = [];
      for (let page = 1; page <= LABEL_PAGES; page += 1) {
        const of = { labels: label, state: "all", sort: "updated", per_page: PAGE, page };
        const found = await ask("GET /repos/{owner}/{repo}/issues", { ...at(repo), ...of }, READ, Issues, signal);
        if (!found.ok) return found;
        numbers.push(
          ...found.value
            .map(issueOf)
            .filter(hasLabel(label))
            .map(({ number }) => number),
        );
        if (found.value.length < PAGE) break;
      }
      return { ok: true, value: numbers };
    },
    openIssue: (repo, draft, signal) =>
      openOnce({
        isFirst: draft.isFirst === true,
        find: () => findIssue(repo, draft, signal),
        async make() {
          const { title, labels } = draft;
          const of = { ...at(repo), title, body: marked(draft), labels };
          return as(await ask("POST /repos/{owner}/{repo}/issues", of, WRITE, Issue, signal), issueOf);
        },
      }),
    async editIssue(repo, number, edit, signal) {
      const route = "PATCH /repos/{owner}/{repo}/issues/{issue_number}";
      return as(await ask(route, { ...at(repo), issue_number: number, ...edit }, WRITE, Issue, signal), issueOf);
    },
    async commentOnIssue(repo, number, of, signal) {
      const me = await myLogin(signal);
      if (!me.ok) return me;
      const list = "GET /repos/{owner}/{repo}/issues/{issue_number}/comments";
      for (let page = 1; page <= MOST_PAGES; page += 1) {
        const asked = { ...at(repo), issue_number: number, per_page: PAGE, page };
        const there = await ask(list, asked, READ, Comments, signal);
        if (!there.ok) return there;
        // Anybody can write our marker: a comment is ours by its author.
        const ours = there.value.find(
          ({ body, user }) => user?.login === me.value && body?.includes(of.marker) === true,
        );
        if (ours !== undefined) {
          const edited = { ...at(repo), comment_id: ours.id, body: marked(of) };
          const route = "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}";
          return as(await ask(route, edited, WRITE, Comment, signal), ({ id }) => ({ id, isNew: false }));
        }
        if (there.value.length < PAGE) break;
        if (page === MOST_PAGES) return TOO_MANY;
      }
      const made = { ...at(repo), issue_number: number, body: marked(of) };
      const route = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments";
      return as(await ask(route, made, WRITE, Comment, signal), ({ id }) => ({ id, isNew: true }));
    },
  };
}

const issueOf = (issue: z.infer<typeof Issue>): ForgeIssue => ({
  number: issue.number,
  url: issue.html_url,
  title: issue.title,
  body: issue.body ?? "",
  state: issue.state === "closed" ? "closed" : "open",
  closedAs:
    issue.state !== "closed"
      ? null
      : issue.state_reason === "not_planned" || issue.state_reason === "duplicate"
        ? "not_planned"
        : "completed",
  labels: issue.labels.map((label) => (typeof label === "string" ? label : (label.name ?? ""))),
});
