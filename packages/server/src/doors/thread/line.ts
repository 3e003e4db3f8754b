import type { Port } from "../../platform/threads.ts";

export interface Line<Out> {
  say(message: Out, moved?: ArrayBuffer): void;
  /** What was said and is still here leaves now. */
  flush(): void;
}

/**
 * Messages in their order, all of one turn of the event loop in one: waking the other thread for each
 * would cost as much as many an event. Both ends are our own code, so what comes is what was said.
 */
export function openLine<Out, In>(
  port: Port,
  isMessage: (value: unknown) => value is In,
  onMessage: (message: In) => void,
): Line<Out> {
  let said: Out[] = [];
  let moved: ArrayBuffer[] = [];
  const flush = (): void => {
    if (said.length === 0) return;
    const [messages, buffers] = [said, moved];
    said = [];
    moved = [];
    port.post(messages, buffers);
  };
  port.onValue((messages) => {
    if (Array.isArray(messages)) for (const message of messages) if (isMessage(message)) onMessage(message);
  });
  return {
    say(message, buffer) {
      if (said.length === 0) setImmediate(flush);
      said.push(message);
      if (buffer !== undefined) moved.push(buffer);
    },
    flush,
  };
}
