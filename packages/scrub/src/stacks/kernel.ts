import type { Frame } from "@prunella/contract";
import { isKernelMachinery } from "./kernel-noise.ts";
import { kernelBug } from "./kernel-bug.ts";
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
    "+0x",
    "UBSAN",
    "UBSan:",
    "divide error",
    "ASan: ",
    "unregister_netdevice",
  ],
  parse: parseKernel,
};

/** Lines of one report. */
const MAX_REPORT = 400;

function parseKernel(lines: readonly string[]): Found | null {
  for (let i = 0; i < lines.length; i++) {
    const bug = kernelBug(lines, i);
    if (bug === null) continue;
    const body = lines.slice(i, i + MAX_REPORT);
    const read = readFrames(body);
    // Words like BUG or WARNING stand in other logs too; registers or a call trace make them a kernel's.
    if (!read.certain && !bug.certain) continue;
    const crash = bug.function ?? chooseCrash(bug.kind, bug.prefersStack ? null : read.pointer, read.frames);
    const frames = read.frames.slice(0, 60).map((each) => frame({ ...each, in_app: false }));
    const at = frames.findIndex((each) => each.function === crash);
    const callers = at < 0 ? frames : frames.slice(at + 1);
    // Callers stay for similarity; what stands above the crash function only reported it.
    for (const each of callers) each.in_app = isKernelMachinery(each.function ?? "") ? false : null;
    const chain = crash === null ? callers : [frame({ ...frames[at], function: crash, in_app: true }), ...callers];
    const error = { ...errorValue(bug.kind, bug.value, chain.reverse()), mechanism: "kernel" };
    return { errors: [error], line: lines.length };
  }
  return null;
}

const CALL =
  /^\s{0,40}(?:\[[0-9a-f]{8,16}\] )?\(?(?:\[[0-9a-f]{8,16}\] |\[<[0-9a-f]{4,16}>\] {0,3}(?:\([^()]{1,120}\) from \[<[0-9a-f]{4,16}>\] )?)?(\? )?([A-Za-z_][\w.$]{0,200}?)(?:\.(?:isra|constprop|part|cold|llvm)[\w.]{0,60})?(\+0x[0-9a-f]{1,8}\/0x[0-9a-f]{1,8})?(?: \[\w{1,60}(?: [\w.-]{1,80})?\])?(?: \(?([\w./-]{1,300}\.(?:[chSs]|cc|rs)):(\d{1,9})\)?)?( \[inline\])?(?: \(discriminator \d{1,4}\))?( \((?:unreliable|[A-Z]{1,3})\))?\)?\s{0,4}$/;
const POINTER =
  /(?:\b[ER]?IP: (?:[0-9a-f]{4}:)?(?:\[<[0-9a-f]{4,16}>\] {0,3}(?:\[<[0-9a-f]{4,16}>\] )?)?|^\s{0,8}(?:pc|epc) ?: {1,3}|PC is at |^NIP \[[0-9a-f]{4,16}\] |^\$?epc\s{0,3}: [0-9a-f]{4,16} |pc : \[<[0-9a-f]{4,16}>\] {1,8}|\bnip: )(?:__ll_sc_|__lse_)?([A-Za-z_][\w$]{0,200})(?:\.[\w.]{1,60})?(?:\+0x[0-9a-f]{1,8}\/0x[0-9a-f]{1,8}| [\w./-]{1,300}:\d{1,9})/;
const BSD_CALL =
  /^(?:#\d{1,4} {1,3}(?:0x[0-9a-f]{4,16} (?:at|in) )?([A-Za-z_]\w{0,200})(?:\+0x[0-9a-f]{1,8}|\(| \(| <netbsd>$)|([A-Za-z_?][\w.]{0,200})\([^()]{0,600}\) at (?:netbsd:)?\w{1,200}(?:\+0x[0-9a-f]{1,8}.*)?$|Stopped at {1,12}(?:netbsd:)?([A-Za-z_]\w{0,200})(?:\+0x[0-9a-f]{1,8})?:|\[ ?\d{0,12}\.?\d{0,12}\] )/;

type Read = { frames: Frame[]; pointer: string | null; certain: boolean };

/** Newest first, the unreliable ones (`? f+0x1/0x2`) left out; until the report's own end. */
function readFrames(body: readonly string[]): Read {
  const frames: Frame[] = [];
  let pointer: string | null = null;
  let certain = false;
  let inTrace = false;
  for (let i = 0; i < body.length; i++) {
    const line = body[i]!;
    // One frame of someone else follows.
    if (line.startsWith("Preemption disabled at:")) {
      i++;
      continue;
    }
    if (/Call [Tt]race:|Backtrace:|backtrace( \(crc|:)/.test(line)) certain = true;
    if (pointer === null && /[IN]P|pc|PC/.test(line)) {
      pointer = POINTER.exec(line)?.[1] ?? null;
      if (pointer !== null) certain = true;
    }
    // Stacks of allocation and of freeing, of the other CPU, and the next report say nothing of this crash.
    if (
      frames.length > 0 &&
      i > 0 &&
      /^(?:Allocated by|Freed by|The buggy address|Memory state|---\[ end|Uninit was|Showing all locks|the existing dependency|Last potentially|Code: |irq event stamp|Local variable|Second to last|Modules linked in|===|Kernel Offset)/.test(
        line.trim(),
      )
    ) {
      if (!/^(?:Modules|Code|irq event|===)/.test(line.trim()) || frames.length > 3) break;
    }
    const call = line.includes("+0x") || /\.[chSs](?:c)?:\d|\.rs:\d/.test(line) ? CALL.exec(line) : null;
    if (call !== null && (call[3] !== undefined || call[4] !== undefined)) {
      inTrace = true;
      if (call[1] !== undefined) continue;
      frames.push(
        frame({ function: call[2]!, filename: call[4] ?? null, line: call[5] === undefined ? null : Number(call[5]) }),
      );
      continue;
    }
    const bsd = BSD_CALL.exec(line);
    const name = bsd?.[1] ?? bsd?.[2] ?? bsd?.[3];
    if (name !== undefined && name !== "?") {
      certain = true;
      inTrace = true;
      frames.push(frame({ function: name }));
    } else if (inTrace && /^(?:syz-executor|CPU: |INFO: task|NMI backtrace for)/.test(line) && frames.length > 8) break;
    if (frames.length >= 80) break;
  }
  return { frames, pointer, certain: certain || frames.length > 1 };
}

/** Functions at which a stall can be told apart; what runs in them at that moment is chance. */
const STALL_ANCHOR =
  /^(?:(?:__)?(?:do_|se_|x64_|ia32_|__ia32_|__x64_|compat_)*sys_\w+|\w+_(?:ioctl|sendmsg|recvmsg|write_iter|read_iter|setsockopt|getsockopt|poll|open|release|fallocate|mmap|fault)|netif_receive_skb\w*|worker_thread|process_one_work|kthread|do_idle|run_ksoftirqd|call_timer_fn|exit_to_user\w*|vfs_\w+|do_(?:exit|group_exit|iter_\w+|writepages|mount|execve\w*|fault|splice\w*|sendfile)|security_\w+)$/;

function chooseCrash(kind: string, pointer: string | null, frames: readonly Frame[]): string | null {
  if (/stall|lockup/.test(kind)) {
    const anchor = frames.find((each) => STALL_ANCHOR.test(each.function ?? ""));
    if (anchor !== undefined) return anchor.function;
  }
  if (pointer !== null && !isKernelMachinery(pointer) && !/stall|lockup|hung/.test(kind))
    return inlinedInto(pointer, frames);
  return frames.find((each) => !isKernelMachinery(each.function ?? ""))?.function ?? pointer;
}

/** The pointer's symbol holds inlined functions; when the trace lists them above it, the innermost own one is at fault. */
function inlinedInto(pointer: string, frames: readonly Frame[]): string {
  const at = frames.findIndex((each) => each.function === pointer);
  if (at <= 0) return pointer;
  return frames.slice(0, at).find((each) => !isKernelMachinery(each.function ?? ""))?.function ?? pointer;
}
