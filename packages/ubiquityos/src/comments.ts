/** What a comment on an issue or on a change says of itself. */
export interface CommentFacts {
  readonly id: number;
  readonly body: string;
  readonly authorType: string;
}

/**
 * Comments that bots wrote about work that was asked for: an invocation, or the answer to a command. Whoever hands
 * them on again has two bots talk with each other for ever.
 */
export function isBotEcho({ body, authorType }: CommentFacts): boolean {
  if (authorType !== "Bot") return false;
  return /^\s*\//.test(body) || /"commentKind"\s*:\s*"command-response"/.test(body) || body.includes(HEADER);
}

const HEADER = "<!-- UbiquityOS - ";

/** Equal comment events within this time are one (the original's: ten minutes). */
export const COMMENT_WINDOW_MS = 600_000;

/** What makes two deliveries the same comment event; null: they are about none. */
export function commentKeyOf(of: {
  readonly owner: string | null;
  readonly repo: string | null;
  readonly event: string;
  readonly comment: Pick<CommentFacts, "id"> | null;
}): string | null {
  const { owner, repo, event, comment } = of;
  if (comment === null || owner === null || repo === null) return null;
  return `comment ${owner}/${repo}/${event}/${comment.id}`.toLowerCase();
}

export interface ErrorComment {
  readonly message: string;
  /** The function that failed. */
  readonly caller: string;
  /** Commit or version of whoever wrote it. */
  readonly version: string;
  readonly instigator: string;
  readonly runUrl: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * The comment that says an invocation failed. Its metadata stands in an HTML comment that programs read:
 * `<!-- UbiquityOS - fn - version - @instigator - runUrl`, JSON, `-->`. Nothing of the metadata can end it early.
 */
export function errorComment(of: ErrorComment): string {
  const json = JSON.stringify(of.metadata, null, 2)
    .replaceAll("--", String.raw`-\u002d`)
    .replaceAll("<", String.raw`\u003c`)
    .replaceAll(">", String.raw`\u003e`)
    .replaceAll("`", String.raw`\u0060`);
  const header = [of.caller, of.version, `@${of.instigator}`, of.runUrl].map(inHeader).join(" - ");
  const quoted = of.message.split("\n").map((line) => `! ${line.replaceAll("```", "'''")}`);
  return ["> [!CAUTION]", "", "```diff", ...quoted, "```", `${HEADER}${header}`, json, "-->"].join("\n");
}

const inHeader = (text: string) => text.replaceAll(/\s+/g, " ").replaceAll(/--+/g, "-").replaceAll(/[<>]/g, "");
