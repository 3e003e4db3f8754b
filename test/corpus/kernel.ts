import { KERNEL_REPORTS } from "./kernel-reports.ts";

/** `group` is the kind and the crash function. */
type KernelReport = { group: string; kind: string; crash: string; text: string };

type Console = { isDecoded: boolean; prefix: (at: number) => string; noise: boolean; suffix: string; callers: number };

/** Four consoles that the same bug comes over: raw or decoded, each printk style, other lines between. */
const CONSOLES: readonly Console[] = [
  {
    isDecoded: true,
    prefix: (at) => `[  ${at}.100${at % 10}31][ T${5000 + at}] `,
    noise: false,
    suffix: "",
    callers: 0,
  },
  { isDecoded: false, prefix: (at) => `[   ${at}.0${at % 10}3211] `, noise: true, suffix: "", callers: 1 },
  { isDecoded: true, prefix: () => "", noise: true, suffix: ".isra.0", callers: 2 },
  {
    isDecoded: false,
    prefix: (at) => `<4>[  ${at}.12${at % 10}456][    C1] `,
    noise: false,
    suffix: ".llvm.8841273",
    callers: 3,
  },
];

const CALLERS: readonly (readonly string[])[] = [
  [
    "__sock_release net/socket.c",
    "sock_close net/socket.c",
    "__fput fs/file_table.c",
    "do_syscall_64 arch/x86/entry/common.c",
  ],
  ["vfs_ioctl fs/ioctl.c", "__x64_sys_ioctl fs/ioctl.c", "entry_SYSCALL_64_after_hwframe"],
  ["__sys_sendmsg net/socket.c", "__x64_sys_sendmsg net/socket.c", "do_syscall_64 arch/x86/entry/common.c"],
  ["path_mount fs/namespace.c", "__se_sys_mount fs/namespace.c", "x64_sys_call arch/x86/entry/syscall_64.c"],
];

/** Every report over every console, so that the runs of one bug stand apart. */
export function generateKernel(): KernelReport[] {
  return CONSOLES.flatMap((console, run) =>
    KERNEL_REPORTS.map((report, at) => {
      const end = report.indexOf("\n");
      const [kind = "", crash = ""] = report.slice(0, end).split(" | ");
      const text = write(report.slice(end + 1), console, 1 + run * 61 + at);
      return { group: `${kind} in ${crash}`, kind, crash, text };
    }),
  );
}

function write(report: string, console: Console, seed: number): string {
  // Numbers that differ from run to run, and are the same whenever the corpus is built.
  let state = seed;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647);
  const offset = (): string => `+0x${(next() % 900).toString(16)}/0x${(1000 + (next() % 900)).toString(16)}`;
  const values: Readonly<Record<string, () => string>> = {
    A: () => `ffff8880${(next() % 0xffffff).toString(16).padStart(6, "0")}00`,
    O: offset,
    P: () => String(4000 + (next() % 3000)),
    C: () => String(next() % 2),
    N: () => String(1 + (next() % 8)),
    V: () => `6.${next() % 12}.0-rc${next() % 7}-g${(next() % 0xffffff).toString(16)} #0`,
  };
  const callers = (CALLERS[console.callers] ?? []).map((each) => `@ ${each}`);
  const lines = report.split("\n").flatMap((line) => (line === "{S}" ? callers : [line]));
  const written = lines.flatMap((line) => {
    const call = /^@([i?]?) (\S+)(?: (\S+))?$/.exec(line);
    if (call === null) {
      const filled = line.replace(/\{([AOPCNV])\}/g, (_all, name: string) => values[name]?.() ?? "");
      const isInline = filled.endsWith(" [inline]");
      return console.isDecoded
        ? [filled]
        : isInline
          ? []
          : [filled.replace(/(\/0x[0-9a-f]+) [\w/.-]+\.[chS]:\d+/, "$1")];
    }
    const [, how, name, file] = call;
    const place = console.isDecoded && file !== undefined ? ` ${file}:${next() % 4000}` : "";
    if (how === "i") return console.isDecoded ? [` ${name}${place} [inline]`] : [];
    if (how === "?") return [` ? ${name}${offset()}`];
    const suffix = console.suffix !== "" && /^[a-z]+_[a-z]+$/.test(name ?? "") ? console.suffix : "";
    return [` ${name}${suffix}${offset()}${place}`];
  });
  const noisy = console.noise
    ? [
        "loop0: detected capacity change from 0 to 512",
        "audit: type=1400 audit(1700000000.123:4): avc: denied",
        ...written.flatMap((line, at) => (at === 9 ? ["device veth0_vlan entered promiscuous mode", line] : [line])),
        "Kernel panic - not syncing: kernel: panic_on_warn set ...",
        "Kernel Offset: disabled",
        "Rebooting in 86400 seconds..",
      ]
    : written;
  return noisy.map((line, at) => `${console.prefix(40 + at)}${line}`).join("\n");
}
