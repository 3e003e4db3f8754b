import { Recent } from "../text/recent.ts";

/** Characters of a message that count for grouping. */
const MAX_LENGTH = 400;

/**
 * What stays equal between two messages of one kind: values give way to names of their kind. The
 * text must be scrubbed. An HTTP status stays, because 502 is neither 503 nor 404.
 */
export function messageTemplate(message: string): string {
  const text = message
    .slice(0, 4 * MAX_LENGTH)
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, MAX_LENGTH);
  let template = templates.get(text);
  if (template === undefined) templates.set(text, (template = templateOf(text)));
  return template;
}

/** Most messages of a fault are equal once they are scrubbed. */
const templates = new Recent<string, string>(2_048);

function templateOf(text: string): string {
  const template = withoutValues(text);
  // Where quotes hold all that was said, it is no value of something else.
  return template.includes("<value>") && !/[\p{L}]{3}/u.test(template.replace(/<[a-z]{1,10}>/g, ""))
    ? withoutValues(text.replace(/["`]/g, " ").replace(/\s+/g, " ").trim()) || template
    : template;
}

function withoutValues(text: string): string {
  return text.replace(VALUE, (match: string, ...rest: unknown[]) => {
    const offset = rest.find((each) => typeof each === "number");
    return nameOf(match, text, typeof offset === "number" ? offset : 0);
  });
}

/** One alternation, tried in this order at every place; every quantifier is bounded. */
const VALUE = new RegExp(
  [
    String.raw`\[REDACTED:[A-Z0-9_]{1,40}\]`,
    String.raw`\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}\b`,
    String.raw`\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>)\]]{1,400}`,
    String.raw`"(?:[^"\\]|\\.){0,200}"`,
    String.raw`(?<![A-Za-z0-9])'(?:[^'\\]|\\.){0,200}'(?![A-Za-z0-9])`,
    "`[^`']{0,200}[`']",
    String.raw`\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b`,
    String.raw`\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z| ?[+-]\d{2}:?\d{2})?)?`,
    String.raw`\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:\d{1,2} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6} \d{1,4}(?:,? \d{4})?(?: \d{1,2}:\d{2}(?::\d{2})?)?`,
    String.raw`\b\d{1,2}\/\d{1,2}\/\d{2,4}\b`,
    String.raw`\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?\b`,
    String.raw`\b(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}\b`,
    String.raw`(?<![\w:])(?:[0-9a-fA-F]{1,4}:){2,7}:?[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{1,4}){0,5}(?![\w:])`,
    String.raw`\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b`,
    String.raw`(?<![\w./@-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}(?:com|net|org|io|dev|local|internal|svc|cluster|cloud|app|lan|eu|de|uk|fr|us|gov|edu|example|test|invalid)(?::\d{1,5})?\b(?![(/\w-])`,
    String.raw`\blocalhost(?::\d{1,5})?\b`,
    String.raw`(?<![\w.:])(?:[A-Za-z]:)?(?:[\\/](?:[\w.@+~-]{1,100}|\[REDACTED:[A-Z0-9_]{1,40}\])){2,30}`,
    String.raw`\b0x[0-9a-fA-F]{1,32}\b`,
    String.raw`\b(?=[0-9a-fA-F]{0,63}\d)[0-9a-fA-F]{8,64}\b`,
    String.raw`(?<![A-Za-z0-9.])-?\d{1,20}(?:[.,]\d{1,20}){0,6} ?(?:ms|ns|us|µs|s|sec|secs|seconds?|minutes?|mins?|hours?|days?|h)\b`,
    String.raw`(?<![A-Za-z0-9])-?\d{1,40}(?:[.,]\d{1,20}){0,6}(?:[eE][+-]?\d{1,4})?`,
  ].join("|"),
  "g",
);

function nameOf(match: string, text: string, at: number): string {
  const first = match[0]!;
  if (first === "[")
    return match === "[REDACTED:IP]" ? "<ip>" : match === "[REDACTED:EMAIL]" ? "<email>" : "<redacted>";
  if (first === '"' || first === "'" || first === "`") return isOfCode(match, text, at) ? match : "<value>";
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(match)) return "<url>";
  if (/^[\w.+-]+@/.test(match)) return "<email>";
  if (/^[0-9a-fA-F]{8}-/.test(match) && match.length === 36) return "<uuid>";
  if (/^(?:[A-Za-z]:)?[\\/]/.test(match)) return pathOf(match);
  if (/^\d{4}-\d{2}-\d{2}|^\d{1,2}:\d{2}:\d{2}|^\d{1,2}\/\d{1,2}\/|^(?:\d{1,2} )?[A-Z][a-z]{2}[a-z,]* ?/.test(match))
    return "<time>";
  if (/^\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?$|^[0-9a-fA-F:]*:[0-9a-fA-F:]*:/.test(match)) return "<ip>";
  if (/^localhost|[a-z]\.[a-z]/.test(match)) return "<host>";
  if (match.startsWith("0x") || (/[a-f]/i.test(match) && /^[0-9a-fA-F]{8,}$/.test(match))) return "<hex>";
  if (/[a-zµ]$/.test(match)) return "<duration>";
  return isStatus(match, text, at) ? match : "<n>";
}

/** What a runtime missed in the code itself: a method, a property, a module. Its name is no value that comes and goes. */
const MISSED =
  /(?:\bundefined (?:local variable or )?method|\((?:reading|setting)|\bhas no attribute|\bNo module named|\bcannot import name|\bCannot find (?:module|package)|\blateinit property|^name) $/;
const CODE = /^.(?:[A-Za-z_$@][\w$./@-]{0,60}[?!=]?|[-+*/%<>=!~^&|[\]]{1,3}).$/;

function isOfCode(match: string, text: string, at: number): boolean {
  return CODE.test(match) && MISSED.test(text.slice(Math.max(0, at - 48), at));
}

/** A route or file is told by its last part; the folder before is the machine's. */
function pathOf(path: string): string {
  const base = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  return `<path>/${base.replace(/\[REDACTED:\w{1,40}\]/, "<redacted>").replace(/[0-9a-f]{8,}|\d{1,40}/g, "<n>")}`;
}

const PHRASE =
  /^[\s:,)-]{1,3}(?:Bad |Unauthorized|Payment Required|Forbidden|Not Found|Method Not|Not Acceptable|Request |Conflict|Gone|Length Required|Precondition|Payload|URI Too|Unsupported|Range Not|Expectation|I'm a|Misdirected|Unprocessable|Locked|Failed Dep|Too Early|Too Many|Upgrade Req|Unavailable|Internal Server|Not Implemented|Service Unavailable|Gateway Time|HTTP Version|Insufficient|Loop Det|Moved|Found\b|See Other|Not Modified|Temporary|Permanent|OK\b|Created\b|Accepted\b|No Content)/;
const ANNOUNCED =
  /(?:\b(?:status|statuscode|status_code|http|https|code|returned|return|responded|response|replied|answered|answer|got|gave|received|upstream|error|failed)\b|HTTP\/\d(?:\.\d)?)(?: (?:status|code|with|a|an|http|status code|was|is|of))*[\s:=(#"']{1,3}$/i;

/** 100–599, announced as a status or followed by its phrase. */
function isStatus(match: string, text: string, at: number): boolean {
  if (!/^[1-5]\d\d$/.test(match)) return false;
  return PHRASE.test(text.slice(at + 3, at + 40)) || ANNOUNCED.test(text.slice(Math.max(0, at - 48), at));
}
