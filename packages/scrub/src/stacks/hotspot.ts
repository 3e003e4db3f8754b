import type { Frame } from "@prunella/contract";
import { isJvmMachinery } from "./java.ts";
import { isNativeLibrary, isNativeMachinery } from "./native-noise.ts";
import { errorValue, frame, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * The JVM's own end (Oracle, "Fatal Error Log"): on a console a head in `#` with the signal, or what
 * HotSpot found wrong, and the problematic frame; as `hs_err_pid…log` the same and the whole stack. The
 * problematic frame decides, because a console has no other. OpenJ9 tells module and method instead.
 */
export const hotspot: StackParser = {
  language: "java",
  hints: ["Java Runtime Environment", "J9Generic_Signal"],
  parse: parseHotspot,
};

const HEAD =
  /^#? {0,3}(?:A fatal error has been detected by|There is insufficient memory for) the Java Runtime Environment/;
const SIGNAL = /^# {1,4}((?:SIG|EXCEPTION_)[A-Z_]{2,40}) \(0x[0-9a-f]{1,9}\)/;
const INTERNAL = /^# {1,4}(Internal Error|Out of Memory Error) \(([^():]{1,200}):(\d{1,9})\)/;
const FRAME = /^(?:# )?([CVvJjA])  ?(\S.{0,800})$/;
const MAX_FRAMES = 60;

function parseHotspot(lines: readonly string[]): Found | null {
  let found: Found | null = null;
  for (let i = 0; i < lines.length; i++) {
    if (HEAD.test(lines[i]!)) {
      const read = readHead(lines, i);
      if (read !== null) found = { errors: [read], line: lines.length };
      break;
    }
    if (/^Unhandled exception$/.test(lines[i]!) && /^Type=.* vmState=/.test(lines[i + 1] ?? "")) {
      found = { errors: [readOpenJ9(lines, i + 1)], line: lines.length };
      break;
    }
  }
  return found;
}

function readHead(lines: readonly string[], from: number) {
  let type: string | null = lines[from]!.includes("insufficient memory") ? "Out of Memory Error" : null;
  let said: string | null = null;
  let place: Frame | null = null;
  let crashed: Frame | null = null;
  for (let i = from + 1; i < Math.min(lines.length, from + 60) && crashed === null; i++) {
    const line = lines[i]!;
    const signal = SIGNAL.exec(line);
    const internal = INTERNAL.exec(line);
    if (signal !== null) type ??= signal[1]!;
    else if (internal !== null) {
      type = internal[1]!;
      place = frame({ filename: internal[2]!, line: Number(internal[3]), in_app: true });
      said ??= orNull(/^# {1,4}(?!JRE version|Java VM)(\S.{0,600})$/.exec(lines[i + 1] ?? "")?.[1]);
    } else if (line.startsWith("# Native memory allocation ("))
      said = line.slice(2).replace(/ failed to .*$/, " failed");
    else if (line.startsWith("# Problematic frame:")) crashed = readFrame(lines[i + 1] ?? "");
    else if (/^-{5,}/.test(line)) break;
  }
  if (type === null) return null;
  const callers = readStack(lines, from);
  // What the machine itself does everywhere is nobody's; the first of its callers that is not speaks.
  const first = crashed ?? (place === null ? null : { ...place, function: said?.slice(0, 120) ?? null });
  const decides =
    crashed !== null && isLibrary(crashed) ? (callers.find((each) => !isLibrary(each)) ?? crashed) : first;
  const at = callers.findIndex((each) => each.function === decides?.function);
  const below = callers.slice(at + 1).map((each) => ({ ...each, in_app: false }));
  const frames = decides === null ? below : [{ ...decides, in_app: true }, ...below];
  const value = said ?? (crashed === null ? null : `in ${crashed.function ?? "?"}${inside(crashed)}`);
  return errorValue(type, value, frames.reverse());
}

function inside({ filename, function: name }: Frame): string {
  return filename === null || name?.startsWith(filename) ? "" : ` [${filename}]`;
}

function isLibrary({ function: name, filename }: Frame): boolean {
  return (name !== null && isNativeMachinery(name)) || (filename !== null && isNativeLibrary(filename));
}

/** `Native frames:` of the whole log, newest first. */
function readStack(lines: readonly string[], from: number): Frame[] {
  const at = lines.findIndex((line, i) => i > from && /^(?:Native|Java) frames: /.test(line));
  const frames: Frame[] = [];
  for (let i = at + 1; at >= 0 && i < lines.length && frames.length < MAX_FRAMES; i++) {
    const each = readFrame(lines[i]!);
    if (each === null) break;
    frames.push(each);
  }
  return frames;
}

/** `V  [libjvm.so+0xce71c9]  f(int)+0x159`, `J 312 c2 a.B.m(I)V (12 bytes) @ 0x…`, `j  a.B.m()V+3`, `v  ~Stub::f`. */
function readFrame(line: string): Frame | null {
  const match = FRAME.exec(line);
  if (match === null) return null;
  const [, kind, text] = match;
  const native =
    /^\[([^\]+]{1,300})\+0x([0-9a-f]{1,16})\](?: {1,4}(\S.{0,800}?))?(?:\+0x[0-9a-f]{1,16}|\+\d{1,9})?$/.exec(text!);
  if (native !== null) {
    const image = native[1]!.slice(Math.max(native[1]!.lastIndexOf("/"), native[1]!.lastIndexOf("\\")) + 1);
    // Without symbols the offset is all there is; it is the same for one build.
    const name = native[3] === undefined ? `${image}+${native[2]}` : native[3].replace(/ \[clone [^\]]{0,60}\]$/, "");
    return frame({ function: name, filename: image, in_app: false });
  }
  if (kind === "C" || kind === "V") return frame({ function: "unknown address", in_app: false });
  if (kind === "v") return frame({ function: text!.replace(/^~/, "").replace(/ .*$/, ""), in_app: false });
  const java = /^(?:\d{1,9}%? {1,3}(?:!?[a-z]{0,3} ?!? ?(?:c[12] )?)?)?((?:[\w$.]{1,300}\.)?[\w$<>]{1,200})\(/.exec(
    text!,
  );
  if (java === null) return null;
  const dot = java[1]!.lastIndexOf(".");
  const module = dot < 0 ? null : java[1]!.slice(0, dot);
  return frame({
    function: java[1]!.slice(dot + 1),
    module,
    in_app: module !== null && !isJvmMachinery(module),
  });
}

function readOpenJ9(lines: readonly string[], at: number) {
  const body = lines.slice(at, at + 60);
  const field = (name: string): string | null => {
    for (const line of body) {
      const at = ` ${line}`.indexOf(` ${name}=`);
      if (at >= 0) return line.slice(at + name.length + 1).trim();
    }
    return null;
  };
  const type = /^Type=(.{1,80}?) vmState=/.exec(body[0]!)?.[1] ?? "crash";
  const method = field("Method_being_compiled") ?? field("Compiled_method");
  const image = field("Module")?.replace(/^.*[\\/]/, "") ?? null;
  const name = method ?? field("Symbol") ?? image;
  const value = name === null ? null : `in ${name}${image === null || image === name ? "" : ` [${image}]`}`;
  return errorValue(type, value, name === null ? [] : [frame({ function: name, filename: image, in_app: true })]);
}
