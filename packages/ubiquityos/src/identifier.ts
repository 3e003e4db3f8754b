/** A plugin as configurations name it: a worker behind a URL, or a workflow of a repository. */
export type PluginIdentifier =
  | { readonly type: "http"; readonly id: string; readonly url: string }
  | {
      readonly type: "workflow";
      readonly id: string;
      readonly owner: string;
      readonly repo: string;
      readonly workflowId: string;
      /** Null: the repository's default branch. */
      readonly ref: string | null;
    };

export type IdentifierReading =
  | { readonly ok: true; readonly plugin: PluginIdentifier }
  | { readonly ok: false; readonly expected: string; readonly nearest: string | null };

/** What runs where an identifier names no workflow of its own. */
export const DEFAULT_WORKFLOW = "compute.yml";

const WORKFLOW = /^(?<owner>[\w.-]+)\/(?<repo>[\w.-]+)(?::(?<workflow>[\w.-]+))?(?:@(?<ref>[\w.-]+(?:\/[\w.-]+)*))?$/;

const EXPECTED = "a URL, or owner/repo[:workflow.yml][@ref]";

/** Reads a URL or `owner/repo[:workflow.yml][@ref]`; what it refuses comes with what was nearest to it. */
export function readIdentifier(text: string): IdentifierReading {
  if (/^https?:\/\//i.test(text)) return readUrl(text);
  const found = WORKFLOW.exec(text)?.groups;
  if (found?.["owner"] === undefined || found["repo"] === undefined) {
    return { ok: false, expected: EXPECTED, nearest: nearest(text) };
  }
  const { owner, repo, workflow = DEFAULT_WORKFLOW, ref = null } = found;
  return { ok: true, plugin: { type: "workflow", id: text, owner, repo, workflowId: workflow, ref } };
}

function readUrl(text: string): IdentifierReading {
  if (!URL.canParse(text)) return { ok: false, expected: EXPECTED, nearest: null };
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    return { ok: false, expected: "a URL without a user or a password in it", nearest: null };
  }
  return { ok: true, plugin: { type: "http", id: text, url: text } };
}

/** Spaces, a forgotten scheme and the page of a repository are what people write instead. */
function nearest(text: string): string | null {
  const tidy = text
    .trim()
    .replace(/^(?:https?:\/\/)?github\.com\//i, "")
    .replace(/\.git$/, "")
    .replaceAll(/\s+/g, "");
  if (tidy !== text && WORKFLOW.test(tidy)) return tidy;
  return /^[\w-]+(?:\.[\w-]+)+(?:[:/]\S*)?$/.test(text) ? `https://${text}` : null;
}
