/** One word of a query as it was typed, with quotes taken off. */
export interface Token {
  /** Where it begins, and what follows it. */
  readonly at: number;
  readonly end: number;
  readonly isNegated: boolean;
  /** What stands before the colon; null when it is text to search for. */
  readonly key: string | null;
  readonly value: string;
  readonly isQuoted: boolean;
}

const KEY = /^([A-Za-z_][A-Za-z0-9_-]*(?:\.[^\s":]{1,200})?):(?!\/\/|:)/;

/** Takes a query apart; whatever is typed has a meaning here, also half a quotation. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? "")) {
      at += 1;
      continue;
    }
    const begin = at;
    const isNegated = /^[-!](?=\S)/.test(text.slice(at, at + 2));
    if (isNegated) at += 1;
    const key = KEY.exec(text.slice(at, at + 300))?.[1] ?? null;
    if (key !== null) at += key.length + 1;
    const { value, end, isQuoted } = readValue(text, at);
    at = Math.max(end, begin + 1);
    // `TypeError:` alone is what a message begins with.
    const isText = key !== null && value === "" && !isQuoted;
    tokens.push({
      at: begin,
      end: at,
      isNegated,
      key: isText ? null : key,
      value: isText ? key : value,
      isQuoted,
    });
  }
  return tokens;
}

function readValue(text: string, at: number): { value: string; end: number; isQuoted: boolean } {
  if (text[at] !== '"') {
    const rest = text.slice(at).search(/\s/);
    const end = rest === -1 ? text.length : at + rest;
    return { value: text.slice(at, end), end, isQuoted: false };
  }
  let value = "";
  for (let next = at + 1; next < text.length; next += 1) {
    const sign = text[next] ?? "";
    if (sign === '"') return { value, end: next + 1, isQuoted: true };
    if (sign === "\\" && (text[next + 1] === '"' || text[next + 1] === "\\")) next += 1;
    value += text[next] ?? "";
  }
  // It has not been closed yet: a search is understood while it is typed.
  return { value, end: text.length, isQuoted: true };
}

/** A condition as a person types it, with quotes where the value needs them. */
export function written(key: string, value: string): string {
  return `${key}:${/[\s",]|^[:/]|^$/.test(value) ? `"${value.replaceAll(/["\\]/g, "\\$&")}"` : value}`;
}
