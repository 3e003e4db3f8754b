import type { ErrorValue } from "@prunella/contract";
import { readLines } from "./read-lines.ts";
import { errorValue, orNull } from "./stack.ts";

/** How far up from the end a line that names the failure is looked for. */
const LOOKED_AT = 80;
/** Lines between two that tell of one failure. */
const GAP = 3;
const MAX_VALUE = 1_000;

const NAMES_A_FAILURE =
  /\b(?:fatal|panic|error|exception|abort(?:ed)?|failed|failure|cannot|can't|could not|couldn't|unable to|not found|not permitted|denied|refused|out of memory|no such|killed|unexpected|invalid|timed out|already in use|crash(?:ed)?|missing|detected|corrupt(?:ed|ion)?|terminate called|illegal|violation|exceeded|insufficient|unknown|unrecognized|unsupported|do(?:es|esn't| not|es not) exist|must be|mismatch|undefined reference|unbound variable|bad substitution|ambiguous redirect|readonly variable)\b|\w(?:Error|Exception)\b/i;
/** Says what happened, not only that something did. */
const SAYS_WHAT =
  /\b(?:cannot|can't|could not|couldn't|unable to|not found|not permitted|denied|refused|out of memory|no such|unexpected|invalid|timed out|already in use|undefined|undeclared|detected|corrupted|unknown|unrecognized|unsupported|does not exist|must be|mismatch|missing|required|expected|unbound variable|bad substitution|ambiguous redirect|readonly variable)\b|:\s{0,4}(?:fatal |syntax )?error\b.{0,8}\s\S|\bpanic: /i;
const HAS_CLASS =
  /(?:^|[^\w$.@/\\-])((?:[A-Za-z_$][\w$]{0,80}(?:\.|::|\\)){0,8}[A-Z][\w$]{0,100}(?:Error|Exception)): {0,3}(\S.*)$/;
/** Told beside the failure, before it or as a hint. */
const MILD =
  /^\W{0,6}(?:warn(?:ing)?|info|debug|trace|notice|hint|note|help)\b|\b(?:WARN(?:ING)?|INFO|DEBUG|NOTICE)\b/i;

/**
 * Whoever started the program, and says only that it ended: npm, pnpm, yarn, lerna, turbo, the shell,
 * s6, make and its kin, compilers' summaries, docker, supervisors, servers whose worker died.
 */
const WRAPPER = new RegExp(
  [
    String.raw`^npm (?:ERR!|error|warn|WARN)(?: (?:code (?:ELIFECYCLE|\d+)|errno \d+|path |workspace |location |command |signal |Lifecycle script|Exit status|Failed at the|This is probably|There is likely|A complete log|Make sure you|\S+@\S+ \S+: |${" "}{3,}\S)|\s*$)`,
    String.raw`^\s{0,4}(?:\S{1,80}: )?(?:ELIFECYCLE|ERR_PNPM_RECURSIVE_\w+|ERR_PNPM_LIFECYCLE)\b`,
    String.raw`^error (?:Command failed(?: with (?:exit code|signal) .*)?\.?$|Command ".*" (?:exited|failed))|^info Visit https:\/\/yarnpkg\.com|^\$ \S`,
    String.raw`^(?:lerna ERR!|nx |NX |turbo )|\bERROR {1,2}(?:run failed: command|command finished with error)|command \(.{1,200}\) .{0,200}exited \(\d+\)`,
    String.raw`^(?:\S{0,80}\/)?(?:ba|da|z|k)?sh: (?:line )?\d+: +\d+ `,
    String.raw`^\S{1,200}: line \d+: +\d+ (?:Killed|Aborted|Abort trap|Segmentation fault|Terminated|Bus error|Illegal instruction|Floating point|Trace)`,
    String.raw`^(?:s6-\S{1,40}|\/?(?:run\/)?s6\S{0,100}|cont-(?:init|finish)\S{0,20}|services\.d|rc\.init|\S{0,100}\/rc\.init): `,
    String.raw`^(?:\w{0,2}make|ninja|mingw32-make)(?:\[\d+\])?: (?:\*\*\*|Leaving|build stopped|Target .{1,100} not remade)`,
    String.raw`^(?:collect2|clang(?:\+\+)?|gcc|g\+\+): (?:fatal )?error: (?:ld returned|linker command failed)`,
    String.raw`^error: (?:process didn't exit successfully|could not compile|aborting due to|Recipe |script .{1,80} exited with code|test failed, to rerun)`,
    String.raw`^task: Failed to run task|^exit status \d+\s*$|^FAIL\s+\S+ \[build failed\]|^BUILD FAILED|^FAILURE: Build failed|^\* (?:Try|Get more help)|^\[ERROR\] (?:-> \[Help|To see the full|Re-run Maven|For more information|\[Help|After correcting)`,
    String.raw`\b(?:exited|finished|terminated|failed|ended) with (?:an? )?(?:error |exit )?(?:code|status)[ :=]{1,3}\[?-?\d+|\breturned a non-zero (?:code|exit status)|\bexit code:? \d+\.?$|\(exit status \d+; not expected\)|gave up: \S+ entered FATAL`,
    String.raw`Main process exited, code=|Failed with result '|Control process exited, code=|Scheduled restart job|Start request repeated too quickly`,
    String.raw`\[nodemon\] app crashed|^App \[.{1,60}\] exited|Worker failed to boot|Application startup failed\. Exiting|Shutting down: Master|^Exiting\b|worker .{0,20}(?:exited|died)|sending SIG[A-Z]{3,5} to|^Command failed\.?$|^(?:error|ERROR): Job failed|^Script .{1,200} (?:exited|returned) `,
    String.raw`^Node\.js v\d|^Bun v\d|^Emitted 'error' event|^Thrown at:|^Run with |^For (?:more|further) (?:information|details)|^Please (?:report|submit|file)|^If you would like to submit`,
  ].join("|"),
);

/**
 * The line that says why a program ended when no parser knows its stack: of the last words the first
 * that tell of the failure, for what comes after only reports it. Null when no line names one.
 */
export function readCause(text: string): ErrorValue | null {
  const lines = readLines(text).slice(-LOOKED_AT);
  const ranks = lines.map(rankOf);
  const last = ranks.findLastIndex((rank) => rank > 0);
  if (last < 0) return onlyLine(lines);
  let best = last;
  for (let i = last, quiet = 0; i >= 0 && quiet <= GAP; i--) {
    const rank = ranks[i] ?? 0;
    if (rank === 0) quiet++;
    else {
      quiet = 0;
      if (rank >= (ranks[best] ?? 0)) best = i;
    }
  }
  return said(lines[best]!.slice(0, MAX_VALUE));
}

/** Who says one thing before it ends says why, in whatever words. */
function onlyLine(lines: readonly string[]): ErrorValue | null {
  const told = lines.filter((line) => line.trim() !== "" && !WRAPPER.test(line));
  const [only] = told;
  return told.length !== 1 || only === undefined || MILD.test(only) ? null : said(only.trim().slice(0, MAX_VALUE));
}

/** 3: a class and a message; 2: what happened; 1: that something did; 0: nothing, or who only reports it. */
function rankOf(whole: string): number {
  const line = whole.slice(0, MAX_VALUE).trim();
  if (!NAMES_A_FAILURE.test(line) || WRAPPER.test(line)) return 0;
  const rank = HAS_CLASS.test(line) ? 3 : SAYS_WHAT.test(line) ? 2 : 1;
  return MILD.test(line) ? 0.5 : rank;
}

function said(line: string): ErrorValue {
  const typed = HAS_CLASS.exec(line);
  if (typed !== null)
    return errorValue(
      typed[1]!.slice(
        Math.max(typed[1]!.lastIndexOf("."), typed[1]!.lastIndexOf("\\"), typed[1]!.lastIndexOf(":")) + 1,
      ),
      typed[2]!.trim(),
      [],
    );
  return errorValue(null, orNull(line), []);
}
