import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { COMPILER, NATIVE_BUILDS, NATIVE_FAULTS, nativeSource, type NativeBuild } from "./native-programs.ts";

/** `crash` is the name of the first own function in the report. */
type NativeReport = { id: string; crash: string; text: string };

const BUILD_TIMEOUT_MS = 120_000;
const RUN_TIMEOUT_MS = 20_000;
const OPTIONS = {
  ASAN_OPTIONS: "detect_leaks=0:handle_sigill=1:detect_stack_use_after_return=1:allocator_may_return_null=0",
  UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1",
  TSAN_OPTIONS: "halt_on_error=1",
};

/** Builds the program once for each way and lets every fault fail; a fault that stays silent there is left out. */
export function generateNative(builds: readonly NativeBuild[] = NATIVE_BUILDS): {
  reports: NativeReport[];
  left: string[];
} {
  const root = mkdtempSync(join(tmpdir(), "prunella-native-"));
  const reports: NativeReport[] = [];
  const left: string[] = [];
  try {
    for (const build of builds) {
      const folder = join(root, build.name);
      mkdirSync(folder);
      writeFileSync(join(folder, "app.cc"), nativeSource());
      const built = spawnSync(COMPILER, [...build.flags, "app.cc", "-o", "app"], {
        cwd: folder,
        encoding: "utf8",
        timeout: BUILD_TIMEOUT_MS,
      });
      if (built.status !== 0) {
        left.push(`${build.name}: ${built.error?.message ?? built.stderr.slice(0, 200)}`);
        continue;
      }
      for (const [name, { under }] of Object.entries(NATIVE_FAULTS)) {
        if (!under.includes(build.watch)) continue;
        const [runner, ...given] = commandOf(build.watch);
        const ran = spawnSync(runner, [...given, name], {
          cwd: folder,
          encoding: "utf8",
          timeout: RUN_TIMEOUT_MS,
          maxBuffer: 1 << 22,
          env: { ...process.env, ...OPTIONS },
        });
        const text = build.watch.startsWith("gdb") ? `${ran.stderr ?? ""}${ran.stdout ?? ""}` : (ran.stderr ?? "");
        if (text.includes(`fault_${name}`)) reports.push({ id: `${build.name} ${name}`, crash: `fault_${name}`, text });
        else left.push(`${build.name} ${name}: no report`);
      }
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return { reports, left };
}

function commandOf(watch: NativeBuild["watch"]): readonly [string, ...string[]] {
  if (watch === "valgrind") return ["valgrind", "./app"];
  if (watch === "gdb") return ["gdb", "-batch", "-ex", "run", "-ex", "bt", "--args", "./app"];
  if (watch === "gdb-full")
    return ["gdb", "-batch", "-ex", "run", "-ex", "thread apply all bt full", "--args", "./app"];
  return ["./app"];
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { reports, left } = generateNative();
  for (const each of reports) console.log(JSON.stringify(each));
  for (const each of left) console.error(`left out: ${each}`);
}
