/** So long may an invocation take; while a person is asked, its time stands still. */
export function createTimeLimit(ms: number) {
  const over = new AbortController();
  let left = ms;
  let since = performance.now();
  let pauses = 0;
  const start = (): NodeJS.Timeout =>
    setTimeout(() => over.abort(new DOMException("time is over", "TimeoutError")), left);
  let timer = start();

  return {
    signal: over.signal,
    begins(): void {
      pauses += 1;
      if (pauses > 1) return;
      clearTimeout(timer);
      left -= performance.now() - since;
    },
    ends(): void {
      pauses -= 1;
      if (pauses > 0) return;
      since = performance.now();
      timer = start();
    },
    stop: (): void => clearTimeout(timer),
  };
}
