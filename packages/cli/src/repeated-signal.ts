/**
 * A Ctrl-C under `npm start` or `npx` arrives twice: from the terminal, and again from npm, which
 * passes it on. Only a repetition after this long is a person's second one.
 */
const ECHO_MS = 250;

/** Tells signals that a person sent from echoes of them. Returns how many of this kind were real. */
export function createSignalCounter(): (signal: string, at: number) => { count: number; isEcho: boolean } {
  const seen = new Map<string, { count: number; at: number }>();
  return (signal, at) => {
    const before = seen.get(signal);
    const isEcho = before !== undefined && at - before.at < ECHO_MS;
    const count = (before?.count ?? 0) + (isEcho ? 0 : 1);
    seen.set(signal, { count, at: isEcho ? before.at : at });
    return { count, isEcho };
  };
}
