/** How crashes begin whose newest frame stands on top; Python's and Ruby's end with what was thrown. */
const BEGINS =
  /^(?:panic: |fatal error: |runtime: goroutine stack exceeds|SIG[A-Z]{2,8}: |Exception in thread "|(?:[\w$]{1,100}\.){0,12}[A-Z][\w$]{0,100}(?:Error|Exception)\b|Unhandled exception\b|Uncaught |thread '.{1,100}' |PHP Fatal error|==\d{1,9}==\s?ERROR: |Stack overflow\.)/;
/** Frames, what stands between them, and the heads of other threads. */
const BELONGS =
  /^(?:\s|$|at |goroutine \d|created by |[\w.\-/()*$[\]]{1,300}\(.{0,400}\)$|#\d|Caused by: |"|runtime |stack: frame=|-{3,}|\.{3})/;
/** Of the lines below; a program may say something of its own while it dies. */
const SHARE = 0.8;

/**
 * The beginning of the crash that a text ends with, when it does not fit into `limit` bytes: all that
 * says what happened stands there, and the rest are frames. Null: it fits, or the text ends in something else.
 */
export function crashHead(text: string, limit: number): string | null {
  const lines = text.split("\n");
  let belong = 0;
  let start = -1;
  for (const [i, line] of [...lines.entries()].reverse()) {
    if (BELONGS.test(line)) belong++;
    else if (BEGINS.test(line) && belong >= (lines.length - i - 1) * SHARE) start = i;
  }
  if (start < 0) return null;
  let bytes = 0;
  const crash = lines.slice(start);
  const cut = crash.findIndex((line) => (bytes += Buffer.byteLength(line) + 1) > limit);
  return cut <= 0 ? null : crash.slice(0, cut).join("\n");
}
