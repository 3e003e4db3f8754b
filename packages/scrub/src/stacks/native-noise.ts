/**
 * Functions that stand above the code at fault in native stacks: how a program is ended (raise,
 * abort, assertions), sanitizers and their interceptors, allocators, the string functions of libc,
 * the C++ runtime; and those below every program (start-up, threads).
 */
export function isNativeMachinery(name: string): boolean {
  return (
    ENDING.test(name) ||
    CHECKS.test(name) ||
    REPORTERS.test(name) ||
    SANITIZER.test(name) ||
    MEMORY.test(name) ||
    TEXT.test(name) ||
    CALLS.test(name) ||
    RUNTIME.test(name)
  );
}

const ENDING =
  /^(?:__)?(?:GI_)?_{0,3}(?:raise|gsignal|abort|pthread_kill(?:_implementation|_internal|_clockwait)?|kill|tgkill|assert(?:_fail(?:_base)?|_perror_fail|_rtn|_func)?|fortify_fail(?:_abort)?|chk_fail|stack_chk_fail(?:_local)?|libc_message(?:_impl)?|libc_fatal|malloc_printerr|kernel_vsyscall|restore_rt|sigaction|backtrace\w*|exit|_exit|longjmp_chk|cxa_(?:throw|rethrow|pure_virtual|bad_cast|call_unexpected|bad_typeid)|rust_start_panic|libc_abort|objc_(?:exception_(?:throw|rethrow)|terminate|fatal\w*)|exceptionPreprocess|CFThrowFormattedException|malloc_(?:v?report|error_break|zone_error)|szone_error|free_(?:list_checksum|small|tiny)_botch|sigtramp|abort_(?:message|report_np)|os_crash\w*|demangling_terminate_handler|napi_fatal_error)(?:@.{1,40})?(?:\(.{0,200}\))?$|^[-+]\[NSException raise|^<signal handler called>$|^[Aa]bort(?:Handler|WithMessage)?$/;
/** Failed checks of glog, Abseil, Chromium, V8 and Qt, and the printers of stacks beside them. */
const CHECKS =
  /^(?:\w{1,40}::){0,4}(?:logging::|sys::(?:PrintStackTrace|RunSignalHandlers|CleanupOnSignal)\b|LogMessage(?:Fatal|FatalQuiet|ForTest|Voidify)?\b|log_internal::|debug::(?:StackTrace|CollectStackTrace|BreakDebugger|DumpWithout)|(?:Immediate|Forced?)Crash\b|CheckError\b|OS::Abort\b|V8_Fatal\b|Utils::Report\w*Failure\b|OOMErrorHandler\b|OnFatalError\b|FatalError\b|FatalProcessOutOfMemory\b|BreakDebugger\b|DumpStackTraceAndExit\b|FailureSignalHandler\b|qt_message_fatal|QMessageLogger::fatal)/;
/** Crash reporters that live in the program: crashpad, Breakpad, and those of SDKs. */
const REPORTERS =
  /^(?:crashpad|google_breakpad|breakpad)::|^(?:\w{1,40}::){0,3}(?:\(anonymous namespace\)::)?HandleAbortSignal\b|^sentry__?\w|^-?\+?\[?(?:Sentry(?:SDK|Hub|Client|Crash)|KSCrash|PLCrash|BugsnagCrash|FIRCrash)|^(?:ks|bsg_ks|sentry)crash\w/;
const SANITIZER =
  /^(?:_asan_wrap_|_ZN8gwp_asan|gwp_asan::|asan\.module_ctor|MemcmpInterceptorCommon|StrtolFixAndCheck|StrstrCheck|QuickCheckForUnpoisonedRegion|_{2,3}(?:interceptor|asan|hwasan|msan|tsan|lsan|ubsan|sanitizer|sancov|memprof|dfsan|gwp_asan|scudo)|(?:\(anonymous namespace\)::)?(?:interceptor_|ScopedInterceptor)|fuzzer::|fuzztest::internal::|centipede::|testing::(?:internal::|UnitTest::|Test::Run|TestInfo::|TestSuite::)|RUN_ALL_TESTS|Honggfuzz\w|HF_ITER|CrashTrampoline|(?:__)?(?:asan|ubsan|tsan|msan|lsan)_|printf_common|scanf_common|wrap_|vg_replace|_vgr\d)/;
const MEMORY =
  /^(?:__libc_|__GI_|_int_|tc_|je_|mi_|__)?(?:malloc|calloc|realloc|reallocarray|free|cfree|memalign|posix_memalign|aligned_alloc|valloc|pvalloc|strdup|strndup|malloc_consolidate|unlink_chunk|sysmalloc|tcache_\w+|xmalloc|xrealloc|xcalloc|xfree|xstrdup|xstrndup|g_malloc0?|g_free|g_realloc|malloc_usable_size)(?:\.\w+)?(?:\(.*)?$|^operator (?:new|delete)|^munmap_chunk$/;
const TEXT =
  /^_{0,3}(?:GI_)?_{0,3}(?:IO_)?(?:mem(?:cpy|move|set|cmp|chr|rchr|mem|pcpy|ccpy)|bcmp|bcopy|bzero|ato(?:i|l|ll|f)|str(?:n?cpy|n?cat|n?cmp|n?casecmp|n?len|r?chr|str|casestr|p?brk|spn|cspn|tok|tok_r|sep|to[ldfu]+l*|p?ncpy|coll|xfrm)|stpn?cpy|raw_?memchr|wcs\w{2,8}|wmem\w{3,4}|v?[fsd]?n?w?printf(?:_internal|_chk)?|v?as?printf|(?:isoc99_|isoc23_)?v?[fs]?scanf|f?puts|fwrite|fread|fgets|gets|qsort(?:_r)?|bsearch|printf_\w+)(?:_(?:chk|avx\w*|sse\w*|evex\w*|erms|ssse3\w*|unaligned\w*|isra|generic|internal))*(?:\(.*)?$/;
/** Calls into libc that sanitizers and valgrind check; only a plain C name, for `File::read` is someone's own. */
const CALLS =
  /^_{0,2}(?:libc_)?(?:pthread_\w+|p?readv?(?:64)?|p?writev?(?:64)?|recv(?:from|m?msg)?|send(?:to|m?msg)?|getdelim|getline|realpath|getaddrinfo|getcwd|readlink|readdir(?:64)?|inet_(?:aton|ntop|pton)|strftime|localtime(?:_r)?|gmtime(?:_r)?|asctime|ctime(?:_r)?|mktime|iconv|poll|epoll_wait|select|ioctl|fcntl|mmap(?:64)?|munmap|mprotect|nanosleep|usleep|sleep|sem_(?:init|destroy|wait|timedwait|trywait|post)|timer_(?:create|settime|gettime|delete)|setlocale|getenv|setenv|putenv|qsort_r|mcheck|wait4|waitpid|syscall|dl(?:open|sym|close)|_platform_\w+(?:\$VARIANT\$\w+)?|platform_mem\w+(?:\$VARIANT\$\w+)?)(?:_2|64|_nocancel)?$/;
const RUNTIME =
  /^(?:__gthread_|__libcpp_|__msan|(?:(?:void|bool|int|auto|char|double|float|(?:unsigned )?(?:int|long|short|char))[ &*]{1,3})?(?:std|__gnu_cxx|__cxxabiv1|__cxx11|__gnu_debug|__1)::|_ZNS?t|_ZSt|__cxa_|__clang_call_terminate|__gxx_|_Unwind_|__libc_|_start$|__libc_start\w*|start_thread$|__?clone\d?$|__GI___clone|clone3?$|thread_start$|_dl_|__restore_rt|_pthread_|__scrt_|BaseThread|RtlUserThread|invoke_main|mainCRTStartup|KiUser|Rtl|asan_thread_start|runtime\.[a-z]\w{0,60}(?:\.abi0)?$|\w{0,8}tmainCRTStart|\(below main\)|\?\?$|<null>$)/;

/** Libraries and sources of the system and of compilers. */
export function isNativeLibrary(file: string): boolean {
  return RUNTIMES.test(file) || FUZZERS.test(file) || SYSTEM.test(file);
}

/** Sources of C and C++ libraries and of what they log failures with, as builds of their users show them. */
const RUNTIMES =
  /[\\/](?:libc\+\+|libcxx|libcxxabi|libunwind|libstdc\+\+-v3|vctools[\\/]crt|minkernel[\\/]crts|bionic[\\/]libc|musl[\\/](?:src|crt|ldso))[\\/]|^(?:resolv|nss|inet|socket|posix|sunrpc|elf|time|io|misc|stdlib|string|malloc)\/(?:\.{1,2}\/|nss_\w{1,20}\/)|(?:^|[\\/])absl[\\/](?:log|debugging|cleanup|functional|memory|utility|(?:base|container|types)[\\/]internal)[\\/]|(?:^|[\\/])base[\\/](?:logging|check\w{0,20}|notreached|immediate_crash|debug[\\/]\w{1,40})\.(?:cc|h)$|(?:^|[\\/])rustlib[\\/]|^linux-(?:gate|vdso)\.so|(?:^|[\\/])(?:__libc_start_main|libc-start)\.c$/;
/** Fuzzers' own loops, and the test frameworks that they run in. */
const FUZZERS =
  /[\\/](?:honggfuzz|googletest|fuzztest|libfuzzer-sys-[\d.]{1,20}|afl-[\d.]{1,20})[\\/]|(?:^|[\\/])Fuzzer(?:Main|Loop|Driver|Util\w{0,20}|Merge|Fork|IO\w{0,20}|Mutate|Trace\w{1,10})\.(?:cpp|h)$/;
const SYSTEM =
  /(?:^|[\\/])(?:libc|libpthread|libstdc\+\+|libc\+\+(?:abi)?|libgcc_s|libasan|libubsan|libtsan|liblsan|libclang_rt[\w.-]{0,40}|ld-linux[\w-]{0,20}|ld|vgpreload_[\w-]{1,40}|libdl|libm|libdyld|libsystem_\w{1,20}|ntdll(?:_[0-9a-f]{6,16})?|KERNEL32|kernel32|KERNELBASE|kernelbase|ucrtbase\w*|msvcrt|verifier|vrfcore)(?:-\d[\d.]*)?\.(?:so|dylib|dll|DLL)|(?:^|[\\/])(?:sysdeps|nptl|csu|compiler-rt|libsanitizer|vg_replace_\w{1,20})(?:[\\/]|\.c)|[\\/]include[\\/]c\+\+[\\/]|[\\/]bits[\\/](?:stl|std|basic|shared|alloc|move)[\w.]{1,40}|^\.\.\/(?:sysdeps|csu|nptl|stdlib|string|malloc|stdio-common|libio|debug|assert)\/|[\\/]glibc[\w.-]{0,40}[\\/]|sanitizer_common|(?:asan|ubsan|tsan|msan|lsan)_\w{1,40}\.(?:cc|cpp|inc)|[\\/](?:string|stdlib|malloc|assert|signal|debug)[\\/](?:\w{1,40})\.c$/;
