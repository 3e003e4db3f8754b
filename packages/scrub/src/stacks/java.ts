import type { ErrorValue, Frame } from "@prunella/contract";
import { isJvmLibrary } from "./java-libraries.ts";
import { scriptFrames } from "./react-native.ts";
import { errorValue, MAX_ERRORS, NO_LINES, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * JVM stacks (`Throwable.printStackTrace`): `class: message`, lines of `\tat a.b.C.m(C.java:12)`,
 * newest call first, then `Caused by:` with `... 12 more`. `Suppressed:` ones stand indented in
 * between and never decide. Kotlin, Scala, Groovy, Clojure and Android print the same.
 */
export const java: StackParser = {
  language: "java",
  hints: [
    "(r8-map-id-",
    ".java:",
    ".kt:",
    "(Unknown Source",
    "(Native Method)",
    ".scala:",
    "(SourceFile",
    ".groovy:",
    ".clj:",
    "\tat ",
  ],
  parse: parseJava,
};

type Block = { kind: "thrown" | "cause"; error: ErrorValue; end: number };

const HEADER =
  /^(?:(?:Exception in thread "[^"]{0,200}"|== Java Exception:|[A-Z]{4,8}:?|Caused by:|Wrapped by:|Suppressed:|\[CIRCULAR REFERENCE:|FATAL EXCEPTION: \S{1,100}) {0,4}){0,2}((?:[A-Za-z_$][\w$]{0,100}\.){0,20}[A-Za-z_$][\w$-]{0,120})(?:: ?(.*))?$/;
const LATER_CLASS =
  /[\s:>\](=,"'-]((?:[a-z_][\w$]{0,80}\.){1,20}[A-Z][\w$]{0,120}(?:Exception|Error|Throwable|Failure))(?:: ?(.*))?$/;
const SOURCE =
  /^(?:[\w$.\u0080-\uffff-]{1,120}\.(?:java|kt|kts|scala|groovy|clj|cljc|cljs|jsp|jspx|gradle|xtend|aj|ceylon|js|rb|py)(?::\d{1,9})?|Native Method|Unknown Source(?::\d{1,9})?|SourceFile(?::\d{1,9})?|r8-map-id-[0-9a-f]{8,64}(?::\d{1,9})?|<generated>|<Unknown>|(?:Dex:)?\d{1,9}|[A-Za-z][\w$]{0,80}(?::\d{1,9}))$/;
/** Lines of one message that are looked through for its class. */
const MAX_MESSAGE_LINES = 60;

function parseJava(lines: readonly string[]): Found | null {
  const blocks: Block[] = [];
  let from = 0;
  /** Of what was thrown; Android moves its causes in by a blank. */
  let base = 0;
  for (let i = 0; i < lines.length; i++) {
    const first = parseJavaFrame(lines[i]!);
    if (first === null) continue;
    const header = findHeader(lines, from, i);
    const frames: Frame[] = [first];
    let end = i + 1;
    for (; end < lines.length; end++) {
      const next = parseJavaFrame(lines[end]!);
      if (next !== null) frames.push(next);
      else if (!isBetween(lines[end]!)) break;
    }
    frames.reverse();
    const indent = header.line < 0 ? 0 : widthOf(lines[header.line]!);
    const said = header.line < 0 ? "" : lines[header.line]!.trimStart();
    // Suppressed ones, and their causes, stand indented: closing what was open says little about the cause.
    const script = header.type === "JavascriptException" ? scriptFrames(header.value ?? "") : null;
    if (script !== null) frames.push(...script.frames);
    if (said.startsWith("Suppressed:") || (indent > base + 1 && said.startsWith("Caused by:"))) {
      // What was suppressed, and its causes, decide nothing.
    } else {
      if (!said.startsWith("Caused by:")) base = indent;
      if (said.startsWith("Caused by:")) blocks.push(...bareAbove(lines, from, header.line));
      blocks.push({
        kind: said.startsWith("Caused by:") ? "cause" : "thrown",
        error: errorValue(header.type, script?.said ?? header.value, frames, header.module),
        end,
      });
    }
    // A cause whose frames are all its wrapper's has none of its own.
    while (lines[end]?.startsWith("Caused by: ") === true && isBetween(lines[end + 1] ?? "")) {
      const match = HEADER.exec(lines[end]!.trim());
      if (match === null || blocks.length === 0) break;
      const dot = match[1]!.lastIndexOf(".");
      const module = dot > 0 ? match[1]!.slice(0, dot) : null;
      const error = errorValue(match[1]!.slice(dot + 1), orNull(match[2]), [], module);
      end += 2;
      blocks.push({ kind: "cause", error, end });
    }
    from = end;
    i = end - 1;
  }
  let last = blocks.findLastIndex((block) => block.kind === "thrown");
  if (last < 0) last = 0;
  const chain = blocks.slice(last, last + MAX_ERRORS);
  if (chain.length === 0) return null;
  return { errors: chain.map(({ error }) => error).reverse(), line: chain.at(-1)!.end };
}

/** Errors that came without any frame, the outermost first, right above the cause that has them: Android leaves those of wrappers out. */
function bareAbove(lines: readonly string[], from: number, cause: number): Block[] {
  const bare: Block[] = [];
  for (let i = cause - 1; i >= from && bare.length < MAX_ERRORS; i--) {
    const line = lines[i]!;
    const match = HEADER.exec(line.trim());
    if (match === null || indentOf(line) > 0 || !isThrowable(match[1]!, line)) break;
    const dot = match[1]!.lastIndexOf(".");
    const error = errorValue(match[1]!.slice(dot + 1), orNull(match[2]), [], dot > 0 ? match[1]!.slice(0, dot) : null);
    const isCause = line.startsWith("Caused by:");
    bare.unshift({ kind: isCause ? "cause" : "thrown", error, end: cause });
    if (!isCause) break;
  }
  return bare;
}

/** `... 12 more`, and the opening of a cause without frames of its own. */
function isBetween(line: string): boolean {
  return /^\s{0,40}(?:\.\.\. \d{1,9} (?:more|common frames omitted|filtered)|- (?:locked|waiting|sleeping|parking|eliminated|lock owner)\b|\[CIRCULAR REFERENCE)/.test(
    line,
  );
}

function indentOf(line: string): number {
  let i = 0;
  while (line.charCodeAt(i) === 9 || line.charCodeAt(i) === 32) i++;
  return i;
}

/** A tab is as wide as no error is moved in for its looks. */
function widthOf(line: string): number {
  return line.startsWith("\t") ? 8 * indentOf(line) : indentOf(line);
}

type Header = { type: string | null; module: string | null; value: string | null; line: number };

function findHeader(lines: readonly string[], from: number, firstFrame: number): Header {
  const oldest = Math.max(from, firstFrame - MAX_MESSAGE_LINES);
  for (let i = firstFrame - 1; i >= oldest; i--) {
    let match = HEADER.exec(lines[i]!.trim());
    if (match !== null && !isThrowable(match[1]!, lines[i]!)) match = null;
    // Directly above the frames stands the error's own line, whatever a logger put in front of its class.
    if (match === null && i === firstFrame - 1) match = LATER_CLASS.exec(lines[i]!);
    if (match === null) continue;
    const dot = match[1]!.lastIndexOf(".");
    const rest = lines.slice(i + 1, Math.min(firstFrame, i + 12)).join("\n");
    return {
      type: match[1]!.slice(dot + 1),
      module: dot > 0 ? match[1]!.slice(0, dot) : null,
      value: orNull(rest === "" ? match[2] : `${match[2] ?? ""}\n${rest}`),
      line: i,
    };
  }
  const stopped = notResponding(lines, oldest, firstFrame);
  if (stopped !== null) return stopped;
  return { type: null, module: null, value: orNull(lines[firstFrame - 1]), line: -1 };
}

/** Android stopped an app that did not answer; what follows is what its main thread was doing. */
function notResponding(lines: readonly string[], oldest: number, firstFrame: number): Header | null {
  for (let i = oldest; i < firstFrame; i++) {
    if (!/(?:^|: )ANR in \S/.test(lines[i]!) && !lines[i]!.startsWith("Subject: ")) continue;
    const reasons = lines
      .slice(i, Math.min(firstFrame, i + 6))
      .map((line) => /(?:^|: )(?:Reason|Subject): (.{1,400})$/.exec(line));
    const reason = reasons.find((each) => each !== null)?.[1];
    if (reason !== undefined) return { type: "ANR", module: null, value: reason, line: i };
  }
  return null;
}

/** Says `java.lang.Oops`, `FooException`, or stands behind words that only a throwable follows. */
function isThrowable(name: string, line: string): boolean {
  if (/(?:Exception|Error|Throwable|Failure|Violation|Death|Fault|Errors)(?:\$\w{1,80})?$/.test(name)) return true;
  if (/^\s*(?:Exception in thread|Caused by:|Suppressed:|Wrapped by:)/.test(line)) return true;
  return /^(?:[a-z_][\w$]*\.)+[A-Z][\w$]*$/.test(name);
}

/** One `at` line; null when it is none of the JVM's. No pattern runs over the whole line. */
function parseJavaFrame(line: string): Frame | null {
  let at = indentOf(line);
  if (line.charCodeAt(at) === 0x7c) at = at + 1 + indentOf(line.slice(at + 1));
  if (!line.startsWith("at ", at)) return null;
  const open = line.indexOf("(", at);
  if (open < 0) return null;
  const close = line.indexOf(")", open);
  if (close < 0) return null;
  const dot = before(line, 0x2e, open);
  if (dot < at + 3) return null;
  const colon = before(line, 0x3a, close);
  let file: string | null;
  let number = plainLine(line, open, colon, close);
  if (number !== null) file = line.slice(open + 1, colon);
  else {
    const source = line.slice(open + 1, close);
    if (!SOURCE.test(source)) return null;
    const cut = source.lastIndexOf(":");
    file = cut < 0 ? source : source.slice(0, cut);
    number = cut < 0 ? null : Number(source.slice(cut + 1));
    if (file === "Native Method" || file === "Unknown Source" || file === "SourceFile") file = null;
  }
  let type = line.slice(at + 3, dot);
  if (type.indexOf(" ") >= 0) return null;
  // `java.base@21/java.lang.Thread`, `app//org.x.Y`; but `X$$Lambda$7/0x0001` is one name.
  if (type.indexOf("/") >= 0) {
    const slash = type.search(/\/(?:0x)?[0-9a-f]{4,20}$/);
    const name = slash < 0 ? type : type.slice(0, slash);
    type = name.slice(name.lastIndexOf("/") + 1);
  }
  return {
    function: line.slice(dot + 1, open),
    module: type,
    filename: file,
    line: number,
    column: null,
    in_app: !isJvmMachinery(type) && !isJvmLibrary(type),
    context_line: null,
    pre_context: NO_LINES,
    post_context: NO_LINES,
  };
}

/** Where a character last stands before `from`; -1 for nowhere. `lastIndexOf` costs ten times as much here. */
function before(line: string, wanted: number, from: number): number {
  for (let i = from - 1; i >= 0; i--) if (line.charCodeAt(i) === wanted) return i;
  return -1;
}

/** The line of `(Foo.java:12)`, the commonest by far, without a pattern; null for anything else. */
function plainLine(line: string, open: number, colon: number, close: number): number | null {
  if (colon - open < 7 || close - open > 141 || close - colon > 10 || close === colon + 1) return null;
  if (!line.startsWith(".java", colon - 5)) return null;
  const blank = line.indexOf(" ", open);
  if (blank >= 0 && blank < close) return null;
  let number = 0;
  for (let i = colon + 1; i < close; i++) {
    const code = line.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return null;
    number = number * 10 + code - 0x30;
  }
  return number;
}

/** The platform, test runners, build tools, and frameworks that call own code but are never at fault first. */
const PACKAGES: ReadonlyMap<string, RegExp | null> = new Map([
  ["java", null],
  ["javax", null],
  ["jakarta", null],
  ["jdk", null],
  ["sun", null],
  ["kotlin", null],
  ["kotlinx", null],
  ["scala", null],
  ["clojure", null],
  ["groovy", null],
  ["android", null],
  ["androidx", null],
  ["dalvik", null],
  ["libcore", null],
  ["junit", null],
  ["testng", null],
  ["reactor", null],
  // Who logs stands below its logger.
  ["ch", /^ch\.qos\.logback\./],
  ["worker", /^org\.gradle/],
  [
    "com",
    /^com\.(?:sun|android|oracle\.(?:truffle|svm)|intellij\.(?:rt|junit)|carrotsearch\.(?:randomizedtesting|ant))\./,
  ],
  ["io", /^io\.(?:netty|reactivex|undertow|opentelemetry|vertx\.core)\./],
]);

/** Second part of `org.…`; a pattern where the parts behind it decide. Most names of most stacks come here. */
const ORG: ReadonlyMap<string, RegExp | null> = new Map([
  ["junit", null],
  ["testng", null],
  ["hamcrest", null],
  ["opentest4j", null],
  ["assertj", null],
  ["springframework", null],
  ["hibernate", null],
  ["eclipse", /^.{12}jetty\./],
  ["jboss", null],
  ["wildfly", null],
  ["gradle", null],
  ["scalatest", null],
  ["specs2", null],
  ["codehaus", /^.{13}groovy\./],
  [
    "apache",
    /^.{11}(?:tools\.ant|catalina|coyote|tomcat|maven|groovy|logging\.log4j\.(?:core\.(?:appender|config|async)|spi|internal)|log4j\.(?:helpers|spi))\.|^.{11}(?:logging\.log4j\.core\.Logger|log4j\.(?:Category|Logger|AppenderSkeleton))(?:$|[.$])/,
  ],
  ["slf4j", null],
  ["graalvm", null],
]);

function isPublicMachinery(type: string): boolean {
  // The two commonest need no look-up; of Apache only five letters begin what runs own code or logs for it.
  if (type.startsWith("junit.", 4)) return true;
  if (type.startsWith("apache.", 4) && !"tcmgl".includes(type.charAt(11))) return false;
  const end = type.indexOf(".", 4);
  if (end < 0) return false;
  const rule = ORG.get(type.slice(4, end));
  return rule === null || rule?.test(type) === true;
}

/** Exported for frames that came as JSON. */
export function isJvmMachinery(type: string): boolean {
  const dot = type.indexOf(".");
  if (dot < 0) return /^\$Proxy\d/.test(type);
  if (dot === 3 && type.startsWith("org")) {
    if (isPublicMachinery(type)) return true;
  } else if (dot === 4 && type.startsWith("java")) return true;
  else {
    const rule = PACKAGES.get(type.slice(0, dot));
    if (rule === null || rule?.test(type) === true) return true;
  }
  return type.indexOf("$") >= 0 && /(?:^|\.)\$Proxy\d|\$\$FastClassBy/.test(type);
}
