/**
 * Process 1 of a container inherits every orphan, and only a process that waits for children it does
 * not know can let them go. Node has no way to: they stay as zombies. Null when we are not process 1.
 */
export function firstProcessAdvice(): string | null {
  if (process.pid !== 1) return null;
  return "as process 1 prunella cannot reap what programs leave behind: each stays as a zombie. Put an init before it: docker run --init, init: true in a compose file, or tini in the image";
}
