/**
 * A filter of system calls for bubblewrap's `--seccomp`, put together here: classic BPF is an array of eight-byte
 * instructions, so no compiler and no native add-on is needed. A runtime in the sandbox makes threads and speaks over
 * three pipes; it never makes a process, a socket, a namespace or a mount, and looks into no other process.
 */

/** Numbers by architecture; `null` where it has no such call. From the kernel's own tables (syscall_64.tbl, unistd.h). */
const CALLS: Readonly<Record<string, readonly [x64: number, arm64: number | null]>> = {
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  pidfd_getfd: [438, 438],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  socket: [41, 198],
  unshare: [272, 97],
  setns: [308, 268],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsmount: [432, 432],
  mount_setattr: [442, 442],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  reboot: [169, 142],
  swapon: [167, 224],
  acct: [163, 89],
  syslog: [103, 116],
};
const FORKS: typeof CALLS = { fork: [57, null], vfork: [58, null] };
/** Answered "there is no such call", so that libraries take the older way, which is looked at below. */
const UNKNOWN: Readonly<Record<string, readonly [number, number]>> = {
  clone3: [435, 435],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
};
const CLONE = [56, 220] as const;
/** Set for a thread, and for nothing else. */
const CLONE_THREAD = 0x1_0000;
/** Any of CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NAMESPACES = 0x7e02_0000;

const ARCHITECTURES: Readonly<Record<string, { readonly audit: number; readonly at: 0 | 1 }>> = {
  x64: { audit: 0xc000_003e, at: 0 },
  arm64: { audit: 0xc000_00b7, at: 1 },
};
/** Numbers from here on are of the x32 ABI, which nothing here uses. */
const X32 = 0x4000_0000;

const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const JUMP_SET = 0x45;
const RETURN = 0x06;
const ALLOW = 0x7fff_0000;
const KILL = 0x8000_0000;
const EPERM = 0x0005_0001;
const ENOSYS = 0x0005_0026;
/** Offsets in `struct seccomp_data`. */
const NUMBER = 0;
const AUDIT = 4;
const FIRST_ARGUMENT = 16;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/** The filter for an architecture as Node names it; null where its numbers are not known here. */
export function seccompFilter(architecture: string, mayFork = false): Buffer | null {
  const known = ARCHITECTURES[architecture];
  if (known === undefined) return null;
  const program: Instruction[] = [
    [LOAD, 0, 0, AUDIT],
    [JUMP_EQUAL, 1, 0, known.audit],
    [RETURN, 0, 0, KILL],
    [LOAD, 0, 0, NUMBER],
  ];
  if (known.at === 0) program.push([JUMP_AT_LEAST, 0, 1, X32], [RETURN, 0, 0, EPERM]);
  const refuse = (calls: typeof CALLS, how: number): void => {
    for (const numbers of Object.values(calls)) {
      const number = numbers[known.at];
      if (number !== null) program.push([JUMP_EQUAL, 0, 1, number], [RETURN, 0, 0, how]);
    }
  };
  refuse(CALLS, EPERM);
  if (!mayFork) refuse(FORKS, EPERM);
  refuse(UNKNOWN, ENOSYS);
  program.push(
    [JUMP_EQUAL, 0, 3, CLONE[known.at]],
    [LOAD, 0, 0, FIRST_ARGUMENT],
    // A thread, or at least nothing with a namespace of its own.
    ...(mayFork ? [[JUMP_SET, 0, 1, NAMESPACES] as const] : [[JUMP_SET, 1, 0, CLONE_THREAD] as const]),
    [RETURN, 0, 0, EPERM],
    [RETURN, 0, 0, ALLOW],
  );
  const bytes = Buffer.alloc(program.length * 8);
  for (const [at, [code, ifTrue, ifFalse, value]] of program.entries()) {
    bytes.writeUInt16LE(code, at * 8);
    bytes.writeUInt8(ifTrue, at * 8 + 2);
    bytes.writeUInt8(ifFalse, at * 8 + 3);
    bytes.writeUInt32LE(value, at * 8 + 4);
  }
  return bytes;
}
