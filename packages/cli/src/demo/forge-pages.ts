import type { FakeIssue, FakePull, FakeRepo } from "@prunella/forge/fakehub";

/** Issues and pull requests of the demo's double, to be looked at: text as it was sent, nothing of it rendered. */
export const listPage = (url: string, repos: readonly FakeRepo[]): string =>
  page("Repositories", [
    ...repos.map(
      (
        repo,
      ) => `<section><h2>${inert(`${repo.owner}/${repo.name}`)}${repo.isPrivate ? " <small>private</small>" : ""}</h2>
<p><code>git clone ${inert(`${url}/${repo.owner}/${repo.name}.git`)}</code>${repo.isPrivate ? " (with a token)" : ""}</p>
${list(repo, "issues", repo.issues)}${list(repo, "pull", repo.pulls)}</section>`,
    ),
    `<form method="post" action="/fail"><button>Let the workflow “tests” fail</button></form>`,
  ]);

export const issuePage = (repo: FakeRepo, issue: FakeIssue): string =>
  page(issue.title, [
    `<p><a href="/">All repositories</a> · ${inert(`${repo.owner}/${repo.name}`)} #${issue.number} · ${issue.state}${
      issue.labels.length === 0 ? "" : ` · ${inert(issue.labels.join(", "))}`
    } · by ${inert(issue.author)}</p>`,
    `<pre>${inert(issue.body)}</pre>`,
    ...repo.comments
      .filter(({ on }) => on === `issue:${issue.number}`)
      .map(({ author, body }) => `<h2>${inert(author)}</h2><pre>${inert(body)}</pre>`),
  ]);

export const pullPage = (repo: FakeRepo, pull: FakePull): string =>
  page(pull.title, [
    `<p><a href="/">All repositories</a> · ${inert(`${repo.owner}/${repo.name}`)} #${pull.number} · ${pull.state} · ${inert(
      `${pull.head} into ${pull.base}`,
    )} · by ${inert(pull.author)}</p>`,
    `<pre>${inert(pull.body)}</pre>`,
  ]);

function list(
  { owner, name }: FakeRepo,
  kind: "issues" | "pull",
  all: readonly { readonly number: number; readonly title: string; readonly state: string }[],
): string {
  const what = kind === "issues" ? "issues" : "pull requests";
  if (all.length === 0) return `<p>No ${what} yet.</p>`;
  const rows = all
    .toReversed()
    .map(
      ({ number, title, state }) =>
        `<li><a href="/${inert(owner)}/${inert(name)}/${kind}/${number}">#${number} ${inert(title)}</a> ${state}</li>`,
    );
  return `<h3>${what}</h3><ul>${rows.join("\n")}</ul>`;
}

const page = (title: string, parts: readonly string[]): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${inert(title)} · a double of GitHub</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 1rem }
header { border: 2px dashed; padding: .5rem 1rem; margin-bottom: 1rem }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid; padding: 1rem }
a { overflow-wrap: anywhere }
button { font: inherit; min-height: 44px; padding: 0 1rem }
</style>
<header>A double of GitHub, the demo’s own: nothing here is GitHub, and all of it is gone when the demo ends.</header>
<h1>${inert(title)}</h1>
${parts.join("\n")}
</html>
`;

const inert = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`).replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, "");
