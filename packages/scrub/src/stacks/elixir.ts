import type { Frame } from "@prunella/contract";
import { errorValue, frame, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * The BEAM: Elixir's `** (RuntimeError) message` with lines of `(app 1.0.0) lib/x.ex:12: Foo.bar/2`,
 * newest first; Erlang's shell (`exception error: …`, `in function m:f/1 (m.erl, line 3)`) and the
 * terms of its crash reports (`{m,f,1,[{file,"m.erl"},{line,3}]}`).
 */
export const elixir: StackParser = {
  language: "elixir",
  hints: ["** (", "{line,", "exception error", "exception exit", "exception throw"],
  parse: parseBeam,
};

const RAISED = /^\s{0,20}(?:.{0,200} )?\*\* \(([A-Za-z_][\w.]{0,120})(?: from .{1,60})?\) ?(.*)$/;
const CALL =
  /^\s{2,20}(?:\(([\w-]{1,60})(?: [\w.+-]{1,40})?\) )?((?:[\w.~-]{1,80}\/){0,20}[\w.~-]{1,80}\.(?:exs?|eex|heex|erl)|iex|nofile):(\d{1,9}): (.{1,300})$/;
const BARE = /^\s{2,20}\(([\w-]{1,60})(?: [\w.+-]{1,40})?\) (:?[\w.]{1,200}[./][\w.?!/-]{1,200}\(?.*)$/;
const SHELL =
  /^\s{0,10}(?:in function|in call from|called as|in)\s{1,6}([\w@']{1,100}:['\w/-]{1,160}\/\d{1,3}) {1,4}\(([^,()]{1,300}), line (\d{1,9})\)/;
const TERM =
  /\{'?([\w.@]{1,100})'?,'?([\w/?!<>-]{1,160})'?,(?:(\d{1,3})|\[[^\]]{0,200}\]),\s{0,40}\[\{file,"([^"]{1,300})"\},\s{0,40}\{line,(\d{1,9})\}/g;

function parseBeam(lines: readonly string[]): Found | null {
  let found: Found | null = null;
  for (let i = 0; i < lines.length; i++) {
    const raised = RAISED.exec(lines[i]!);
    if (raised !== null) {
      const read = readElixir(lines, i, raised);
      if (read !== null) {
        found = read;
        i = read.line - 1;
        continue;
      }
    }
    if (/exception (?:error|exit|throw): /.test(lines[i]!)) found = readShell(lines, i) ?? found;
  }
  return found ?? readTerms(lines);
}

function readElixir(lines: readonly string[], at: number, raised: RegExpExecArray): Found | null {
  let type = raised[1]!;
  const said = [raised[2]!];
  const frames: Frame[] = [];
  let end = at + 1;
  for (; end < lines.length && end < at + 400; end++) {
    const line = lines[end]!;
    const call = CALL.exec(line);
    if (call !== null) frames.push(frameOf(call[4]!, call[2]!, Number(call[3]), call[1] ?? null));
    else if (BARE.test(line)) {
      const bare = BARE.exec(line)!;
      frames.push(frameOf(bare[2]!, null, null, bare[1]!));
    } else if (frames.length > 0) break;
    else {
      // `** (EXIT from …) an exception was raised:` holds the real one in the next lines.
      const inner = RAISED.exec(line);
      if (inner !== null) {
        type = inner[1]!;
        said.length = 0;
        said.push(inner[2]!);
      } else if (line.trim() === "" && end > at + 1) break;
      else if (end - at <= 12) said.push(line);
    }
  }
  if (
    frames.length === 0 &&
    !/^(?:[A-Z]\w*(?:\.[A-Z]\w*)*(?:Error|Exception)|stop|EXIT|exit|throw|\w+Error)$/.test(type)
  )
    return null;
  return {
    errors: [errorValue(type.slice(type.lastIndexOf(".") + 1), orNull(said.join("\n")), frames.reverse())],
    line: end,
  };
}

function frameOf(call: string, file: string | null, line: number | null, app: string | null): Frame {
  return frame({
    // Arguments are printed when no clause matched: `Foo.bar(1, 2)` is `Foo.bar`.
    function: call.replace(/\(.*$/s, "").replace(/\/\d{1,3}$/, ""),
    filename: file,
    line,
    in_app:
      !/^(?:elixir|stdlib|kernel|mix|iex|logger|ex_unit|eex|erts|compiler|phoenix\w*|plug\w*|cowboy\w*|bandit|ecto\w*|db_connection|telemetry|sentry)$/.test(
        app ?? "",
      ) && !/^(?:gen_server|gen_statem|proc_lib|supervisor)\.erl$/.test(file ?? ""),
  });
}

function readShell(lines: readonly string[], at: number): Found | null {
  const said = /exception (error|exit|throw): (.*)$/.exec(lines[at]!)!;
  const frames: Frame[] = [];
  let end = at + 1;
  for (; end < lines.length && end < at + 200 && /^\s/.test(lines[end]!); end++) {
    const call = SHELL.exec(lines[end]!);
    if (call !== null) frames.push(frameOf(call[1]!, call[2]!, Number(call[3]), null));
  }
  return { errors: [errorValue(said[1]!, orNull(said[2]), frames.reverse())], line: end };
}

/** A crash report prints its stack as one term, folded over lines. */
function readTerms(lines: readonly string[]): Found | null {
  const first = lines.findIndex((line) => line.includes("[{file,") || line.includes("{line,"));
  if (first < 0) return null;
  const from = Math.max(0, first - 8);
  const text = lines
    .slice(from, first + 60)
    .join("\n")
    .slice(0, 16_384);
  const frames: Frame[] = [];
  for (const match of text.matchAll(TERM))
    frames.push(frameOf(`${match[1]}:${match[2]}`, match[4]!, Number(match[5]), null));
  if (frames.length === 0) return null;
  const reason = /(?:\{|exit with reason |exception (?:error|exit): |reason: ?)\{?'?([a-z]\w{2,40})\b/i.exec(
    lines.slice(from, first + 1).join("\n"),
  );
  return { errors: [errorValue(reason?.[1] ?? "error", orNull(lines[from]), frames.reverse())], line: first + 1 };
}
