/**
 * Go calls everything `panic` or `runtime error`, and Rust `panic`: what the runtime says tells a nil pointer
 * from an index. Of what a person wrote the first two plain words do, for values follow them.
 */
export function kindOfPanic(className: string, message: string | null, template: string | null): string | null {
  if (message === null || template === null) return null;
  if (className === "runtime error" || className === "fatal error") return template;
  if (className !== "panic") return null;
  for (const [form, kind] of FORMS) {
    const match = form.exec(message);
    if (match !== null) return kind(match);
  }
  return root(template) ?? beginning(template);
}

/** Go's errors say around what and last why: `load x: open y: no such file or directory`. Two plain words or more are no value. */
const ROOT = /: ([a-z]{2,20}(?: [a-z]{2,20}){1,7})$/;
const root = (template: string): string | null => ROOT.exec(template)?.[1] ?? null;

const WORDS = /^[A-Za-z][a-z]{1,20} [A-Za-z][a-z]{1,20}(?=[ :(,])/;
const beginning = (template: string): string | null => WORDS.exec(template)?.[0] ?? null;

/** What a value of Rust is, where its Debug form begins with it: `ParseIntError { kind: … }`, `Io(Os { … })`. */
const KIND_OF_VALUE = /^(?:[A-Za-z_]\w{0,60}::){0,4}[A-Z]\w{1,60}/;

/** Words that Rust's core and Go's runtime and packages say, always the same; each with what of it tells two apart. */
const FORMS: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [
    /^assertion `(left (?:==|!=|matches) right)` failed(?:: (.{1,200}))?/,
    ([, compared, said]) =>
      `assertion ${compared!}${said === undefined ? "" : ` ${beginning(`${said} `) ?? ""}`}`.trim(),
  ],
  [/^assertion failed: (.{1,120})/, ([all]) => all],
  [
    /^called `(Option|Result)::(\w{1,40})\(\)` on an? `\w{1,20}` value(?:: (.{1,200}))?/,
    ([, of, call, value = ""]) => `called ${of!}::${call!} ${KIND_OF_VALUE.exec(value)?.[0] ?? ""}`.trim(),
  ],
  [/^(?:RefCell )?already (?:mutably )?borrowed/, ([all]) => all],
  [/^attempt to [a-z ]{3,60}/, ([all]) => all],
  [
    /^(?:index out of bounds|byte index|explicit panic|capacity overflow|not (?:yet )?implemented|Box<dyn Any>)/,
    ([all]) => all,
  ],
  [/^(?:range (?:start|end) index|slice index starts|internal error: entered unreachable code)/, ([all]) => all],
  // What was expected of a value: the words are somebody's, what the value is stands behind them.
  [
    /^([^:\n]{1,200}): ((?:[A-Za-z_]\w{0,60}::){0,4}[A-Z]\w{1,60}(?:Error|Err)?)(?= \{|\(|$)/,
    ([, said, kind]) => `${beginning(`${said!} `) ?? ""} ${kind!}`.trim(),
  ],
  [/^interface conversion: .{1,200}(not .{1,120})$/, ([, wanted]) => `interface conversion: ${wanted!}`],
  [/^(?:close of (?:nil|closed) channel|send on closed channel|assignment to entry in nil map)/, ([all]) => all],
  [
    /^(?:sync|reflect|strings|bytes|bufio|http|json|regexp|template|time|context|rand|big|sql|flag): [A-Za-z. ]{3,60}/,
    ([all]) => all,
  ],
  [/^\(([^()]{1,120})\) (?:0x|\()/, ([, type]) => type!],
];
