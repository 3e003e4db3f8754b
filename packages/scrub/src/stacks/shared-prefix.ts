/** Lines that are looked at before a prefix counts as everybody's. */
const MAX_LOOKED_AT = 400;
/** Fewer lines than this share anything by chance. */
const FEWEST = 3;
const MAX_PREFIX = 160;
/** Said of a failure itself, and not who prints it. */
const TELLS = /error|warn|fatal|exception|fail|panic|abort|cause|assert|\bat\b/i;

/**
 * What a supervisor or a collector put before each line and no list knows (`[web] `, `web:start: `, a time
 * and a stream's name): it stands before all of them, and with it gone frames are indented again. Lines
 * are changed in place. A text that some line of is indented as it is has no such prefix.
 */
export function dropSharedPrefix(lines: string[]): void {
  const said = shared(lines);
  if (said === null) return;
  const { shape, bare } = said;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const match = shape.exec(line);
    if (match !== null) lines[i] = line.slice(match[0].length);
    else if (bare.test(line)) lines[i] = "";
  }
}

type Shape = { shape: RegExp; bare: RegExp };

function shared(lines: readonly string[]): Shape | null {
  const looked: string[] = [];
  for (const line of lines) {
    if (line.trim() === "") continue;
    const code = line.charCodeAt(0);
    if (code <= 0x20 || (looked.length > 0 && !isKin(code, looked[0]!.charCodeAt(0)))) return null;
    looked.push(line);
    if (looked.length >= MAX_LOOKED_AT) break;
  }
  if (looked.length < FEWEST) return null;
  let best: Shape | null = null;
  for (const prefix of prefixesOf(looked[0]!)) {
    const said = shapeOf(prefix);
    if (!looked.every((line) => said.shape.test(line) || said.bare.test(line))) continue;
    best = said;
  }
  if (best === null) return null;
  const { shape } = best;
  return looked.some((line) => /^(?:[ \t]|#\d|\d{1,3} {2,}\S)/.test(line.replace(shape, ""))) ? best : null;
}

/** A clock's digits differ. */
function isKin(a: number, b: number): boolean {
  return a === b || (a >= 0x30 && a <= 0x39 && b >= 0x30 && b <= 0x39);
}

/** Each place where a prefix may end, the shortest first: behind a sign that closes one, or behind a time any blank. */
function* prefixesOf(line: string): Generator<string> {
  const end = Math.min(line.length, MAX_PREFIX);
  for (let i = 2; i < end; i++) {
    if (line[i] !== " " && line[i] !== "\t") continue;
    const prefix = line.slice(0, i + 1);
    if (TELLS.test(prefix)) return;
    if (/[\]|:>]\s+$/.test(prefix) || /\d\d:\d\d:\d\d|^@[0-9a-f]{24} /.test(prefix)) yield prefix;
  }
}

function shapeOf(prefix: string): Shape {
  const source = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&").replace(/\d+/g, "\\d{1,40}");
  return { shape: new RegExp(`^${source(prefix)}`), bare: new RegExp(`^${source(prefix.trimEnd())}\\s*$`) };
}
