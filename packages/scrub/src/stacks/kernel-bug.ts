import { isKernelMachinery } from "./kernel-noise.ts";

/** What a headline says: the kind as syzbot names it, and the function where the headline itself names it. */
export type KernelBug = {
  kind: string;
  function: string | null;
  /** The function as the headline has it, where it only helped: better than none. */
  named: string | null;
  value: string | null;
  /** Says enough to be believed without registers or a call trace. */
  certain: boolean;
  /** The pointer stands in the code that reports, so only the call trace counts. */
  prefersStack: boolean;
};

const SYMBOL = "([A-Za-z_][\\w$]{0,200})(?:\\.[\\w.]{1,60})?";
const LOOK_AHEAD = 30;

/** The bug that starts at this line; null when none does. Every line is tried, so a cheap look comes first. */
export function kernelBug(lines: readonly string[], from: number): KernelBug | null {
  if (!HEADLINE.test(lines[from]!)) return null;
  // A decoded headline is written once for each inlined function, and last for the symbol that all reports have.
  let at = from;
  while (at < from + 8 && lines[at]!.endsWith("[inline]") && HEADLINE.test(lines[at + 1] ?? "")) at++;
  const line = lines[at]!;
  return (
    sanitizer(lines, at, line) ??
    locking(lines, at, line) ??
    waiting(line) ??
    warning(line) ??
    fault(lines, at, line) ??
    rest(lines, at, line)
  );
}

const HEADLINE =
  /BUG\b|WARNING: |INFO: |[Gg]eneral protection|Oops|[Pp]anic: |[Pp]anic - |UBSAN|UBSan:|divide error|double fault|invalid opcode|stack segment|nable to handle kernel|Unhandled fault|unregister_netdevice|corruption[.:]|refcount_t|possible |Fatal trap|fatal .{0,20}fault|uvm_fault|inconsistent lock|suspicious RCU|trap, code=|ASan:|watchdog: |VFS: Busy|witness: |KASAN: invalid |fatal protection|ASSERT FAILED at /;

function bug(kind: string, name: string | null = null, more: Partial<KernelBug> = {}): KernelBug {
  const known = name !== null && !isKernelMachinery(name) ? name : null;
  return { kind, function: known, named: name, value: null, certain: false, prefersStack: false, ...more };
}

const MEMORY_BUG = new RegExp(
  `BUG: (KASAN|KFENCE|KMSAN): ([\\w -]{1,80}?)(?: (read|write|Read|Write))? (?:in|on address) ${SYMBOL}`,
);
const RACE = new RegExp(`BUG: KCSAN: ((?:assert: )?[\\w-]{1,40}) in ${SYMBOL}(?: / ${SYMBOL})?`);
function sanitizer(lines: readonly string[], at: number, line: string): KernelBug | null {
  const kasan = MEMORY_BUG.exec(line);
  if (kasan !== null) {
    const access = accessBelow(lines, at) ?? kasan[3] ?? null;
    const named =
      access === null || kasan[1] === "KMSAN" ? "" : ` ${access[0]!.toUpperCase()}${access.slice(1).toLowerCase()}`;
    return bug(`${kasan[1]}: ${kasan[2]}${named}`, /in /.test(kasan[0]) ? kasan[4]! : null, { certain: true });
  }
  const bare = /BUG: (KASAN|KFENCE|KMSAN): ([\w -]{1,80})/.exec(line);
  if (bare !== null)
    return bug(`${bare[1]}: ${bare[2]!.replace(/ (?:in|on address).*$/, "")}`, null, { certain: true });
  const race = RACE.exec(line);
  if (race !== null) {
    // Which of the two was seen first is chance.
    const both = race[3] === undefined ? [race[2]!] : [race[2]!, race[3]].sort();
    return { ...bug(`KCSAN: ${race[1]}`, null, { certain: true }), function: both.join(" / ") };
  }
  const undefinedBehaviour =
    /UBSAN: ([\w -]{1,60}?) in ([\w./-]{1,300})/.exec(line) ??
    /UBSAN: (Undefined behaviour) in ([\w./-]{1,300})/.exec(line) ??
    /(?:K?UBSan): Undefined [Bb]ehaviou?r in ()([^\s,:]{1,300})/.exec(line);
  return undefinedBehaviour === null
    ? null
    : bug(`UBSAN: ${undefinedBehaviour[1] || "undefined behaviour"}`, null, {
        certain: true,
        prefersStack: true,
        value: undefinedBehaviour[2]!,
      });
}

function accessBelow(lines: readonly string[], at: number): string | null {
  for (let i = at + 1; i < Math.min(lines.length, at + 4); i++) {
    const match = /^\s{0,8}(Read|Write)(?: of size|\b)|(?:by|of) (read|write) of size/i.exec(lines[i]!);
    if (match !== null) return match[1] ?? match[2]!;
  }
  return null;
}

const LOCK_TAKER = new RegExp(
  `(?: at: |is trying to release lock .{1,160} at:?\\s{0,4})(?:\\[<[0-9a-f]{4,16}>\\] )?${SYMBOL}`,
);

/** Lockdep names the lock's taker behind `at:`. */
function locking(lines: readonly string[], at: number, line: string): KernelBug | null {
  const kind =
    /possible (?:circular locking dependency|recursive locking|irq lock inversion)/.test(line) ||
    /HARDIRQ-safe|SOFTIRQ-safe|-> .{0,20}unsafe lock order/.test(line)
      ? "possible deadlock"
      : /inconsistent lock state/.test(line)
        ? "inconsistent lock state"
        : /bad unlock balance/.test(line)
          ? "bad unlock balance"
          : /suspicious RCU usage/.test(line)
            ? "suspicious RCU usage"
            : /lock held when returning|still has locks held|lock held at task exit|held lock freed/.test(line)
              ? "locks held"
              : /Invalid wait context/.test(line)
                ? "invalid wait context"
                : /trying to register non-static key/.test(line)
                  ? "non-static key"
                  : null;
  if (kind === null) return null;
  // A freed lock is listed at the place that took it; who freed it stands in the trace alone.
  const isFreed = /held lock freed/.test(line);
  for (let i = at + 1; !isFreed && i < Math.min(lines.length, at + LOOK_AHEAD); i++) {
    if (
      /^but task is already|is already holding|state was registered at|^stack backtrace|already holds|which lock already/.test(
        lines[i]!,
      )
    )
      break;
    const taker = lines[i]!.endsWith("[inline]") ? null : LOCK_TAKER.exec(lines[i]!);
    if (taker === null) continue;
    // `at: down_trylock` says nothing; the next line may name who called it, else the trace does.
    if (isKernelMachinery(taker[1]!)) continue;
    return bug(kind, kind === "suspicious RCU usage" ? null : taker[1]!, { certain: true, prefersStack: true });
  }
  return bug(kind, null, { certain: true, prefersStack: true });
}

function waiting(line: string): KernelBug | null {
  if (/INFO: task \S{1,80} blocked (?:in I\/O wait )?for more than/.test(line))
    return bug("task hung", null, { certain: true, prefersStack: true });
  if (/INFO: task \S{1,80} can't die/.test(line)) return bug("can't die", null, { certain: true, prefersStack: true });
  if (/rcu.{0,60}(?:self-)?detected (?:expedited )?stalls?|INFO: rcu\w{0,30}.{0,60}stall/.test(line))
    return bug("rcu stall", null, { certain: true });
  if (/BUG: soft lockup|BUG: workqueue lockup|hard LOCKUP|hard lockup/i.test(line))
    return bug(/workqueue/.test(line) ? "workqueue lockup" : "soft lockup", null, { certain: true });
  const device = /unregister_netdevice: waiting for (\S{1,40}) to become free/.exec(line);
  return device === null
    ? null
    : { ...bug("unregister_netdevice", null, { certain: true }), function: "unregister_netdevice" };
}

const WARNED = new RegExp(
  `WARNING: (?:CPU: \\d{1,4} PID: \\d{1,9} )?(?:at |in )?(?:([\\w./-]{1,300}\\.(?:[chS]|rs)):\\d{1,9}(?: (?:at )?${SYMBOL}(?:\\+0x|\\(\\)))?|${SYMBOL}\\+0x)`,
);

function warning(line: string): KernelBug | null {
  const match = WARNED.exec(line);
  if (match !== null) {
    const certain = match[2] !== undefined && /^WARNING: CPU: |:\d{1,9} at /.test(line);
    return bug("WARNING", match[2] ?? match[3] ?? null, { value: match[1] ?? null, certain });
  }
  const refcount = /refcount_t: (underflow|addition on 0|increment on 0|decrement hit 0|saturated)/.exec(line);
  if (refcount !== null) return bug("refcount bug", null, { prefersStack: true, certain: true });
  const odebug = /ODEBUG: (\w{1,20}) /.exec(line);
  return odebug === null ? null : bug("ODEBUG bug", null, { prefersStack: true, certain: true });
}

function fault(lines: readonly string[], at: number, line: string): KernelBug | null {
  if (/list_(?:add|del).{0,20}corruption|corrupted list/.test(line))
    return bug("corrupted list", null, { prefersStack: true });
  const own = /kernel BUG at ([\w./-]{1,300}):\d{1,9}/.exec(line);
  if (own !== null) {
    const listed = at > 0 && /list_\w{1,20} corruption/.test(lines[at - 1]!);
    return bug(listed ? "corrupted list" : "kernel BUG", null, { value: own[1]!, certain: true });
  }
  if (/nable to handle kernel NULL pointer|kernel NULL pointer dereference/.test(line))
    return bug("NULL pointer dereference");
  if (
    /nable to handle (?:kernel )?(?:paging request|data access|instruction fetch|page fault|access to user)|nable to handle page fault/.test(
      line,
    )
  )
    return bug("paging request");
  if (/[Gg]eneral protection fault/.test(line)) return bug("general protection fault");
  const trap =
    /\b(divide error|double fault|invalid opcode|stack segment|Unhandled fault|segment not present|alignment check|coprocessor)(?:[:,]| in)/.exec(
      line,
    );
  if (trap !== null) return bug(trap[1]!);
  return null;
}

function rest(lines: readonly string[], at: number, line: string): KernelBug | null {
  const sleeping =
    /BUG: (sleeping function called from invalid context|scheduling while atomic|using \w{1,40}\(\) in preemptible|spinlock [\w ]{1,40}|rwlock [\w ]{1,40}|Bad (?:page state|page map|rss-counter state)|memory leak|bad usercopy|(?:\w{1,12} )?stack guard page was hit|stack overflow|Dentry .{1,80} still in use|looking up invalid subclass|MAX_\w{1,40}|non-zero pgtables_bytes)/.exec(
      line,
    );
  if (sleeping !== null) {
    const kind = sleeping[1]!
      .replace(/ \w{1,40}\(\)/, "")
      .replace(/ on (?:CPU|task)\b.*$|^\w+ (?=stack guard)/g, "")
      .replace(/^Dentry.*$/, "Dentry still in use");
    // A stack that is full is full where the pointer stands.
    const prefersStack = !kind.startsWith("stack ");
    return bug(kind, null, { prefersStack, certain: /memory leak|sleeping|scheduling|^Bad /.test(kind) });
  }
  const slab = /^BUG (\S{1,60}) \(.{1,60}\): (.{1,60})$/.exec(line);
  if (slab !== null) return bug(`slab: ${slab[2]}`, null, { prefersStack: true });
  const other = /(?<![A-Z])BUG: ([A-Za-z].{2,80})$/.exec(line);
  if (other !== null)
    return bug(other[1]!.replace(/\b(?:0x)?[0-9a-f]*\d[0-9a-f]*\b/g, "N").slice(0, 60), null, { prefersStack: true });
  if (/^Internal error: |Oops(?:\[#\d{1,4}\])?:|Oops - /.test(line)) return bug("Oops");
  const linux = /Kernel panic - not syncing: (.{1,200})/.exec(line);
  const smashed = /stack-protector: Kernel stack is corrupted in: {1,2}([A-Za-z_]\w{0,200})/.exec(line);
  if (smashed !== null) return bug("stack is corrupted", smashed[1], { certain: true, prefersStack: true });
  if (linux !== null)
    return bug(panicked("kernel panic", linux[1]!), null, { value: linux[1]!, certain: true, prefersStack: true });
  // Zircon names the check that failed; its stack is one of addresses.
  const check = /\bASSERT FAILED at \(([^():]{1,300}):\d{1,9}\): (.{1,300})$/.exec(line);
  if (check !== null)
    return bug(panicked("ASSERT FAILED", check[2]!), null, { value: check[2]!, certain: true, prefersStack: true });
  return bsd(lines, at, line);
}

function bsd(lines: readonly string[], at: number, line: string): KernelBug | null {
  const asan =
    /^k?ASan: (?:Unauthorized Access|.{1,60}?)(?: In \S{1,40})?: Addr .{1,60}\[(?:[^,\]]{1,40}, ){1,3}(\w{1,40})/.exec(
      line,
    );
  if (asan !== null) return bug(`ASan: ${asan[1]}`);
  const access = /^panic: k?ASan: (\w[\w ]{1,40}), \d{1,9}-byte (\w{1,20})/.exec(line);
  if (access !== null) return bug(`ASan: ${access[1]} ${access[2]}`);
  if (/^KASAN: invalid (?:read|write) of \d|^panic: Caught invalid memory access at /.test(line))
    return bug("KASAN: invalid memory access", null, { certain: true });
  const witness = /^witness: (\w[\w ]{1,40})(?:: (\w[\w ]{1,60}))?:?$/.exec(line);
  if (witness !== null) return bug(`witness: ${witness[2] ?? witness[1]}`, null, { certain: true, prefersStack: true });
  if (/^uvm_fault\(0x.{1,120}\) -> \w{1,4}$/.test(line)) return bug("page fault", null, { certain: true });
  const trap =
    /^(?:Fatal trap \d{1,3}: (.{1,80}?)(?: while in \w{1,20} mode)?|(?:panic: )?fatal (.{1,40}) in supervisor mode|kernel: (.{1,40}) trap, code=.*|panic: (?:ASan|kASan|KASAN): .{0,10}?(\w[\w ,()-]{1,80}).*)$/.exec(
      line,
    );
  if (trap !== null) return bug(trap[1] ?? trap[2] ?? trap[3] ?? trap[4]!);
  const panic = /^(?:\[ ?\d{1,12}\.\d{1,12}\] )?panic: (.{1,300})$/.exec(line);
  if (panic === null) return null;
  // Go says `panic:` too; a BSD's trace stands within a few lines.
  const near = lines.slice(at + 1, at + 60);
  if (
    !near.some((each) =>
      /\(\) at |\) at (?:netbsd:)?\w{1,80}\+0x|^#\d{1,3} 0x[0-9a-f]{8,16} at |^KDB: |^Stopped at |^cpu\d{1,3}: Begin traceback/.test(
        each,
      ),
    )
  )
    return null;
  return bug(panicked("panic", panic[1]!), null, { value: panic[1]!, certain: true });
}

/** Who panics writes why: the words tell two panics apart even where their stacks are lost. */
function panicked(kind: string, said: string): string {
  const words = said
    .replace(
      /^(?:panic_on_warn set|Fatal exception).*$|\bpid \d.*$|[:,(@]? ?(?:0x)?[0-9a-f]*\d[0-9a-f]*\b.*$|\/.*$/i,
      "",
    )
    .replace(/[^A-Za-z0-9)>]+$/, "")
    .slice(0, 60);
  return words === "" ? kind : `${kind}: ${words}`;
}
