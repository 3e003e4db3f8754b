import type { Frame } from "@prunella/contract";
import { isInterrupt, isKernelMachinery } from "./kernel-noise.ts";
import { frame } from "./stack.ts";

/** What a kernel report's trace says. */
export type KernelTrace = {
  /** Newest first. */
  frames: Frame[];
  /** How many of them ran in an interrupt; whatever it came upon stands behind and is chance. */
  interrupt: number;
  pointer: string | null;
  /** Registers or a trace, so that it is a kernel's report. */
  certain: boolean;
};

const MAX_FRAMES = 80;

const CALL =
  /^\s{0,40}(?:<\/?[#A-Z]{2,9}> {1,3})?(?:\[[0-9a-f]{8,16}\] )?\(?(?:\[[0-9a-f]{8,16}\] |\[<[0-9a-f]{4,16}>\] {0,3})?(\? )?([A-Za-z_][\w.$]{0,200}?)(?:\.(?:isra|constprop|part|cold|llvm)[\w.]{0,60})?(\+0x[0-9a-f]{1,8}\/0x[0-9a-f]{1,8})?(?: \[\w{1,60}(?: [\w.-]{1,80})?\])?(?: \(?([\w./-]{1,300}\.(?:[chSs]|cc|rs)):(\d{1,9})\)?)?( \[inline\])?(?: \(discriminator \d{1,4}\))?( \((?:unreliable|[A-Z]{1,3})\))?\)?\s{0,4}$/;
/** 32-bit ARM names a function and its caller on each line. */
const ARM_CALL =
  /^\s{0,4}(?:\[<[0-9a-f]{4,16}>\] \(([A-Za-z_][\w.$]{0,200})\)|([A-Za-z_][\w.$]{0,200})) from (?:\[<[0-9a-f]{4,16}>\] \()?([A-Za-z_][\w.$]{0,200})\+0x[0-9a-f]{1,8}/;
const POINTER =
  /(?:\b[ER]?IP: (?:[0-9a-f]{4}:)?(?:\[<[0-9a-f]{4,16}>\] {0,3}(?:\[<[0-9a-f]{4,16}>\] )?)?|^\s{0,8}(?:pc|epc) ?: {1,3}|PC is at |^NIP \[[0-9a-f]{4,16}\] |^\$?epc\s{0,3}: [0-9a-f]{4,16} |pc : \[<[0-9a-f]{4,16}>\] {1,8}|\bnip: )(?:__ll_sc_|__lse_)?([A-Za-z_][\w$]{0,200})(?:\.[\w.]{1,60})?(?:\+0x[0-9a-f]{1,8}\/0x[0-9a-f]{1,8}| [\w./-]{1,300}:\d{1,9})/;
/** `f(1,2) at f+0x3`, which OpenBSD's console may cut after 80 columns; `#3 0xffff at f+0x3`; `Stopped at f+0x3:`. */
const BSD_CALL =
  /^(?:#\d{1,4} {1,3}(?:0x[0-9a-f]{4,16} (?:at|in) )?([A-Za-z_]\w{0,200})(?:(?:\.[\w.]{0,60})?\+0x[0-9a-f]{1,8}|\(| \(| <netbsd>$)|([A-Za-z_?]\w{0,200})(?:\.[\w.]{0,60})?\((?:[^()]{0,600}\) at (?!0x)(?:netbsd:)?[\w.]{1,200}(?:\+0x[0-9a-f]{1,8}.*)?|[0-9a-f,]{4,600}\)(?: a)?)$)/;
const STOPPED = /^Stopped (?:in pid .{1,80}? )?at {1,12}(?:netbsd:)?([A-Za-z_]\w{0,200})(?:\+0x[0-9a-f]{1,8})?:/;
/** Where a fault entered the kernel's own code; above it stands who reported it. */
const BSD_TRAP = /^(?:alltraps\w*|calltrap|kerntrap|trap)$/;
const SUFFIX = /\.(?:isra|constprop|part|cold|llvm)[\w.]{0,60}$/;

/** From here on a report says nothing more of its crash, once it has frames. */
const END =
  /^(?:(?:KASAN: )?(?:[Aa]llocated|[Ff]reed)(?: (?:by|at)\b|:)|Object at |The buggy address|Memory state|---\[ end|Uninit was|Showing all locks|Last potentially|Local variable|Second to last|Kernel Offset|Kernel panic - |end of kernel|end trace frame|page last free |cpu\d{1,3}: End traceback|--- syscall)/;
const PAUSE = /^(?:Modules linked in|Code: |irq event stamp|===)/;
/** Another trace begins. */
const NEXT =
  /^(?:Call [Tt]race:|Backtrace:|BUG: |NMI backtrace for |Sending NMI |INFO: task|task:|d?db(?:\{\d{1,3}\})?> )/;
/** Traces that tell of something else, and what ends them: who only waited, the memory long before, the lock's story. */
const FOREIGN: readonly (readonly [begin: RegExp, end: RegExp])[] = [
  [/grace-period kthread stack dump/, /^(?:NMI backtrace for |CPU: \d|Task dump for |rcu: Stack dump )/],
  [
    /^(?:KASAN: )?(?:[Aa]llocated|[Ff]reed)(?: (?:by|at)\b|:)/,
    /^(?:NMI backtrace for |CPU: \d|(?:KASAN: )?call trace:)/,
  ],
  [
    /^the existing dependency chain|state was registered at:$/,
    /^(?:Call [Tt]race:|Backtrace:|stack backtrace:|other info )/,
  ],
];

/** Reads the trace that decides. Frames that the unwinder doubts (`? f+0x1/0x2`) count only where there are no others. */
export function readKernelTrace(body: readonly string[]): KernelTrace {
  const frames: Frame[] = [];
  const doubted: Frame[] = [];
  let pointer: string | null = null;
  let certain = false;
  let hasOwn = false;
  let foreign: RegExp | null = null;
  let interrupt: number | null = null;
  /** Frames that go when others follow them. */
  let trapped = 0;

  const push = (name: string, filename: string | null = null, line: number | null = null): void => {
    if (trapped > 0 && !BSD_TRAP.test(name)) {
      frames.splice(0, trapped);
      trapped = 0;
      hasOwn = false;
    }
    frames.push(frame({ function: name, filename, line }));
    hasOwn ||= !isKernelMachinery(name);
    if (interrupt === null && isInterrupt(name)) interrupt = frames.length;
  };

  for (let i = 0; i < body.length && frames.length < MAX_FRAMES; i++) {
    const line = body[i]!;
    // One frame of someone else follows.
    if (line.startsWith("Preemption disabled at:")) {
      i++;
      continue;
    }
    if (/Call [Tt]race:|Backtrace:|backtrace( \(crc|:)/.test(line)) certain = true;
    if (i > 0) {
      const bare = line.trimStart();
      if (foreign === null) foreign = FOREIGN.find(([begin]) => begin.test(bare))?.[1] ?? null;
      else if (foreign.test(bare)) foreign = null;
      if (frames.length > 0 && END.test(bare)) break;
      if (frames.length > 3 && PAUSE.test(bare)) break;
      if (hasOwn && (foreign !== null || NEXT.test(bare))) break;
    }
    if (foreign !== null) continue;
    if (frames.length > 0 && interrupt === null && /<\/IRQ>|<EOI>/.test(line)) interrupt = frames.length;
    if (pointer === null && /[IN]P|pc|PC/.test(line) && !line.endsWith("[inline]")) {
      pointer = POINTER.exec(line)?.[1] ?? /^KASAN: pc: ([A-Za-z_]\w{0,200})\+0x/.exec(line)?.[1] ?? null;
      if (pointer !== null) certain = true;
    }
    const call = line.includes("+0x") || /\.[chSs](?:c)?:\d|\.rs:\d/.test(line) ? CALL.exec(line) : null;
    if (call !== null && (call[3] !== undefined || call[4] !== undefined)) {
      // What was inlined shows only where someone decoded the report, and a key must not depend on that.
      if (call[6] !== undefined) continue;
      if (call[1] === undefined) push(call[2]!, call[4] ?? null, call[5] === undefined ? null : Number(call[5]));
      else if (doubted.length < MAX_FRAMES) doubted.push(frame({ function: call[2]! }));
      continue;
    }
    const arm = line.includes(" from ") ? ARM_CALL.exec(line) : null;
    if (arm !== null) {
      const callee = (arm[1] ?? arm[2]!).replace(SUFFIX, "");
      if (frames.at(-1)?.function !== callee) push(callee);
      push(arm[3]!.replace(SUFFIX, ""));
      continue;
    }
    const bsd = BSD_CALL.exec(line);
    const name = bsd?.[1] ?? bsd?.[2] ?? (frames.length === 0 ? STOPPED.exec(line)?.[1] : undefined);
    if (name === undefined || name === "?") continue;
    certain = true;
    push(name);
    // Below the trap of a program's own fault nothing follows, and what stands above it is the kernel's.
    if (BSD_TRAP.test(name)) trapped = frames.length;
  }
  certain ||= frames.length > 1;
  if (frames.length === 0) return { frames: doubted, interrupt: doubted.length, pointer, certain };
  return { frames, interrupt: interrupt ?? frames.length, pointer, certain };
}
