/** Between a `;` or brace and the `{` of a body; longer heads belong to nothing that has a short name. */
const MAX_HEAD = 400;
const MAX_DEPTH = 1_000;
const NOT_NAMES = new Set([
  "if",
  "for",
  "while",
  "switch",
  "catch",
  "with",
  "return",
  "do",
  "else",
  "function",
  "await",
]);

/**
 * The name of the innermost named function around a place in JavaScript or TypeScript: `charge`, or
 * `Cart.charge` for a method. Null when there is none. One pass, no grammar: strings, comments and
 * templates are passed over, and what stands before each `{` says what it opens. `end` is an offset.
 */
export function enclosingFunction(content: string, end: number): string | null {
  const open: { name: string | null; isClass: boolean; resume: number | null }[] = [];
  let headFrom = 0;
  for (let at = 0; at < end;) {
    const code = content.charCodeAt(at);
    if (code === 0x22 || code === 0x27) at = afterString(content, at, code, end);
    else if (code === 0x60) at = afterTemplate(content, at, end);
    else if (code === 0x2f && content[at + 1] === "/") at = after(content, "\n", at, end);
    else if (code === 0x2f && content[at + 1] === "*") at = after(content, "*/", at + 2, end);
    else if (code === 0x2f && beginsPattern(content, at)) at = afterPattern(content, at, end);
    else {
      at += 1;
      if (code === 0x7b) {
        if (open.length >= MAX_DEPTH) return null;
        const head = content.slice(Math.max(headFrom, at - 1 - MAX_HEAD), at - 1);
        // Braces between parentheses are a parameter's or an argument's: what they stand in goes on after them.
        open.push({ ...opened(head), resume: isInside(head) ? headFrom : null });
        headFrom = at;
      } else if (code === 0x7d) {
        headFrom = open.pop()?.resume ?? at;
      } else if (code === 0x3b && !isInFor(content, headFrom, at)) headFrom = at;
    }
  }
  const inner = open.findLastIndex(({ name, isClass }) => name !== null && !isClass);
  const name = open[inner]?.name ?? null;
  const around = open[inner - 1];
  return name !== null && around?.isClass === true && around.name !== null ? `${around.name}.${name}` : name;
}

/** What a `{` opens, by what stands before it. */
function opened(head: string): { name: string | null; isClass: boolean } {
  const words = head.replaceAll(/\/\*[^*]{0,400}\*\/|\/\/[^\n]*/g, " ").trim();
  const ofClass = /\bclass\s+([\w$]+)[^(){}]*$/.exec(words);
  if (ofClass) return { name: ofClass[1] ?? null, isClass: true };
  const name =
    /\bfunction\b\s*\*?\s*([\w$]+)\s*(?:<[^()]*>)?\([^]*\)[^()]*$/.exec(words)?.[1] ??
    /([\w$#]+)\s*(?::[^=]{0,100})?[=:]\s*(?:async\b\s*)?(?:function\b[^]*|(?:<[^()]*>)?\([^]*=>|[\w$]+\s*=>)$/.exec(
      words,
    )?.[1] ??
    /(?:^|[\s,*])([\w$#]+)\s*(?:<[^()]*>)?\((?![^]*(?:\bfunction\b|=>))[^]*\)\s*(?::[^()]*)?$/.exec(words)?.[1] ??
    null;
  return { name: name === null || NOT_NAMES.has(name) ? null : name, isClass: false };
}

/** True when a parenthesis is still open. */
function isInside(head: string): boolean {
  let depth = 0;
  for (const each of head) {
    if (each === "(") depth += 1;
    else if (each === ")" && depth > 0) depth -= 1;
  }
  return depth > 0;
}

/** A slash after an operator begins a regular expression, after a value it divides. */
function beginsPattern(content: string, at: number): boolean {
  for (at -= 1; at >= 0 && (content[at] === " " || content[at] === "\n"); at -= 1);
  return at < 0 || "(,=:[!&|?{};>".includes(content[at] ?? "") || content.slice(at - 5, at + 1) === "return";
}

function afterPattern(content: string, at: number, end: number): number {
  let isInClass = false;
  for (at += 1; at < end; at += 1) {
    const each = content[at];
    if (each === "\\") at += 1;
    else if (each === "[") isInClass = true;
    else if (each === "]") isInClass = false;
    else if (each === "\n" || (each === "/" && !isInClass)) return at + 1;
  }
  return end;
}

function isInFor(content: string, from: number, at: number): boolean {
  return /\bfor\s*\([^)]*$/.test(content.slice(Math.max(from, at - MAX_HEAD), at));
}

/** Ends at the quote, or at the end of the line: an open quote in a regular expression costs one line at most. */
function afterString(content: string, at: number, quote: number, end: number): number {
  for (at += 1; at < end; at += 1) {
    const code = content.charCodeAt(at);
    if (code === 0x5c) at += 1;
    else if (code === quote || code === 0x0a) return at + 1;
  }
  return end;
}

/** Braces inside `${…}` are counted, functions in there are not looked for. */
function afterTemplate(content: string, at: number, end: number): number {
  let depth = 0;
  for (at += 1; at < end; at += 1) {
    const code = content.charCodeAt(at);
    if (code === 0x5c) at += 1;
    else if (code === 0x24 && content[at + 1] === "{") {
      depth += 1;
      at += 1;
    } else if (depth > 0 && code === 0x7b) depth += 1;
    else if (depth > 0 && code === 0x7d) depth -= 1;
    else if (depth === 0 && code === 0x60) return at + 1;
  }
  return end;
}

function after(content: string, mark: string, at: number, end: number): number {
  const found = content.indexOf(mark, at);
  return found === -1 || found >= end ? end : found + mark.length;
}
