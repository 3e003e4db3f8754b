import type { Frame } from "@prunella/contract";
import { demangled } from "./mangled.ts";
import { isNativeLibrary, isNativeMachinery } from "./native-noise.ts";
import { isRustMachinery } from "./rust.ts";
import { frame } from "./stack.ts";

/** The frame that every stack of these tools begins with. */
export function isFirst(line: string): boolean {
  return (
    /^\s{0,24}(?:\* )?(?:frame )?#0{1,2}(?:\.\d{1,4})?:?\s/.test(line) ||
    /^\s{1,8}at 0x[0-9A-Fa-f]{4,16}: /.test(line) ||
    /^ 0 {2}\S/.test(line)
  );
}

/** Also backtrace(3), glog and cdb, which do not count their frames. */
export function isStackStart(line: string): boolean {
  return (
    isFirst(line) ||
    (line.includes("[0x") && BACKTRACE.test(line)) ||
    AT_SIGN.test(line) ||
    (line.includes("!") && CDB.test(line))
  );
}

/** Frames that many other lines look like: only below a headline do they begin a stack. */
export function isPlainStackStart(line: string): boolean {
  return (
    (/^ {0,2}1: 0x/.test(line) && NODE.test(line)) ||
    (line.includes(" [0x") && CHROMIUM.test(line)) ||
    (/^0 {1,4}\S/.test(line) && APPLE.test(line))
  );
}

const NUMBERED =
  /^\s{0,24}(?:\* )?(?:frame )?#\d{1,6}(?:\.\d{1,4})?:? {1,8}(?:(?:0x)?[0-9a-fA-F]{1,18} (?:in |`)?|0x[0-9a-f]{1,18} )?(.*)$/;
const VALGRIND = /^\s{1,8}(?:at|by) 0x[0-9A-Fa-f]{4,16}: (.{1,1200}?) \((?:in (.{1,600}?)|([^()]{1,600}):(\d{1,9}))\)$/;
const BACKTRACE =
  /^\s{0,12}(?:\d{1,4}: )?([\w.+-]?[/\w.+-]{1,300})\(([\w@.~:<>,*& ()[\]-]{1,600}?)?\+?(?:0x[0-9a-f]{1,16})?\)\s?\[0x[0-9a-f]{1,16}\]$/;
/** glog: `    @     0x7f21aa01  name`; Abseil puts the frame's size between. */
const AT_SIGN = /^\s{1,8}@ {1,20}0x[0-9a-f]{1,16} (?: {1,20}\d{1,12}(?= ))? {0,4}(\S.{0,600})$/;
/** Android: `#01 pc 0001a2c4  /system/lib64/libc.so (abort+164)`. */
const TOMBSTONE =
  /^\s{1,12}#\d\d pc [0-9a-f]{8,16} {1,3}(\S{1,400})(?: \(offset 0x[0-9a-f]{1,16}\))?(?: \((.{1,600})\))?$/;
/** minidump_stackwalk: ` 1  app!name [file.cc : 41 + 0x8]`. */
const MINIDUMP =
  /^ ?\d{1,4} {2}([\w.+-]{1,200})!(.{1,800}?)(?: \[(\S{1,400}) : (\d{1,9}) \+ 0x[0-9a-f]{1,8}\]| \+ 0x[0-9a-f]{1,8})$/;

/** cdb: `002df7e4 00fd1423 app!walk+0x1e`, with arguments between colons or none; `00 (Inline) -------- app!walk+0x3 [c:\src\tree.c @ 17]`. */
const CDB =
  /^(?:[0-9a-f]{2,3} )?(?:[0-9a-f`]{8,17} {1,4}[0-9a-f`]{8,17}|\(Inline\) {1,4}-{8,17})(?: : [0-9a-f` ]{1,90} :|(?: [0-9a-f]{8}){0,4}) {1,8}([\w.-]{1,100})!(.{1,600}?)(?:\+0x[0-9a-f]{1,16})?(?: \[(.{1,400}) @ (\d{1,9})\])? ?$/;
/** Chromium: `name() [0x13d6753]`; on Windows `name [0x61C20814+20] (base\logging.cc:524)`. */
const CHROMIUM = /^\s{0,8}(\S.{0,600}?) \[0x[0-9A-Fa-f]{5,16}(?:\+\d{1,9})?\](?: \(([^()]{1,400}):(\d{1,9})\))?$/;
/** backtrace_symbols of macOS: `2   App Framework   0x000000010cbf477a name + 698`. */
const APPLE = /^\d{1,4} {1,4}(\S.{0,100}?) {1,60}0x[0-9a-f]{8,16} (\S.{0,600}?) \+ \d{1,12}$/;

/** Node's native trace: ` 3: 0x103d12 v8::f(int) [/usr/bin/node]`; whatever Node itself does is no one's own. */
const NODE = /^ {0,3}\d{1,3}: 0x[0-9a-f]{4,16} (\S.{0,800})? \[([^\]]{1,400})\](?:\[[^\]]{1,400}\])?$/;

/** One frame of any of these tools; null when it is none. */
export function readNativeFrame(line: string): Frame | null {
  const memcheck = VALGRIND.exec(line);
  if (memcheck !== null) return nativeFrame(memcheck[1]!, memcheck[2] ?? memcheck[3]!, memcheck[4]);
  if (line.includes(" pc ")) {
    const tombstone = TOMBSTONE.exec(line.replace(BUILD_ID, ""));
    if (tombstone !== null) {
      const name = tombstone[2]?.replace(/\+\d{1,12}$/, "");
      return name === undefined ? unnamed(line, tombstone[1]!) : nativeFrame(name, tombstone[1]!, undefined);
    }
  }
  const numbered = NUMBERED.exec(line);
  if (numbered !== null) return readNumbered(numbered[1]!);
  const node = line.includes(": 0x") ? NODE.exec(line) : null;
  if (node !== null) {
    const each = nativeFrame(node[1] ?? "??", node[2]!, undefined);
    return /(?:^|[\\/])node(?:js)?(?:\.exe)?$/.test(node[2]!) ? { ...each, in_app: false } : each;
  }
  if (line.includes("[0x")) {
    const glibc = BACKTRACE.exec(line);
    if (glibc !== null) return nativeFrame(glibc[2] ?? "??", glibc[1]!, undefined);
  }
  if (line.includes("@")) {
    const glog = AT_SIGN.exec(line);
    if (glog !== null) return nativeFrame(glog[1]!.replace(/^\(unknown\)(?: {2})?/, "") || "??", null, undefined);
  }
  if (line.includes("!")) {
    const minidump = MINIDUMP.exec(line);
    if (minidump !== null) return nativeFrame(minidump[2]!, minidump[3] ?? minidump[1]!, minidump[4]);
    const cdb = CDB.exec(line);
    if (cdb !== null) return nativeFrame(cdb[2]!, cdb[3] ?? `${cdb[1]}.dll`, cdb[4]);
  }
  if (line.includes(" [0x")) {
    const chromium = CHROMIUM.exec(line);
    if (chromium !== null) return nativeFrame(chromium[1]!, chromium[2] ?? null, chromium[3]);
  }
  const apple = line.includes(" + ") ? APPLE.exec(line) : null;
  return apple === null ? null : nativeFrame(apple[2]!, apple[1]!, undefined);
}

/** Own code without symbols is told by its place in its library, which is the same for one build. */
function unnamed(line: string, path: string): Frame {
  const library = /([^/\\]{1,100})$/.exec(path)?.[1] ?? path;
  const pc = / pc 0{0,16}([0-9a-f]{1,16}) /.exec(line)?.[1];
  const isSystems = /^\/(?:system|apex|vendor|product|odm)\//.test(path) || pc === undefined;
  return nativeFrame(isSystems ? "??" : `${library}!sub_${pc}`, path, undefined);
}

/** `SUMMARY: UndefinedBehaviorSanitizer: kind file.c:12:3 in name`. */
export function summaryFrame(line: string): Frame | null {
  const match = /^SUMMARY: \w{1,40}Sanitizer: .{1,80}? (\S{1,600}?):(\d{1,9})(?::\d{1,9})? in (\S.{0,600})$/.exec(line);
  return match === null ? null : nativeFrame(match[3]!.trim(), match[1]!, match[2]);
}

const FUCHSIA = / <<?[\w.+-]{0,100}>?>\+0x[0-9a-f]{1,16}$/;
const DISCRIMINATOR = / \(discriminator \d{1,9}\)$| \?\?:[?0]$/;
const LIBRARY = /^[\w.+-]{1,100}\.(?:so(?:\.\d{1,4}){0,4}|dylib|dll|exe|elf)$/;
const BUILD_ID = / \(BuildId: [0-9a-f]{1,64}\)$/;

function readNumbered(text: string): Frame | null {
  // Fuchsia: the module stands in angle brackets at the end.
  const rest = text.replace(BUILD_ID, "").replace(FUCHSIA, "").replace(DISCRIMINATOR, "");
  if (rest === "in" || rest === "<unknown>") return nativeFrame("??", null, undefined);
  if (LIBRARY.test(rest)) return nativeFrame("??", rest, undefined);
  // gdb: `name (a=1) at file.c:12`, `name () from /lib/x.so`
  const gdb = /^(.{1,600}?) \(.{0,1200}\)(?: at (.{1,600}?):(\d{1,9})| from (.{1,600}))?$/.exec(rest);
  if (gdb !== null && !/\+ ?0x[0-9a-f]{1,16}\)$/.test(rest) && !/\) const? ?\//.test(rest)) {
    if (gdb[2] !== undefined || gdb[4] !== undefined || rest.endsWith(")"))
      return nativeFrame(gdb[1]!, gdb[2] ?? gdb[4] ?? null, gdb[3]);
  }
  // lldb: `prog`name(args) + 12 at file.c:12:3 [opt]`
  const lldb =
    /^\S{1,300}`(.{1,600}?)(?: \+ \d{1,9})?(?: at ((?:[^\s:]|:(?=[A-Z]{2,20}\])){1,600}):(\d{1,9})(?::\d{1,9})?)?(?: \[[a-z]{3,12}\]){0,3}$/.exec(
      rest,
    );
  if (lldb !== null && !/`(?:anonymous|lambda)/.test(rest))
    return nativeFrame(lldb[1]!.replace(/\(\w{1,60}=.{0,400}\)$/, ""), lldb[2] ?? null, lldb[3]);
  if (rest.includes("[0x")) {
    const glibc = BACKTRACE.exec(rest);
    if (glibc !== null) return nativeFrame(glibc[2] ?? "??", glibc[1]!, undefined);
  }
  // systemd-coredump: `name (libc.so.6 + 0x3c18e)`, `n/a (app + 0x12)`
  const dumped = /^(.{1,600}) \(([^()\s]{1,300}) \+ 0x[0-9a-f]{1,16}\)$/.exec(rest);
  if (dumped !== null) return nativeFrame(dumped[1] === "n/a" ? "??" : dumped[1]!, dumped[2]!, undefined);
  // Sanitizers: `name file.c:12:3 (prog+0x12)`, `name file.c:12`, `name (prog+0x12)`
  const place = rest
    .replace(/:(?:x86_64h?|arm64e?|i386)(?=\+0x[0-9a-f]{1,16}\)$)/, "")
    .replace(/ \([^()]{1,600}\+0x[0-9a-f]{1,16}\)$/, "");
  const image =
    place.length === rest.length
      ? null
      : rest.slice(place.length + 2, rest.lastIndexOf("+")).replace(/:(?:x86_64h?|arm64e?|i386)$/, "");
  if (place === "" || /^\([^()]{1,600}\+0x[0-9a-f]{1,16}\)$/.test(place))
    return nativeFrame("??", image ?? place.replace(/^\(|\+0x.*$/g, ""), undefined);
  // A home's name was taken out of the path before it came here, and its placeholder has a colon.
  const source = /^(.{1,1200}) ((?:[A-Za-z]:)?(?:[^\s:]|:(?=[A-Z]{2,20}\])){1,600}):(\d{1,9})(?::(\d{1,9}))?$/.exec(
    place,
  );
  if (source !== null) return nativeFrame(source[1]!, source[2]!, source[3], source[4]);
  const bare =
    /^(.{1,1200}) (\/(?:[^\s:]|:(?=[A-Z]{2,20}\])){1,600}|<null>|[\w.+-]{1,200}\.(?:c|cc|cpp|cxx|h|m|mm|rs|S|o))$/.exec(
      place,
    );
  if (bare !== null) return nativeFrame(bare[1]!, bare[2] === "<null>" ? image : bare[2]!, undefined);
  if (image !== null || /^<signal handler called>$/.test(place)) return nativeFrame(place, image, undefined);
  if (/^\(<unknown module>\)$/.test(place)) return nativeFrame("??", null, undefined);
  return /^(?:[\w:~<>,*& .[\]()+-]{1,600}|_{0,2}[a-z]\w{1,100})$/.test(place) &&
    /^[A-Za-z_<(~]/.test(place) &&
    (place.includes("(") || /^\w+$/.test(place))
    ? nativeFrame(place, null, undefined)
    : null;
}

const NAMELESS = /^(?:\?{2,3}|<unknown>|\(No symbol\)|0x[0-9a-f`]{1,18})$/;

function nativeFrame(name: string, file: string | null, line: string | undefined, column?: string): Frame {
  const call = demangled(name.replace(/\+0x[0-9a-f]{1,16}$/, "").replace(/::h[0-9a-f]{16}$/, ""));
  const source = file === "??" || file === "" ? null : file;
  return frame({
    function: NAMELESS.test(call) ? null : call,
    filename: source,
    line: line === undefined ? null : Number(line),
    column: column === undefined ? null : Number(column),
    in_app:
      !isNativeMachinery(call) &&
      !isRustMachinery(call === "main" ? "" : call) &&
      (source === null || !isNativeLibrary(source)),
  });
}
