import type { Frame } from "@prunella/contract";
import { isKernelMachinery } from "./kernel-noise.ts";
import { kernelBug, type KernelBug } from "./kernel-bug.ts";
import { readKernelTrace, type KernelTrace } from "./kernel-frames.ts";
import { stalledIn } from "./kernel-stall.ts";
import { errorValue, frame, type Found, type StackParser } from "./stack.ts";

/**
 * Reports of the Linux kernel (Documentation/admin-guide/bug-hunting) and panics of the BSDs. The
 * first report of a log counts: a kernel that went wrong once reports more and more. The class is
 * the kind of bug as syzbot names it, the deciding frame its crash function. `mechanism` is
 * "kernel", so that fingerprints know that these two are the key.
 */
export const kernel: StackParser = {
  language: "kernel",
  hints: [
    "BUG",
    "WARNING: ",
    "INFO: ",
    "general protection",
    "Oops",
    "panic",
    "ASSERT FAILED",
    "+0x",
    "UBSAN",
    "UBSan:",
    "divide error",
    "ASan: ",
    "unregister_netdevice",
    "uvm_fault",
  ],
  parse: parseKernel,
};

/** Lines of one report. */
const MAX_REPORT = 400;
/** A serial console's prompt, which the first line of a crash runs into. */
const PROMPT = /^(?:[\w.-]{1,40} )?login: (?:\[ {0,8}\d{1,8}\.\d{3,9}\](?:\[ {0,6}[TC]\d{1,7}\])? ?)?/;

/** Stands on some line of every trace and register dump; logs full of warnings without one are not read again and again. */
const TRACE_SIGN = /\+0x|race:|\b[ER]?IP\b|\bP[Cc]\b|\bpc\b|\bnip\b|^#\d|\) at |Stopped |\.(?:[chSs]c?|rs):\d/;

function parseKernel(printed: readonly string[]): Found | null {
  const lines = printed.map((line) => (line.includes("login: ") ? line.replace(PROMPT, "") : line));
  let sign = 0;
  for (let i = 0; i < lines.length; i++) {
    const bug = kernelBug(lines, i);
    if (bug === null) continue;
    if (!bug.certain) {
      while (sign < lines.length && (sign < i || !TRACE_SIGN.test(lines[sign]!))) sign++;
      if (sign >= Math.min(lines.length, i + MAX_REPORT)) continue;
    }
    const trace = readKernelTrace(lines.slice(i, i + MAX_REPORT));
    // Words like BUG or WARNING stand in other logs too; registers or a call trace make them a kernel's.
    if (!trace.certain && !bug.certain) continue;
    const crash = bug.function ?? chooseCrash(bug, trace);
    const frames = trace.frames.slice(0, 60).map((each) => frame({ ...each, in_app: false }));
    const at = frames.findIndex((each) => each.function === crash);
    const callers = at < 0 ? frames : frames.slice(at + 1);
    const own = at < trace.interrupt ? trace.interrupt - at - 1 : callers.length;
    // Callers stay for similarity; what stands above the crash function only reported it.
    for (const [k, each] of callers.entries())
      each.in_app = k >= own || isKernelMachinery(each.function ?? "") ? false : null;
    const chain = crash === null ? callers : [frame({ ...frames[at], function: crash, in_app: true }), ...callers];
    const said = bug.value ?? (crash === null ? bug.kind : null);
    return {
      errors: [{ ...errorValue(bug.kind, said, chain.reverse()), mechanism: "kernel" }],
      line: lines.length,
    };
  }
  return null;
}

function chooseCrash(bug: KernelBug, trace: KernelTrace): string | null {
  const { frames, interrupt } = trace;
  // Where a stack that grew too far is noticed is as much chance as where a stall is.
  const isStall = /stall|lockup|corrupted stack end/.test(bug.kind);
  if (isStall) {
    const found = stalledIn(frames, interrupt);
    if (found !== null) return found;
  }
  const pointer = bug.prefersStack || isStall ? null : trace.pointer;
  if (pointer !== null && !isKernelMachinery(pointer)) return pointer;
  return (
    firstOwn(frames.slice(0, interrupt)) ??
    (isStall ? firstOwn(frames) : null) ??
    trace.pointer ??
    bug.named ??
    firstOwn(frames)
  );
}

function firstOwn(frames: readonly Frame[]): string | null {
  return frames.find((each) => !isKernelMachinery(each.function ?? ""))?.function ?? null;
}
