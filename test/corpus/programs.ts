/**
 * Small programs that really crash, one seeded fault each. `V` in a source is filled per variant:
 * PAD moves lines, CALLER is the name of the outermost caller, and the threaded variant starts the
 * same work from another thread, task or goroutine.
 */
export type Variant = { name: "folder" | "moved" | "renamed" | "async"; pad: number; caller: string; isAsync: boolean };

export const VARIANTS: readonly Variant[] = [
  { name: "folder", pad: 0, caller: "handle", isAsync: false },
  { name: "moved", pad: 17, caller: "handle", isAsync: false },
  { name: "renamed", pad: 3, caller: "processRequest", isAsync: false },
  { name: "async", pad: 0, caller: "handle", isAsync: true },
];

export type Language = {
  name: string;
  /** Binary that must be on the machine. */
  tool: string;
  file: string;
  comment: string;
  /** The seeded faults: what each one's innermost function does. */
  faults: Readonly<Record<string, string>>;
  /** The whole program; `faults` become functions `fault_<name>` called by `step_<name>`. */
  source(parts: {
    pad: string;
    caller: string;
    isAsync: boolean;
    faults: readonly (readonly [name: string, body: string])[];
  }): string;
  /** Command lines in the program's folder; the last one runs one fault, whose name is appended. */
  build?: readonly [string, ...string[]];
  run: readonly [string, ...string[]];
  env?: Readonly<Record<string, string>>;
};

const javascript: Language = {
  name: "javascript",
  tool: "node",
  file: "app.js",
  comment: "//",
  faults: {
    missing: "const cart = undefined; return cart.items;",
    parse: 'return JSON.parse("{x" + Date.now());',
    thrown: 'throw new RangeError("order " + Date.now() + " is too large");',
    deep: "return fault_deep() + 1;",
  },
  source: ({ pad, caller, isAsync, faults }) => `${pad}
${faults.map(([name, body]) => `function fault_${name}() { ${body} }\n${pad}\nfunction step_${name}() { return fault_${name}(); }`).join("\n")}
const steps = { ${faults.map(([name]) => `${name}: step_${name}`).join(", ")} };
function ${caller}(name) { return steps[name](); }
${isAsync ? `setTimeout(async () => { await null; ${caller}(process.argv[2]); }, 1);` : `${caller}(process.argv[2]);`}
`,
  run: ["node", "app.js"],
};

const python: Language = {
  name: "python",
  tool: "python3",
  file: "app.py",
  comment: "#",
  faults: {
    missing: "return None .items",
    key: "return {}[str(id(object()))]",
    chained:
      "\n    try:\n        int('x')\n    except ValueError as error:\n        raise RuntimeError('bad order') from error",
    deep: "return fault_deep() + 1",
  },
  source: ({ pad, caller, isAsync, faults }) => `import sys, asyncio
${pad}
${faults.map(([name, body]) => `def fault_${name}():\n    ${body}\n${pad}\ndef step_${name}():\n    return fault_${name}()\n`).join("\n")}
def ${caller}(name):
    return globals()['step_' + name]()
${isAsync ? `async def main():\n    await asyncio.sleep(0)\n    ${caller}(sys.argv[1])\nasyncio.run(main())` : `${caller}(sys.argv[1])`}
`,
  run: ["python3", "app.py"],
};

const perl: Language = {
  name: "perl",
  tool: "perl",
  file: "app.pl",
  comment: "#",
  faults: { died: 'confess("no order " . $$);', divided: "my $n = 0; return 1 / $n;" },
  source: ({ pad, caller, isAsync, faults }) => `use strict; use Carp qw(confess);
$SIG{__DIE__} = sub { confess(@_) };
${pad}
${faults.map(([name, body]) => `sub fault_${name} { ${body} }\n${pad}\nsub step_${name} { my $r = fault_${name}(); return $r; }`).join("\n")}
sub ${caller} { my ($name) = @_; no strict 'refs'; my $r = &{"step_$name"}(); return $r; }
${isAsync ? `my $pid = fork(); if ($pid == 0) { ${caller}($ARGV[0]); exit 0 } waitpid($pid, 0); exit 1;` : `${caller}($ARGV[0]);`}
`,
  run: ["perl", "app.pl"],
};

const c: Language = {
  name: "c",
  tool: "gcc",
  file: "app.c",
  comment: "//",
  faults: {
    overflow: "char *row = malloc(8); memset(row, 1, 8 + seed); int r = row[0]; free(row); return r;",
    freed: "char *row = malloc(8); free(row); return row[seed];",
    null: "int *row = seed ? 0 : &seed; return *row;",
    leap: "int big = 2147483647; __builtin_trap(); return big + seed;",
  },
  source: ({ pad, caller, isAsync, faults }) => `#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#define KEEP __attribute__((noinline))
static volatile int depth;
${pad}
${faults.map(([name, body]) => `KEEP int fault_${name}(int seed) { ${body} }\n${pad}\nKEEP int step_${name}(int seed) { int r = fault_${name}(seed); depth++; return r; }`).join("\n")}
KEEP int ${caller}(const char *name) {
  ${faults.map(([name]) => `if (!strcmp(name, "${name}")) { int r = step_${name}(1); depth++; return r; }`).join("\n  ")}
  return 0;
}
static void *work(void *name) { ${caller}(name); return 0; }
int main(int argc, char **argv) {
  ${isAsync ? "pthread_t t; pthread_create(&t, 0, work, argv[1]); pthread_join(t, 0);" : "work(argv[1]);"}
  return 0;
}
`,
  build: ["gcc", "-g", "-O0", "-w", "-pthread", "-fno-omit-frame-pointer", "-fsanitize=address", "app.c", "-o", "app"],
  run: ["./app"],
  env: { ASAN_OPTIONS: "handle_sigill=1:detect_leaks=0", UBSAN_OPTIONS: "print_stacktrace=1" },
};

const go: Language = {
  name: "go",
  tool: "go",
  file: "app.go",
  comment: "//",
  faults: {
    index: "rows := []int{1}; return rows[len(os.Args)+3]",
    nilmap: 'var rows map[string]int; rows["x"] = 1; return 0',
    thrown: 'panic(fmt.Errorf("order %d is too large", os.Getpid()))',
  },
  source: ({ pad, caller, isAsync, faults }) => `package main
import ("fmt"; "os"; "time")
${pad}
${faults.map(([name, body]) => `//go:noinline\nfunc fault_${name}() int { ${body} }\n${pad}\n//go:noinline\nfunc step_${name}() int { return fault_${name}() + 1 }`).join("\n")}
//go:noinline
func ${caller}(name string) {
  steps := map[string]func() int{${faults.map(([name]) => `"${name}": step_${name}`).join(", ")}}
  fmt.Println(steps[name]())
}
func main() {
  ${isAsync ? `go ${caller}(os.Args[1]); time.Sleep(5 * time.Second)` : `_ = time.Now; ${caller}(os.Args[1])`}
}
`,
  build: ["go", "build", "-o", "app", "app.go"],
  run: ["./app"],
  env: { GO111MODULE: "off", GOFLAGS: "" },
};

const rust: Language = {
  name: "rust",
  tool: "rustc",
  file: "app.rs",
  comment: "//",
  faults: {
    index: "let rows = vec![1usize]; rows[std::env::args().count() + 3]",
    unwrap: 'let n: Result<usize, _> = "x".parse::<usize>(); n.unwrap()',
    thrown: 'panic!("order {} is too large", std::process::id())',
  },
  source: ({ pad, caller, isAsync, faults }) => `${pad}
${faults.map(([name, body]) => `#[inline(never)]\nfn fault_${name}() -> usize { ${body} }\n${pad}\n#[inline(never)]\nfn step_${name}() -> usize { fault_${name}() + 1 }`).join("\n")}
#[inline(never)]
fn ${caller}(name: &str) -> usize {
  match name { ${faults.map(([name]) => `"${name}" => step_${name}() + 1`).join(", ")}, _ => 0 }
}
fn main() {
  let name = std::env::args().nth(1).unwrap();
  ${isAsync ? `if std::thread::spawn(move || ${caller}(&name)).join().is_err() { std::process::exit(101) }` : `println!("{}", ${caller}(&name));`}
}
`,
  build: ["rustc", "-g", "-C", "opt-level=0", "app.rs", "-o", "app"],
  run: ["./app"],
  env: { RUST_BACKTRACE: "1" },
};

const java: Language = {
  name: "java",
  tool: "javac",
  file: "App.java",
  comment: "//",
  faults: {
    missing: 'String name = System.getenv("NO_SUCH_NAME_AT_ALL"); return name.length();',
    index: "int[] rows = new int[1]; return rows[(int) (System.nanoTime() % 2) + 4];",
    chained:
      'try { return Integer.parseInt("x"); } catch (NumberFormatException e) { throw new IllegalStateException("bad order " + System.nanoTime(), e); }',
  },
  source: ({ pad, caller, isAsync, faults }) => `public class App {
${pad}
${faults.map(([name, body]) => `  static int fault_${name}() { ${body} }\n${pad}\n  static int step_${name}() { return fault_${name}() + 1; }`).join("\n")}
  static void ${caller}(String name) {
    ${faults.map(([name]) => `if (name.equals("${name}")) System.out.println(step_${name}());`).join("\n    ")}
  }
  public static void main(String[] args) throws Exception {
    ${isAsync ? `Thread t = new Thread(() -> ${caller}(args[0])); t.start(); t.join();` : `${caller}(args[0]);`}
  }
}
`,
  build: ["javac", "-g", "App.java"],
  run: ["java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "App"],
};

export const LANGUAGES: readonly Language[] = [javascript, python, perl, c, go, rust, java];
