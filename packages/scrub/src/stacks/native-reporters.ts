import type { Frame } from "@prunella/contract";

/** Frames above a reporter that may be someone's own handler. */
const MAX_HANDLERS = 3;
const MAX_LOOKED_AT = 40;

/** How a program ends itself, or is looked at while it ends. */
const ENDS =
  /^(?:__)?(?:GI_)?_{0,3}(?:raise|gsignal|abort|pthread_kill\w*|kill|tgkill|exit|libc_message\w*|rust_start_panic|backtrace\w*)(?:@.{1,40})?(?:\(|$)|^(?:std::(?:(?:__)?terminate|process::abort)|base::debug::|fuzzer::|__sanitizer_print|_?Exit)/;
/** Nothing returns from here, so what stands above is a signal's handler or a part of it. */
const NEVER_RETURNS =
  /^(?:(?:__)?(?:GI_)?abort(?:@.{1,40})?(?:\(\))?$|_{1,3}assert(?:_fail|_rtn|_perror)|(?:\w{1,40}::){0,4}(?:OS::Abort|V8_Fatal|FatalProcessOutOfMemory)\b)/;
/** What own code calls when it found a failure, and whatever runs on its behalf stands above. */
const REPORTS =
  /^(?:_{1,3}assert\w*|assert(?:_fail\w*|_rtn|_func)?(?:\(|$)|_{0,3}(?:chk_fail|stack_chk_fail|fortify_fail|cxa_(?:throw|rethrow|pure_virtual|bad_cast|call_unexpected)|sanitizer_cov_trace_\w+|android_log_assert)|g_(?:logv?|log_structured\w*|assertion_message\w*|error|critical)|std::(?:(?:__)?terminate|unexpected|__throw_\w+|panicking::(?!try)\w+)|(?:core|std)::(?:panicking|option|result)::|alloc::(?:alloc|raw_vec)::handle_\w+|rust_(?:begin_unwind|panic\w*)|logging::|(?:[\w():]{1,60}::)?(?:LogMessage\w*|CheckError|NotReachedError)::|testing::(?:internal::AssertHelper|UnitTest::AddTestPartResult)|v8::api_internal::|qt_(?:assert\w*|message_\w+)|QMessageLogger::)/;
/** Prints the stack of what a signal interrupted; the trampoline between the two has no name, or is the system's. */
const HANDLER =
  /(?:[Ss]ig(?:nal|segv|abrt)?|SIG[A-Z]{3,5}|[Ss]egv|[Cc]rash|[Ff]ault|[Ss]tackDump)\w{0,30}[Hh]andler(?:\(|$)/;
/** Someone's own last word, by the name that such functions get everywhere. */
const LAST_WORDS =
  /(?:^|::|_)(?:[Dd]ie|DIE|[Pp]anic|[Ff]atal|bug_on|oops|[Uu]nreachable|[Cc]rash|CRASH|\w{0,40}(?:[Ff]atal|[Cc]heck|[Aa]ssert(?:ion)?|[Aa]bort|[Tt]erminate|[Pp]anic|[Cc]rash|Break(?:Into)?Debugger|DebugBreak)_?(?:[Ee]rror|[Ff]ail(?:ed|ure)?|[Hh]andler|[Hh]ere|[Nn]ow|[Mm]essage|[Tt]rampoline\w{0,8})?)$/;

/**
 * Takes the say from the frames above the one that reported the failure: the handler of a failed
 * check or of a log, what was called to end the program, what a signal's handler did. `newest` first;
 * the frames are new and may be changed.
 */
export function muteReporters(newest: readonly Frame[]): void {
  let last = handlerEnd(newest);
  let ended = last >= 0;
  let reported = false;
  let handlers = 0;
  for (let i = last + 1; i < newest.length && i < MAX_LOOKED_AT; i++) {
    const { function: name, in_app } = newest[i]!;
    if (name !== null && NEVER_RETURNS.test(name) && !reported) {
      last = i;
      ended = true;
      handlers = 0;
    } else if (name !== null && REPORTS.test(name) && (ended || handlers === 0)) {
      last = i;
      ended = reported = true;
      handlers = 0;
    } else if (name !== null && handlers === 0 && HANDLER.test(name) && isTrampoline(newest[i + 1])) {
      last = i;
    } else if (name !== null && ENDS.test(name)) ended = true;
    else if (in_app !== true) continue;
    else if (name !== null && handlers === 0 && isLastWord(name, ended)) {
      last = i;
      ended = reported = true;
    } else if (reported || ++handlers > MAX_HANDLERS) break;
  }
  for (let i = 0; i <= last; i++) newest[i]!.in_app = false;
}

/** `fail` and its kin may be anything, unless the program was being ended above them. */
function isLastWord(name: string, ended: boolean): boolean {
  const call = name.replace(/\(.{0,1200}$/, "");
  // Who names a function of the program `check` means what it checks.
  return (
    LAST_WORDS.test(call) &&
    !/(?:^|::)[Cc]heck$/.test(call) &&
    (ended || /\w(?:Crash|CRASH)|Debugger|DebugBreak/.test(call))
  );
}

function isTrampoline(below: Frame | undefined): boolean {
  return below !== undefined && (below.function === null || below.in_app !== true);
}

/** A handler that ended the program itself says nothing of where the signal came from. */
function handlerEnd(newest: readonly Frame[]): number {
  const at = newest.findIndex((each) => each.function === "<signal handler called>");
  return at > 0 && newest.slice(0, at).some((each) => ENDS.test(each.function ?? "")) ? at : -1;
}
