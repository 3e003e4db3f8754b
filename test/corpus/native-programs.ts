/**
 * C++ faults for the tools that watch native code. Each fault is one function that never inlines, so
 * that every optimisation level has a frame for it; its name is the label: the first own frame.
 */
export type NativeFault = {
  /** Body of `long fault_<name>(long seed)`; `seed` is 1 and the compiler does not know it. */
  body: string;
  /** Which builds let it fail. */
  under: readonly NativeBuild["watch"][];
};

export type NativeBuild = {
  name: string;
  /** What looks on: a sanitizer, or a tool around the plain program. */
  watch: "asan" | "ubsan" | "tsan" | "lsan" | "gdb" | "gdb-full" | "valgrind";
  flags: readonly string[];
};

/** Optional on every machine. */
export const COMPILER = "g++";

export const NATIVE_FAULTS: Readonly<Record<string, NativeFault>> = {
  heap_read: {
    body: "long *row = new long[4]; long r = row[3 + seed]; keep(row); delete[] row; return r;",
    under: ["asan", "valgrind"],
  },
  heap_write: {
    body: "long *row = new long[4]; row[3 + seed] = 7; keep(row); delete[] row; return 0;",
    under: ["asan", "valgrind"],
  },
  copied: {
    body: "char *row = (char *)malloc(8); keep(row); memcpy(row, text, 8 + seed); keep(row); free(row); return 0;",
    under: ["asan", "valgrind"],
  },
  filled: {
    body: "char *row = (char *)malloc(8); keep(row); memset(row, 1, 8 + seed); keep(row); free(row); return 0;",
    under: ["asan", "valgrind"],
  },
  moved: { body: "char row[8]; keep(row); memmove(row, text, 8 + seed); keep(row); return row[0];", under: ["asan"] },
  measured: {
    body: "char *row = (char *)malloc(4); memset(row, 'a', 4); keep(row); long n = strlen(row); free(row); return n;",
    under: ["asan", "valgrind"],
  },
  compared: {
    body: "char *row = (char *)malloc(4); memset(row, 'a', 4); keep(row); long n = strcmp(row, \"aaaaaaa\"); free(row); return n;",
    under: ["asan"],
  },
  joined: { body: 'char row[8] = "abcd"; keep(row); strcat(row, text); keep(row); return row[0];', under: ["asan"] },
  printed: {
    body: 'char row[4]; keep(row); sprintf(row, "%ld %s", seed, text); keep(row); return row[0];',
    under: ["asan"],
  },
  scanned: { body: 'char row[4]; keep(row); sscanf(text, "%s", row); keep(row); return row[0];', under: ["asan"] },
  parsed: {
    body: "char *row = (char *)malloc(2); row[0] = '1'; row[1] = '2'; keep(row); long n = atol(row); free(row); return n;",
    under: ["asan"],
  },
  freed_read: {
    body: "long *row = (long *)malloc(32); keep(row); free(row); return row[seed];",
    under: ["asan", "valgrind"],
  },
  freed_new: {
    body: "Row *row = new Row(); keep(row); delete row; return row->size + seed;",
    under: ["asan", "valgrind"],
  },
  freed_twice: {
    body: "long *row = (long *)malloc(32); keep(row); free(row); keep(row); free(row); return seed;",
    under: ["asan", "valgrind", "gdb", "gdb-full"],
  },
  freed_wrong: {
    body: "long *row = (long *)malloc(32); keep(row); free(row + seed); return seed;",
    under: ["asan", "valgrind", "gdb"],
  },
  mismatched: { body: "long *row = new long[4]; keep(row); free(row); return seed;", under: ["asan", "valgrind"] },
  stack_read: { body: "long row[4] = {1}; keep(row); return row[3 + seed];", under: ["asan"] },
  returned: { body: "long *row = local(seed); keep(row); return row[0];", under: ["asan"] },
  global_read: { body: "keep(table); return table[7 + seed];", under: ["asan"] },
  vector_at: { body: "std::vector<long> rows(3); keep(&rows); return rows.at(2 + seed);", under: ["gdb", "gdb-full"] },
  vector_index: { body: "std::vector<long> rows(3); keep(&rows); return rows[2 + seed];", under: ["asan", "valgrind"] },
  string_kept: {
    body: 'const char *said; { std::string s("a rather long text that is on the heap " + std::to_string(seed)); keep(&s); said = s.c_str(); } return said[seed];',
    under: ["asan", "valgrind"],
  },
  map_at: { body: "std::map<long, long> m; keep(&m); return m.at(seed);", under: ["gdb"] },
  shared: {
    body: "auto p = std::make_shared<Row>(); Row *raw = p.get(); keep(raw); p.reset(); return raw->size + seed;",
    under: ["asan", "valgrind"],
  },
  null_read: {
    body: "Row *row = nothing(); return row->size;",
    under: ["asan", "gdb", "gdb-full", "valgrind", "tsan"],
  },
  null_length: { body: "return strlen((const char *)nothing()) + seed;", under: ["asan", "gdb", "valgrind"] },
  wild: { body: "long *row = (long *)(0x123456789abcL * seed); return *row;", under: ["asan", "gdb"] },
  deep: { body: "char row[256]; keep(row); return fault_deep(seed + 1) + row[0];", under: ["asan"] },
  huge: { body: "char *row = (char *)malloc((size_t)-4096 * seed); keep(row); return row == 0;", under: ["asan"] },
  huge_new: { body: "char *row = new char[(size_t)1 << (46 + seed)]; keep(row); return row == 0;", under: ["asan"] },
  aborted: { body: "if (seed) abort(); return 0;", under: ["gdb", "gdb-full"] },
  asserted: { body: "assert(seed == 0); return 0;", under: ["gdb", "gdb-full"] },
  thrown: { body: 'if (seed) throw std::runtime_error("order is too large"); return 0;', under: ["gdb"] },
  smashed: {
    body: "char row[8]; keep(row); char *p = row; for (long i = 0; i < 64 * seed; i++) p[i] = 'a'; keep(row); return row[0];",
    under: ["asan"],
  },
  trapped: { body: "if (seed) __builtin_trap(); return 0;", under: ["gdb"] },
  divided: { body: "long zero = seed - 1; keep(&zero); return 7 / zero;", under: ["asan", "gdb", "ubsan"] },
  leaked: {
    body: "char *row = (char *)malloc(40 + seed); row[0] = 1; keep(row); row = 0; return seed;",
    under: ["lsan"],
  },
  leaked_new: { body: "Row *row = new Row(); keep(row); row = 0; return seed;", under: ["lsan"] },
  leaked_copy: { body: "char *row = strdup(text); keep(row); row = 0; return seed;", under: ["lsan"] },
  leaked_text: { body: "auto *s = new std::string(200, 'a'); keep(s); s = 0; return seed;", under: ["lsan"] },
  summed: { body: "int big = 2147483647; keep(&big); return big + (int)seed;", under: ["ubsan"] },
  shifted: { body: "int by = 40; keep(&by); return (int)seed << by;", under: ["ubsan"] },
  bounded: { body: "int at = 9; keep(&at); int row[4] = {1}; keep(row); return row[at];", under: ["ubsan"] },
  unaligned: { body: "char row[16] = {0}; keep(row); return *(long *)(row + 1) + seed;", under: ["ubsan"] },
  nonnull: {
    body: "memcpy(nothing(), text, 0); Row *row = nothing(); keep(row); return seed + row->size;",
    under: ["ubsan"],
  },
  locked: {
    body: "pthread_mutex_t m; memset(&m, 0, sizeof m); pthread_mutex_init(&m, 0); pthread_mutex_destroy(&m); pthread_mutex_lock(&m); return seed;",
    under: ["tsan"],
  },
  unlocked: {
    body: "static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER; pthread_mutex_unlock(&m); return seed;",
    under: ["tsan"],
  },
  used: {
    body: "int *row = (int *)malloc(16); keep(row); if (row[seed] == 7) counter++; free(row); return counter;",
    under: ["valgrind"],
  },
};

const SANITIZED = ["-fno-omit-frame-pointer", "-pthread", "-w"];

export const NATIVE_BUILDS: readonly NativeBuild[] = [
  { name: "asan-O0", watch: "asan", flags: ["-g", "-O0", "-fsanitize=address", ...SANITIZED] },
  { name: "asan-O1", watch: "asan", flags: ["-g", "-O1", "-fsanitize=address", ...SANITIZED] },
  { name: "asan-O2", watch: "asan", flags: ["-g", "-O2", "-fsanitize=address", ...SANITIZED] },
  { name: "asan-bare", watch: "asan", flags: ["-O1", "-rdynamic", "-fsanitize=address", ...SANITIZED] },
  { name: "asan-static", watch: "asan", flags: ["-g", "-O1", "-fsanitize=address", "-static-libasan", ...SANITIZED] },
  { name: "ubsan-O0", watch: "ubsan", flags: ["-g", "-O0", "-fsanitize=undefined", ...SANITIZED] },
  { name: "ubsan-O2", watch: "ubsan", flags: ["-g", "-O2", "-fsanitize=undefined", ...SANITIZED] },
  { name: "lsan", watch: "lsan", flags: ["-g", "-O1", "-fsanitize=leak", ...SANITIZED] },
  { name: "tsan", watch: "tsan", flags: ["-g", "-O1", "-fsanitize=thread", ...SANITIZED] },
  { name: "gdb-O0", watch: "gdb", flags: ["-g", "-O0", ...SANITIZED] },
  { name: "gdb-O2", watch: "gdb", flags: ["-g", "-O2", ...SANITIZED] },
  { name: "gdb-bare", watch: "gdb", flags: ["-O1", ...SANITIZED] },
  { name: "gdb-full", watch: "gdb-full", flags: ["-g", "-O1", ...SANITIZED] },
  { name: "valgrind", watch: "valgrind", flags: ["-g", "-O1", ...SANITIZED] },
];

/** The whole program; its one argument names the fault. */
export function nativeSource(): string {
  const faults = Object.entries(NATIVE_FAULTS);
  return `#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <pthread.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
#define KEEP __attribute__((noinline))
struct Row { long size = 3; char name[16] = {0}; };
static volatile long counter;
static const char *text = "abcdefghijklmnopqrstuvw";
static long table[8] = {1};
static void keep(void *p) { asm volatile("" : : "r"(p) : "memory"); }
KEEP Row *nothing() { Row *none = nullptr; keep(&none); return none; }
KEEP long *local(long seed) { long row[4] = {seed}; long *p = row; keep(p); asm volatile("" : "+r"(p)); return p; }
KEEP int order(const void *a, const void *b) { return *(const long *)a > *(const long *)b; }
KEEP void rival() { for (int i = 0; i < 100000; i++) counter++; }
${faults.map(([name, { body }]) => `KEEP long fault_${name}(long seed) { ${body} }\nKEEP long step_${name}(long seed) { long r = fault_${name}(seed); counter = counter + r; return r; }`).join("\n")}
int main(int argc, char **argv) {
  const std::string name = argv[1];
  volatile long seed = argc - 1;
  ${faults.map(([name]) => `if (name == "${name}") return (int)step_${name}(seed);`).join("\n  ")}
  return 0;
}
`;
}
